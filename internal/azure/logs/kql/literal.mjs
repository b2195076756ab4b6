// Literals, dynamic ones included (Microsoft Learn: kusto/query/scalar-data-types).

import { Failure } from './failure.mjs';
import { inDynamic } from './values.mjs';
import { moment, parseDateTime, parseTimespan } from './time.mjs';
import { toLong, toReal, toGuid } from './convert.mjs';

/** inner takes the text out of type(text) and of quotes. */
function inner(token) {
  const typed = /^\w+\s*\(([\s\S]*)\)$/.exec(token);
  return (typed ? typed[1] : token).trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** unquoted is a string token without its quotes. */
function unquoted(token) {
  try {
    return JSON.parse(token);
  } catch {
    return token.replace(/^(["'])([\s\S]*)\1$/, '$2');
  }
}

function read(node, convert) {
  const text = inner(node.Token);
  if (text === 'null') return null;
  const value = convert(text);
  if (value === null) throw new Failure(`${node.Token} is no ${node.type}`, node.at);
  return value;
}

const rules = {
  LongLiteralExpression: n => read(n, toLong),
  IntLiteralExpression: n => read(n, toLong),
  RealLiteralExpression: n => read(n, toReal),
  DecimalLiteralExpression: n => read(n, toReal),
  DateTimeLiteralExpression: n => read(n, dateTime),
  TimespanLiteralExpression: n => read(n, parseTimespan),
  GuidLiteralExpression: n => read(n, toGuid),
  StringLiteralExpression: n => n.value,
  CompoundStringLiteralExpression: n => n.value,
  TokenLiteralExpression: n => n.value,
  NullLiteralExpression: () => null,
  TypeOfLiteralExpression: () => null,
  BooleanLiteralExpression: n => {
    const text = inner(n.Token).toLowerCase();
    return text === 'null' ? null : text === 'true' || text === '1';
  },
  DynamicExpression: n => member(n.Expression),
  JsonArrayExpression: n => n.Values.map(member),
  JsonObjectExpression: n => Object.fromEntries(n.Pairs.map(p => [p.Name.value ?? unquoted(p.Name), member(p.Value)])),
  UnaryMinusExpression: n => -literal(n.Expression),
};

/** member is a literal inside a dynamic one. */
const member = n => inDynamic(n.kind === 'UnaryMinusExpression' ? n.Expression.type : n.type)(literal(n));

/** dateTime reads what stands in datetime(): text, or the numbers of a calendar. */
function dateTime(text) {
  const numbers = text.split(',').map(t => t.trim());
  if (numbers.length < 3 || numbers.length > 6 || !numbers.every(n => /^\d+(\.\d+)?$/.test(n))) return parseDateTime(text);
  const [whole, fraction] = (numbers[5] ?? '0').split('.');
  return moment(...numbers.slice(0, 5), ...Array(5 - Math.min(numbers.length, 5)).fill(0), whole, fraction);
}

export function literal(node) {
  const rule = rules[node.kind];
  if (!rule) throw new Failure(`${node.kind} is not supported in a literal`, node.at);
  return rule(node);
}
