// Operators that choose or order rows: where, take, top, sort, distinct, count, and those without an effect on rows
// (Microsoft Learn: kusto/query/tabular-operators).

import { keyOf, order } from './values.mjs';
import { compile, constant } from './expression.mjs';
import { scopeOf, compileAll } from './scope.mjs';
import { Table, picker, visit } from './table.mjs';
import { spend } from './memory.mjs';

function where(node, input, run, env) {
  const scope = scopeOf(input, run, env), test = compile(node.Condition, scope);
  return new Table(input.columns, give => visit(input, scope, (row, i, all) => test(row, i, all) === true ? give(row) : true));
}

/** firstOf are the first rows of a table; no more are made. Who takes them may want others behind them. */
export const firstOf = (input, n) => new Table(input.columns, give => {
  let left = n, more = true;
  if (n > 0) {
    input.each(row => {
      more = give(row) !== false;
      return more && --left > 0;
    });
  }
  return more;
});

const take = (node, input, run, env) => firstOf(input, Number(constant(node.Expression, { env, run })));

/** sorted orders rows: descending unless told otherwise, nulls first when ascending and last when descending. */
export function sorted(expressions, input, run, env) {
  const scope = scopeOf(input, run, env);
  const keys = expressions.map(e => {
    const asc = e.Ordering?.AscOrDescKeyword === 'asc';
    const said = e.Ordering?.NullsClause?.FirstOrLastKeyword;
    return {
      value: compile(e.kind === 'OrderedExpression' ? e.Expression : e, scope),
      sign: asc ? 1 : -1,
      nulls: (said ? said === 'first' : asc) ? -1 : 1,
    };
  });
  const items = [];
  visit(input, scope, (row, i, all) => {
    items.push({ row, i: items.length, k: keys.map(k => k.value(row, i, all)) });
    spend(items.length);
  });
  items.sort((a, b) => {
    for (let n = 0; n < keys.length; n++) {
      const x = a.k[n], y = b.k[n];
      const c = x === null || y === null ? (x === y ? 0 : x === null ? keys[n].nulls : -keys[n].nulls) : keys[n].sign * order(x, y);
      if (c) return c;
    }
    return a.i - b.i;
  });
  return items.map(item => item.row);
}

const sort = (node, input, run, env) => new Table(input.columns, sorted(node.Expressions, input, run, env));

function top(node, input, run, env) {
  const n = Number(constant(node.Expression, { env, run }));
  return new Table(input.columns, sorted([node.ByExpression], input, run, env).slice(0, n));
}

function distinct(node, input, run, env) {
  const scope = scopeOf(input, run, env), star = node.Expressions.length === 1 && node.Expressions[0].kind === 'StarExpression';
  const pick = picker(node.columns, input.columns), values = star ? [] : compileAll(node.Expressions, scope);
  return new Table(node.columns, give => {
    const seen = new Set();
    return visit(input, scope, (row, i, all) => {
      const made = star ? pick(row) : values.map(v => v(row, i, all)), k = keyOf(made);
      if (seen.has(k)) return true;
      seen.add(k);
      spend(seen.size);
      return give(made);
    });
  });
}

function count(node, input) {
  let n = 0;
  input.each(() => { n++; });
  return new Table(node.columns, [[n]]);
}

const same = (node, input) => input;

function schema(node, input) {
  const net = { long: 'System.Int64', int: 'System.Int32', real: 'System.Double', bool: 'System.SByte', string: 'System.String', datetime: 'System.DateTime', timespan: 'System.TimeSpan', dynamic: 'System.Object', guid: 'System.Guid' };
  return new Table(node.columns, (node.left ?? input.columns).map((c, i) => [c.name, i, net[c.type], c.type]));
}

export const rowOperators = {
  FilterOperator: where, TakeOperator: take, SortOperator: sort, TopOperator: top, DistinctOperator: distinct, CountOperator: count,
  // Charts are the reader's business.
  RenderOperator: same, ConsumeOperator: (node, input) => new Table(input.columns, []), AsOperator: (node, input, run, env) => {
    const all = new Table(input.columns, input.rows);
    env.setTable(node.Name.symbol?.name ?? node.Name.Name, all);
    return all;
  },
  GetSchemaOperator: schema,
};
