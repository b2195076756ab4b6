// Operators that choose or order rows: where, take, top, sort, distinct, count, and those without an effect on rows
// (Microsoft Learn: kusto/query/tabular-operators).

import { keyOf, order } from './values.mjs';
import { compile, constant } from './expression.mjs';
import { scopeOf, compileAll } from './scope.mjs';

function where(node, input, run, env) {
  const test = compile(node.Condition, scopeOf(input, run, env));
  return { columns: input.columns, rows: input.rows.filter((r, i, all) => test(r, i, all) === true) };
}

function take(node, input, run, env) {
  const n = Number(constant(node.Expression, { env, run }));
  return { columns: input.columns, rows: input.rows.slice(0, n) };
}

/** sorted orders rows: descending unless told otherwise, nulls first when ascending and last when descending. */
export function sorted(expressions, input, run, env) {
  const keys = expressions.map(e => {
    const asc = e.Ordering?.AscOrDescKeyword === 'asc';
    const said = e.Ordering?.NullsClause?.FirstOrLastKeyword;
    return {
      value: compile(e.kind === 'OrderedExpression' ? e.Expression : e, scopeOf(input, run, env)),
      sign: asc ? 1 : -1,
      nulls: (said ? said === 'first' : asc) ? -1 : 1,
    };
  });
  const items = input.rows.map((row, i, all) => ({ row, i, k: keys.map(k => k.value(row, i, all)) }));
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

const sort = (node, input, run, env) => ({ columns: input.columns, rows: sorted(node.Expressions, input, run, env) });

function top(node, input, run, env) {
  const n = Number(constant(node.Expression, { env, run }));
  return { columns: input.columns, rows: sorted([node.ByExpression], input, run, env).slice(0, n) };
}

function distinct(node, input, run, env) {
  const all = node.Expressions.length === 1 && node.Expressions[0].kind === 'StarExpression';
  const values = all ? input.columns.map((_, at) => row => row[at]) : compileAll(node.Expressions, input, run, env);
  const seen = new Set(), rows = [];
  input.rows.forEach((row, i, every) => {
    const made = values.map(v => v(row, i, every)), k = keyOf(made);
    if (!seen.has(k)) {
      seen.add(k);
      rows.push(made);
    }
  });
  return { columns: node.columns, rows };
}

const count = (node, input) => ({ columns: node.columns, rows: [[input.rows.length]] });
const same = (node, input) => input;

function schema(node, input) {
  const net = { long: 'System.Int64', int: 'System.Int32', real: 'System.Double', bool: 'System.SByte', string: 'System.String', datetime: 'System.DateTime', timespan: 'System.TimeSpan', dynamic: 'System.Object', guid: 'System.Guid' };
  return { columns: node.columns, rows: input.columns.map((c, i) => [c.name, i, net[c.type], c.type]) };
}

export const rowOperators = {
  FilterOperator: where, TakeOperator: take, SortOperator: sort, TopOperator: top, DistinctOperator: distinct, CountOperator: count,
  // Charts are the reader's business.
  RenderOperator: same, ConsumeOperator: (node, input) => ({ columns: input.columns, rows: [] }), AsOperator: (node, input, run, env) => {
    env.setTable(node.Name.symbol?.name ?? node.Name.Name, input);
    return input;
  },
  GetSchemaOperator: schema,
};
