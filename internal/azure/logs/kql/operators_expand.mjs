// mv-expand and mv-apply (Microsoft Learn: kusto/query/mv-expand-operator, mv-apply-operator).

import { empty, isBag } from './values.mjs';
import { to } from './convert.mjs';
import { compile, constant } from './expression.mjs';
import { scopeOf, indexed, givenName, parameter } from './scope.mjs';
import { mostListedOnce } from './aggregates.mjs';
import { spend } from './memory.mjs';

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

function expansions(node, input, run, env, columns) {
  const scope = scopeOf(input, run, env), types = indexed(columns), asArrays = (parameter(node, 'bagexpansion') ?? parameter(node, 'kind')) === 'array';
  const spare = columns.filter(c => !scope.columns.has(c.name)).map(c => c.name);
  return node.Expressions.map(e => {
    const name = givenName(e.Expression) ?? spare.shift(), value = compile(e.Expression, scope);
    const type = types.get(name)?.type ?? 'dynamic';
    return { name, type, values: (row, i, all) => elements(value(row, i, all), asArrays) };
  });
}

function mvExpand(node, input, run, env) {
  const expanded = expansions(node, input, run, env, node.columns);
  const index = indexName(node), limit = rowLimit(node, run, env), from = indexed(input.columns), rows = [];
  input.rows.forEach((row, i, all) => {
    const lists = expanded.map(x => x.values(row, i, all));
    // An empty array gives no row, as long as nothing beside it has elements.
    const n = Math.min(Math.max(...lists.map(l => l.length)), limit);
    for (let k = 0; k < n; k++) {
      rows.push(node.columns.map(c => {
        const x = expanded.findIndex(e => e.name === c.name);
        if (x >= 0) return cell(lists[x][k], c.type);
        return c.name === index ? k : row[from.get(c.name).at];
      }));
      spend(rows.length, node);
    }
  });
  return { columns: node.columns, rows };
}

/** rowLimit is how many rows a row may become; the old name mvexpand stops at 128. */
function rowLimit(node, run, env) {
  if (node.RowLimitClause) return Number(constant(node.RowLimitClause.RowLimit, { env, run }));
  return node.MvExpandKeyword === 'mvexpand' ? mostListedOnce : Infinity;
}

function mvApply(node, input, run, env) {
  const inner = innerColumns(node, input);
  const expanded = expansions(node, input, run, env, inner), from = indexed(input.columns), rows = [];
  const index = indexName(node), limit = node.RowLimitClause ? Number(constant(node.RowLimitClause.RowLimit, { env, run })) : Infinity;
  input.rows.forEach((row, i, all) => {
    const lists = expanded.map(x => x.values(row, i, all)), n = Math.min(Math.max(...lists.map(l => l.length)), limit);
    const table = {
      columns: inner,
      rows: Array.from({ length: n }, (_, k) => inner.map(c => {
        const x = expanded.findIndex(e => e.name === c.name);
        if (x >= 0) return cell(lists[x][k], c.type);
        return c.name === index ? k : row[from.get(c.name).at];
      })),
    };
    const result = run.pipeline(node.Subquery.Expression, table, env), at = indexed(result.columns);
    for (const r of result.rows) rows.push(node.columns.map(c => at.has(c.name) ? r[at.get(c.name).at] : row[from.get(c.name).at]));
  });
  return { columns: node.columns, rows };
}

/** innerColumns are those the subquery sees: the input's, with the expanded ones. */
function innerColumns(node, input) {
  const columns = [...input.columns];
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
