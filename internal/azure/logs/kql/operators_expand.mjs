// mv-expand and mv-apply (Microsoft Learn: kusto/query/mv-expand-operator, mv-apply-operator).

import { empty, isBag } from './values.mjs';
import { to } from './convert.mjs';
import { compile, constant } from './expression.mjs';
import { scopeOf, givenName, madeNames, parameter } from './scope.mjs';
import { Table, indexed, visit } from './table.mjs';
import { mostListedOnce } from './aggregates.mjs';

/** elements are what a value expands to: an array's elements, a bag's properties, or the value itself. */
function elements(v, asArrays) {
  if (Array.isArray(v)) return v;
  if (isBag(v)) return Object.entries(v).map(([k, x]) => asArrays ? [k, x] : { [k]: x });
  return [v];
}

const parsed = new Set(['string', 'datetime', 'timespan', 'guid']);

/** cell casts an element for its column; text does not become a number, elements that do not conform become null. */
function cell(v, type) {
  if (v === undefined || v === null) return empty(type);
  if (type === 'dynamic') return v;
  return typeof v === 'string' && !parsed.has(type) ? null : to(type, v);
}

function expansions(node, input, scope, columns) {
  const types = indexed(columns), asArrays = (parameter(node, 'bagexpansion') ?? parameter(node, 'kind')) === 'array';
  const names = madeNames(node.Expressions.map(e => e.Expression), columns, node.left ?? input.columns);
  return node.Expressions.map((e, n) => {
    const value = compile(e.Expression, scope);
    return { name: names[n], type: types.get(names[n])?.type ?? 'dynamic', values: (row, i, all) => elements(value(row, i, all), asArrays) };
  });
}

/** lister makes the rows that a row becomes: cells of the expanded columns, of the index, and the row's own. */
function lister(columns, expanded, index, limit, input) {
  const from = indexed(input.columns);
  const cells = columns.map(c => {
    const x = expanded.findIndex(e => e.name === c.name), at = from.get(c.name)?.at ?? -1;
    if (x >= 0) return (row, lists, k) => cell(lists[x][k], c.type);
    return c.name === index ? (row, lists, k) => k : row => row[at];
  });
  return (row, i, all, give) => {
    const lists = expanded.map(x => x.values(row, i, all));
    // An empty array gives no row, as long as nothing beside it has elements.
    const n = Math.min(lists.reduce((most, l) => Math.max(most, l.length), 0), limit);
    for (let k = 0; k < n; k++) if (give(cells.map(c => c(row, lists, k))) === false) return false;
    return true;
  };
}

function mvExpand(node, input, run, env) {
  const scope = scopeOf(input, run, env), expanded = expansions(node, input, scope, node.all);
  const list = lister(node.columns, expanded, indexName(node), rowLimit(node, run, env), input);
  return new Table(node.columns, give => visit(input, scope, (row, i, all) => list(row, i, all, give)));
}

/** rowLimit is how many rows a row may become; the old name mvexpand stops at 128. */
function rowLimit(node, run, env) {
  if (node.RowLimitClause) return Number(constant(node.RowLimitClause.RowLimit, { env, run }));
  return node.MvExpandKeyword === 'mvexpand' ? mostListedOnce : Infinity;
}

function mvApply(node, input, run, env) {
  const inner = innerColumns(node, input), scope = scopeOf(input, run, env), expanded = expansions(node, input, scope, inner);
  const list = lister(inner, expanded, indexName(node), rowLimit(node, run, env), input), from = indexed(input.columns);
  return new Table(node.columns, give => visit(input, scope, (row, i, all) => {
    const rows = [];
    list(row, i, all, made => { rows.push(made); });
    const result = run.pipeline(node.Subquery.Expression, new Table(inner, rows), env), at = indexed(result.columns);
    const cells = node.columns.map(c => at.has(c.name) ? [true, at.get(c.name).at] : [false, from.get(c.name)?.at ?? -1]);
    return result.each(r => give(cells.map(([made, place]) => made ? r[place] : row[place])));
  }));
}

/** innerColumns are those the subquery sees: the input's, with the expanded ones. */
function innerColumns(node, input) {
  const columns = input.columns.map(({ name, type }) => ({ name, type }));
  for (const e of node.Expressions) {
    const name = givenName(e.Expression), type = e.ToTypeOf?.TypeOf.Types[0].symbol.name ?? 'dynamic', at = columns.findIndex(c => c.name === name);
    if (at >= 0) columns[at] = { name, type };
    else columns.push({ name, type });
  }
  const index = indexName(node);
  if (index) columns.push({ name: index, type: 'long' });
  return columns;
}

const indexName = node => parameter(node, 'with_itemindex');

export const expandOperators = { MvExpandOperator: mvExpand, MvApplyOperator: mvApply };
