// parse and parse-where (Microsoft Learn: kusto/query/parse-operator).

import { empty } from './values.mjs';
import { to } from './convert.mjs';
import { text } from './format.mjs';
import { regex } from './regex.mjs';
import { compile } from './expression.mjs';
import { nameText } from './expression.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { Table, indexed, visit } from './table.mjs';
import { refuse } from './failure.mjs';

const escape = s => s.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
const shapes = { long: '[+-]?\\d+', int: '[+-]?\\d+', real: '[+-]?\\d*\\.?\\d+(?:[eE][+-]?\\d+)?', bool: 'true|false|True|False' };
const lazy = '[\\s\\S]*?', greedy = '[\\s\\S]*';

// What each kind makes of a constant, of a column by its type, and of a star. The last column or star takes all that is left.
//
// [M] unverified: that a star of kind=regex takes as little as it can under every flag; Microsoft's page writes .*? for it,
// and shows that a column of text takes as much as it can.
const parseKinds = {
  simple: { constant: escape, column: (type, last) => shapes[type] ?? (last ? greedy : lazy), star: last => last ? greedy : lazy, end: '$' },
  // A column whose text is not of its type is null, and the others stay.
  relaxed: { constant: escape, column: (type, last) => `${shapes[type] ? `${shapes[type]}|` : ''}${last ? greedy : lazy}`, star: last => last ? greedy : lazy, end: '$' },
  regex: { constant: s => `(?:${s})`, column: type => shapes[type] ?? '.*', star: () => '.*?', end: '' },
};

const flagsKnown = /^[imsU]*$/;

/** pattern turns the parts of a parse into one regular expression and the columns it fills. */
function pattern(node) {
  const kind = parameter(node, 'kind') ?? 'simple', rule = parseKinds[kind];
  if (!rule) refuse(`parse kind=${kind}`, node);
  const flags = parameter(node, 'flags') ?? '', ungreedyColumns = flags.includes('U');
  if (!flagsKnown.test(flags)) refuse(`parse flags=${flags}`, node);
  let source = '^', columns = [];
  node.Patterns.forEach((p, i) => {
    const last = i === node.Patterns.length - 1;
    if (p.kind === 'StarExpression') source += ungreedyColumns ? swapped(rule.star(last)) : rule.star(last);
    else if (p.kind === 'NameDeclaration' || p.kind === 'NameAndTypeDeclaration') {
      const name = nameText(p.kind === 'NameDeclaration' ? p : p.Name);
      const type = node.all.find(c => c.name === name).type;
      columns.push({ name, type });
      // Named groups: a pattern of kind=regex may have groups of its own.
      source += `(?<c${columns.length - 1}>${rule.column(type, last)})`;
    } else source += rule.constant(p.value);
  });
  return { regex: regex((flags ? `(?${flags})` : '') + source + rule.end), columns, strict: kind !== 'relaxed' };
}

// The flag U turns a star round as well, which is turned round here already.
const swapped = star => star.endsWith('?') ? star.slice(0, -1) : `${star}?`;

/** parsed are the values of one text, or null where the pattern does not fit. */
function parsed(p, s) {
  const m = p.regex.exec(s);
  if (!m) return null;
  m.groups ??= {};
  const values = p.columns.map((c, i) => to(c.type, m.groups[`c${i}`] ?? ''));
  return p.strict && values.includes(null) ? null : values;
}

const parse = keep => (node, input, run, env) => {
  const p = pattern(node), scope = scopeOf(input, run, env), value = compile(node.Expression, scope), from = indexed(input.columns);
  const cells = node.columns.map(c => {
    const at = p.columns.findIndex(x => x.name === c.name), before = from.get(c.name)?.at ?? -1, none = empty(c.type);
    return at >= 0 ? (row, values) => values?.[at] ?? none : row => row[before];
  });
  return new Table(node.columns, give => visit(input, scope, (row, i, all) => {
    const values = parsed(p, text(value(row, i, all)));
    return values || keep ? give(cells.map(c => c(row, values))) : true;
  }));
};

export const parseOperators = { ParseOperator: parse(true), ParseWhereOperator: parse(false) };
