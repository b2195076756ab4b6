// parse and parse-where (Microsoft Learn: kusto/query/parse-operator).

import { empty } from './values.mjs';
import { to } from './convert.mjs';
import { text } from './format.mjs';
import { regex } from './regex.mjs';
import { compile } from './expression.mjs';
import { nameText } from './expression.mjs';
import { scopeOf, indexed, parameter } from './scope.mjs';
import { refuse } from './failure.mjs';

const escape = s => s.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
const shapes = { long: '[+-]?\\d+', int: '[+-]?\\d+', real: '[+-]?\\d*\\.?\\d+(?:[eE][+-]?\\d+)?', bool: 'true|false|True|False' };

/** pattern turns the parts of a parse into one regular expression and the columns it fills. */
function pattern(node) {
  const kind = parameter(node, 'kind') ?? 'simple';
  if (!['simple', 'relaxed', 'regex'].includes(kind)) refuse(`parse kind=${kind}`, node);
  let source = '^', columns = [];
  node.Patterns.forEach((p, i) => {
    const last = i === node.Patterns.length - 1;
    if (p.kind === 'StarExpression') source += last ? '[\\s\\S]*' : '[\\s\\S]*?';
    else if (p.kind === 'NameDeclaration' || p.kind === 'NameAndTypeDeclaration') {
      const name = nameText(p.kind === 'NameDeclaration' ? p : p.Name);
      const type = node.columns.find(c => c.name === name).type;
      columns.push({ name, type });
      const shape = kind === 'relaxed' ? undefined : shapes[type];
      // Named groups: a pattern of kind=regex may have groups of its own.
      source += `(?<c${columns.length - 1}>${shape ?? (last ? '[\\s\\S]*' : '[\\s\\S]*?')})`;
    } else source += kind === 'regex' ? `(?:${p.value})` : escape(p.value);
  });
  const flags = parameter(node, 'flags');
  return { regex: regex((flags ? `(?${flags})` : '') + source + (kind === 'regex' ? '' : '$')), columns, strict: kind !== 'relaxed' };
}

/** parsed are the values of one text, or null where the pattern does not fit. */
function parsed(p, s) {
  const m = p.regex.exec(s);
  if (!m) return null;
  m.groups ??= {};
  const values = p.columns.map((c, i) => to(c.type, m.groups[`c${i}`] ?? ''));
  return p.strict && values.includes(null) ? null : values;
}

const parse = keep => (node, input, run, env) => {
  const p = pattern(node), value = compile(node.Expression, scopeOf(input, run, env)), from = indexed(input.columns);
  const rows = [];
  input.rows.forEach((row, i, all) => {
    const values = parsed(p, text(value(row, i, all)));
    if (!values && !keep) return;
    rows.push(node.columns.map(c => {
      const at = p.columns.findIndex(x => x.name === c.name);
      return at >= 0 ? values?.[at] ?? empty(c.type) : row[from.get(c.name).at];
    }));
  });
  return { columns: node.columns, rows };
};

export const parseOperators = { ParseOperator: parse(true), ParseWhereOperator: parse(false) };
