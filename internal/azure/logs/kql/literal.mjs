// Literals, dynamic ones included (Microsoft Learn: kusto/query/scalar-data-types).

import { Failure } from './failure.mjs';
import { parseDateTime, parseTimespan } from './time.mjs';
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
  DateTimeLiteralExpression: n => read(n, parseDateTime),
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
  DynamicExpression: n => literal(n.Expression),
  JsonArrayExpression: n => n.Values.map(literal),
  JsonObjectExpression: n => Object.fromEntries(n.Pairs.map(p => [p.Name.value ?? unquoted(p.Name), literal(p.Value)])),
  UnaryMinusExpression: n => -literal(n.Expression),
};

export function literal(node) {
  const rule = rules[node.kind];
  if (!rule) throw new Failure(`${node.kind} is not supported in a literal`, node.at);
  return rule(node);
}
