// Scalar expressions: each node of the bound tree becomes a function of a row.
//
// compile(node, scope) gives (row, i, rows) => value. scope is {columns: Map(name -> {at, type}), env, run}: the columns of
// the table at hand, the names that let and parameters define, and the run's clock and tables.

import { equal, unequal, less, lessOrEqual, and, or, same, isBag, empty, inDynamic, plainNumber, Timespan } from './values.mjs';
import { arithmetic } from './arithmetic.mjs';
import { stringTests, lower, hasTermInsensitive } from './textmatch.mjs';
import { text } from './format.mjs';
import { to } from './convert.mjs';
import { literal } from './literal.mjs';
import { functions, takesDynamic } from './functions.mjs';
import { windows } from './functions_window.mjs';
import { userCall } from './calls.mjs';
import { Failure, refuse, written } from './failure.mjs';

export function compile(node, scope) {
  const rule = rules[node.kind];
  if (!rule) refuse(written(node), node);
  return rule(node, scope);
}

/** constant evaluates an expression that needs no row. */
export const constant = (node, scope) => compile(node, { ...scope, columns: new Map(), params: undefined, whole: {} })([], 0, []);

const rules = {
  ParenthesizedExpression: (n, s) => compile(n.Expression, s),
  SimpleNamedExpression: (n, s) => compile(n.Expression, s),
  CompoundNamedExpression: (n, s) => compile(n.Expression, s),
  UnaryMinusExpression: (n, s) => negative(n, compile(n.Expression, s)),
  UnaryPlusExpression: (n, s) => compile(n.Expression, s),
  NameReference: name,
  PathExpression: path,
  ElementExpression: element,
  FunctionCallExpression: call,
  ToScalarExpression: toScalar,
  InExpression: (n, s) => membership(n, s, v => v, false),
  InCsExpression: (n, s) => membership(n, s, foldText, false),
  NotInExpression: (n, s) => membership(n, s, v => v, true),
  NotInCsExpression: (n, s) => membership(n, s, foldText, true),
  HasAnyExpression: (n, s) => hasTerms(n, s, 'some'),
  HasAllExpression: (n, s) => hasTerms(n, s, 'every'),
  BetweenExpression: (n, s) => between(n, s, false),
  NotBetweenExpression: (n, s) => between(n, s, true),
};

const foldText = v => typeof v === 'string' ? lower(v) : v;

for (const kind of ['LongLiteral', 'IntLiteral', 'RealLiteral', 'DecimalLiteral', 'StringLiteral', 'CompoundStringLiteral', 'BooleanLiteral',
  'DateTimeLiteral', 'TimespanLiteral', 'GuidLiteral', 'NullLiteral', 'Dynamic', 'JsonObject', 'JsonArray', 'TokenLiteral', 'TypeOfLiteral']) {
  rules[`${kind}Expression`] = n => {
    const value = literal(n);
    return () => value;
  };
}

function negative(node, value) {
  return (r, i, all) => {
    const v = value(r, i, all);
    return v === null ? null : v instanceof Timespan ? new Timespan(-v.ticks) : -v;
  };
}

// ---- names and parts of dynamic values

function name(node, scope) {
  if (node.body) return userCall(node, scope, []);
  const id = node.symbol?.name ?? nameText(node.Name);
  const bound = node.symbol?.kind === 'Variable' || node.symbol?.kind === 'Parameter';
  const found = bound ? scope.params?.get(id) : scope.columns.get(id);
  if (found) {
    // A row lacks the cells that nothing was written into.
    const { at, type } = found, none = empty(type);
    return row => row[at] ?? none;
  }
  const value = scope.env.scalar(id, node);
  return () => value;
}

/** selected is the literal name in x.name and x['name']. */
function selected(node) {
  if (node.kind === 'BracketedExpression') return node.Expression.value;
  return nameText(node.Name);
}

/** nameText is a name as written, without brackets and quotes. */
export function nameText(n) {
  if (typeof n === 'string') return n;
  if (n.kind === 'BracketedName') return nameText(n.Name);
  return n.value ?? n.symbol?.name ?? nameText(n.Name);
}

function path(node, scope) {
  const tuple = node.Expression.symbol;
  if (tuple?.kind === 'Tuple') return name(node, scope);
  const of = compile(node.Expression, scope), member = selected(node.Selector);
  return (r, i, all) => part(of(r, i, all), member);
}

function element(node, scope) {
  const of = compile(node.Expression, scope);
  const at = compile(node.Selector.Expression ?? node.Selector, scope);
  return (r, i, all) => part(of(r, i, all), at(r, i, all));
}

/** part takes a member of a bag or an element of an array; negative indexes count from the end. */
export function part(of, at) {
  if (of === null || of === undefined || typeof of !== 'object') return null;
  if (Array.isArray(of)) return typeof at === 'number' ? of[at < 0 ? of.length + at : at] ?? null : null;
  return isBag(of) && typeof at === 'string' && Object.hasOwn(of, at) ? of[at] ?? null : null;
}

// ---- operators

for (const [kind, operator] of Object.entries(arithmetic)) {
  rules[kind] = (n, s) => {
    const a = compile(n.Left, s), b = compile(n.Right, s), apply = operator(n, n.Left.type, n.Right.type);
    return (r, i, all) => {
      const x = numeric(a(r, i, all)), y = numeric(b(r, i, all));
      return x === null || y === null ? null : apply(x, y);
    };
  };
}

// A dynamic operand may hold anything; only what counts as a number takes part.
const numeric = v => typeof v === 'string' || typeof v === 'boolean' ? null : plainNumber(v);

const comparisons = {
  EqualExpression: equal,
  NotEqualExpression: unequal,
  LessThanExpression: less,
  LessThanOrEqualExpression: lessOrEqual,
  GreaterThanExpression: (a, b) => less(b, a),
  GreaterThanOrEqualExpression: (a, b) => lessOrEqual(b, a),
};
for (const [kind, test] of Object.entries(comparisons)) {
  rules[kind] = (n, s) => {
    if (kind === 'EqualExpression' && n.Left.kind === 'StarExpression') return anyColumn(n, s, (v, type, want) => equal(text(v, type), text(want, n.Right.type)), compile(n.Right, s));
    const a = alike(n.Left, n.Right, s), b = alike(n.Right, n.Left, s);
    return (r, i, all) => test(a(r, i, all), b(r, i, all));
  };
}

/** alike compiles one side of a comparison; text beside a typed value is read as that type: ResponseCode == '200'. */
function alike(node, other, scope) {
  const value = compile(node, scope), type = other.type;
  if (node.type !== 'string' || ['string', 'dynamic', 'unknown', undefined].includes(type)) return value;
  return (r, i, all) => to(type, value(r, i, all));
}
rules.AndExpression = (n, s) => {
  const a = compile(n.Left, s), b = compile(n.Right, s);
  return (r, i, all) => { const x = a(r, i, all); return x === false ? false : and(x, b(r, i, all)); };
};
rules.OrExpression = (n, s) => {
  const a = compile(n.Left, s), b = compile(n.Right, s);
  return (r, i, all) => { const x = a(r, i, all); return x === true ? true : or(x, b(r, i, all)); };
};

for (const [kind, test] of Object.entries(stringTests)) {
  rules[kind] = (n, s) => {
    const b = compile(n.Right, s);
    if (n.Left.kind === 'StarExpression') return anyColumn(n, s, (v, type, want) => test(text(v, type), text(want, n.Right.type)), b);
    const a = compile(n.Left, s);
    return (r, i, all) => test(text(a(r, i, all), n.Left.type), text(b(r, i, all), n.Right.type));
  };
}

/** anyColumn is `* has x`: true where one column passes. */
function anyColumn(node, scope, test, wanted) {
  if (node.kind.startsWith('Not')) refuse(written(node), node);
  const columns = [...scope.columns.values()];
  return (r, i, all) => {
    const want = wanted(r, i, all);
    return columns.some(c => (r[c.at] ?? null) !== null && test(r[c.at], c.type, want));
  };
}

/** choices are what stands in the list of `in`: values, dynamic arrays, or the first column of a table. */
function choices(node, scope) {
  return node.Right.Expressions.flatMap(e => {
    if (e.columns) return firstColumn(scope.run.table(e, scope.env));
    const v = constant(e, scope);
    return Array.isArray(v) ? v : [v];
  });
}

/** firstColumn is what a table in the place of a list means. */
function firstColumn(table) {
  const cells = [], { type } = table.columns[0], at = table.columns[0].at ?? 0;
  table.each(row => { cells.push(row[at] ?? empty(type)); });
  return cells;
}

function membership(node, scope, fold, negated) {
  const of = compile(node.Left, scope), values = listOf(node, scope, fold);
  const quick = Array.isArray(values) && values.every(v => typeof v === 'string') ? new Set(values) : null;
  return (r, i, all) => {
    const v = fold(of(r, i, all));
    const list = typeof values === 'function' ? values(r, i, all) : values;
    const found = v !== null && (quick ? quick.has(v) : list.some(x => same(x, v)));
    return found !== negated;
  };
}

/** listOf is the list of `in`: values, or a function of the row where the list mentions columns. */
function listOf(node, scope, fold) {
  const folded = list => list.filter(v => v !== null).map(fold);
  if (!mentionsColumns(node.Right)) return folded(choices(node, scope));
  const items = node.Right.Expressions.map(e => compile(e, scope));
  return (r, i, all) => folded(items.flatMap(f => f(r, i, all)));
}

function mentionsColumns(node) {
  if (Array.isArray(node)) return node.some(mentionsColumns);
  if (node === null || typeof node !== 'object' || node.columns) return false;
  return node.kind === 'NameReference' && node.symbol?.kind === 'Column' || Object.values(node).some(mentionsColumns);
}

function hasTerms(node, scope, how) {
  const of = compile(node.Left, scope), terms = choices(node, scope).map(v => text(v));
  return (r, i, all) => {
    const s = text(of(r, i, all));
    return terms[how](t => hasTermInsensitive(s, t));
  };
}

function between(node, scope, negated) {
  const of = compile(node.Left, scope), from = compile(node.Right.First, scope), to = compile(node.Right.Second, scope);
  const span = node.Left.type === 'datetime' && node.Right.Second.type === 'timespan';
  return (r, i, all) => {
    const v = of(r, i, all), low = from(r, i, all);
    let high = to(r, i, all);
    if (span && low !== null && high !== null) high = { ticks: low.ticks + high.ticks };
    const inside = span ? betweenTicks(v, low, high) : and(lessOrEqual(low, v), lessOrEqual(v, high));
    return inside === null ? null : inside !== negated;
  };
}

function betweenTicks(v, low, high) {
  return v === null || low === null || high === null ? null : low.ticks <= v.ticks && v.ticks <= high.ticks;
}

// ---- calls

function toScalar(node, scope) {
  const value = node.Expression.columns ? firstCell(scope.run.table(node.Expression, scope.env)) ?? empty(node.type) : constant(node.Expression, scope);
  return () => value;
}

const firstCell = table => table.first()?.[table.columns[0].at ?? 0];

function call(node, scope) {
  const id = node.Name.symbol?.name ?? nameText(node.Name);
  const given = node.ArgumentList.Expressions;
  if (node.body) return userCall(node, scope, given);
  if (id === 'column_ifexists' || id === 'columnifexists') return columnIfExists(node, given, scope);
  if (windows[id]) scope.whole.needed = true;
  if (windows[id]) return windows[id](given.map(a => compile(a, scope)), given, scope);
  const rule = functions[id];
  if (!rule) throw new Failure(`the function ${id}() is not supported here`, node.at);
  if (rule.lazy) return rule.lazy(given.map(a => compile(a, scope)), node);
  const args = given.map(a => argument(a, scope, id, node)), types = given.map(a => a.type), none = empty(node.type);
  const apply = rule.site ? rule.site({ types, type: node.type, now: scope.run.now, run: scope.run, given, node, columns: scope.columns }) : rule;
  if (apply.wantsRow) return (r, i, all) => apply(r, ...args.map(a => a(r, i, all)));
  if (rule.nulls) return (r, i, all) => apply(...args.map(a => a(r, i, all)));
  return many(args, apply, none);
}

/** columnIfExists is a column that may not be there; the binder has looked, and so do we. */
function columnIfExists(node, [wanted, fallback], scope) {
  const id = wanted.value ?? constant(wanted, scope);
  if (!scope.columns.has(id)) return compile(fallback, scope);
  return name({ kind: 'NameReference', symbol: { name: id, kind: 'Column' }, at: node.at }, scope);
}

/** argument compiles an argument; a real that goes into a dynamic value, or comes out of one, changes its shape. */
function argument(node, scope, id, caller) {
  const value = compile(node, scope);
  if (node.type === 'dynamic') return takesDynamic.has(id) ? value : (r, i, all) => plainNumber(value(r, i, all));
  const as = inDynamic(node.type);
  return caller.type === 'dynamic' && takesDynamic.has(id) && node.type === 'real' ? (r, i, all) => as(value(r, i, all)) : value;
}

function many(args, apply, none) {
  if (args.length === 1) {
    const [a] = args;
    return (r, i, all) => { const x = a(r, i, all); return x === null ? none : apply(x); };
  }
  return (r, i, all) => {
    const values = [];
    for (const a of args) {
      const v = a(r, i, all);
      if (v === null) return none;
      values.push(v);
    }
    return apply(...values);
  };
}
