// summarize (Microsoft Learn: kusto/query/summarize-operator).

import { keyOf } from './values.mjs';
import { compile } from './expression.mjs';
import { aggregates } from './aggregates.mjs';
import { scopeOf } from './scope.mjs';
import { Failure, refuse } from './failure.mjs';

/** slots finds the aggregates inside an expression and puts references to their results in their place. */
export function slots(node, scope, found) {
  if (Array.isArray(node)) return node.map(n => slots(n, scope, found));
  if (node === null || typeof node !== 'object') return node;
  if (node.kind === 'FunctionCallExpression' && !node.body && aggregates[node.Name.symbol?.name]) {
    found.push(aggregate(node, scope));
    const at = found.length - 1;
    return { kind: 'NameReference', type: node.type, symbol: { name: `slot ${at}`, kind: 'Column' }, at: node.at };
  }
  if (node.kind === 'ToScalarExpression') return node;
  return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, k === 'columns' || k === 'symbol' ? v : slots(v, scope, found)]));
}

function aggregate(node, scope) {
  const nodes = node.ArgumentList.Expressions;
  return aggregates[node.Name.symbol.name]({
    nodes,
    args: nodes.map(n => n.kind === 'StarExpression' ? null : compile(n, scope)),
    types: nodes.map(n => n.type),
    type: node.type,
    columns: node.columns,
    input: scope.columns,
    by: scope.by ?? new Set(),
  });
}

/** resultOf is an aggregate column: how it is made from the values of its slots. Several columns give an array. */
export function resultOf(expression, scope) {
  const found = [];
  const tree = slots(expression, scope, found);
  const names = new Map(found.map((_, at) => [`slot ${at}`, { at }]));
  return { found, several: Boolean(inner(expression).columns), value: compile(tree, { ...scope, columns: names }) };
}

const inner = node => node.kind.endsWith('NamedExpression') ? node.Expression : node;

/** grouped sorts rows into groups, in the order in which groups are first seen. */
export function grouped(by, input) {
  const groups = new Map();
  input.rows.forEach((row, i, all) => {
    const values = by.map(b => b(row, i, all)), k = keyOf(values);
    let g = groups.get(k);
    if (!g) groups.set(k, g = { values, rows: [] });
    g.rows.push([row, i, all]);
  });
  return groups;
}

/** groupKeys compiles the expressions behind by. */
export function groupKeys(clause, input, run, env) {
  return (clause?.Expressions ?? []).map(e => {
    if (inner(e).type === 'dynamic') {
      throw new Failure(`the group key ${inner(e).symbol?.name ?? ''} is dynamic; cast it, for example with tostring()`.replace('  ', ' '), e.at);
    }
    return compile(e, scopeOf(input, run, env));
  });
}

/** aggregated runs results over the rows of one group. */
export function aggregated(results, rows) {
  return results.flatMap(r => {
    const states = r.found.map(f => f.start());
    for (const row of rows) r.found.forEach((f, n) => f.add(states[n], ...row));
    const values = r.value(r.found.map((f, n) => f.end(states[n])), 0, []);
    return r.several ? values : [values];
  });
}

function summarize(node, input, run, env) {
  const by = groupKeys(node.ByClause, input, run, env);
  const names = new Set((node.ByClause?.Expressions ?? []).map(e => inner(e).symbol?.kind === 'Column' ? inner(e).symbol.name : undefined));
  const results = node.Aggregates.map(a => {
    if (a.kind === 'CompoundNamedExpression') a = a.Expression;
    return resultOf(a, { ...scopeOf(input, run, env), by: names });
  });
  const groups = grouped(by, input);
  if (by.length === 0 && groups.size === 0) groups.set('', { values: [], rows: [] });
  const rows = [...groups.values()].map(g => [...g.values, ...aggregated(results, g.rows)]);
  if (rows.length && rows[0].length !== node.columns.length) refuse('this form of summarize', node);
  return { columns: node.columns, rows };
}

export const summarizeOperators = { SummarizeOperator: summarize };
