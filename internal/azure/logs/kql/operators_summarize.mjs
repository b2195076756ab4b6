// summarize (Microsoft Learn: kusto/query/summarize-operator).

import { keyerOf } from './values.mjs';
import { compile } from './expression.mjs';
import { Table, visit } from './table.mjs';
import { spend } from './memory.mjs';
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

/** groupKeys compiles the expressions behind by. */
export function groupKeys(clause, scope) {
  const nodes = clause?.Expressions ?? [], types = nodes.map(e => inner(e).type);
  const by = nodes.map(e => {
    if (inner(e).type === 'dynamic') {
      throw new Failure(`the group key ${inner(e).symbol?.name ?? ''} is dynamic; cast it, for example with tostring()`.replace('  ', ' '), e.at);
    }
    return compile(e, scope);
  });
  return { by, types };
}

/** Summary is what a group's rows become: results are the aggregate columns, states what their aggregates have seen so far. */
export class Summary {
  constructor(results) {
    this.results = results;
    this.aggregates = results.flatMap(r => r.found);
  }

  start() { return this.aggregates.map(a => a.start()); }

  /** add takes a row into states. */
  add(states, row, i, all) {
    const { aggregates } = this;
    for (let n = 0; n < aggregates.length; n++) aggregates[n].add(states[n], row, i, all);
  }

  /** end makes cells of states. */
  end(states) {
    let at = 0;
    return this.results.flatMap(r => {
      const values = r.value(r.found.map(f => f.end(states[at++])), 0, []);
      return r.several ? values : [values];
    });
  }
}

/** grouped takes rows into groups, in the order in which groups are first seen; no group keeps its rows. */
export function grouped({ by, types }, input, scope, start, take) {
  const groups = new Map(), keyOf = keyerOf(types);
  visit(input, scope, (row, i, all) => {
    const values = by.map(b => b(row, i, all)), k = keyOf(values);
    let g = groups.get(k);
    if (!g) {
      groups.set(k, g = { values, states: start() });
      spend(groups.size);
    }
    take(g.states, row, i, all);
  });
  return groups;
}

/** resultsOf are the aggregate columns of a clause. */
export function resultsOf(aggregates, byClause, scope) {
  const by = new Set((byClause?.Expressions ?? []).map(e => inner(e).symbol?.kind === 'Column' ? inner(e).symbol.name : undefined));
  return aggregates.map(a => resultOf(a.kind === 'CompoundNamedExpression' ? a.Expression : a, { ...scope, by }));
}

function summarize(node, input, run, env) {
  const scope = scopeOf(input, run, env), keys = groupKeys(node.ByClause, scope);
  const summary = new Summary(resultsOf(node.Aggregates, node.ByClause, scope));
  const groups = grouped(keys, input, scope, () => summary.start(), (states, row, i, all) => summary.add(states, row, i, all));
  if (keys.by.length === 0 && groups.size === 0) groups.set('', { values: [], states: summary.start() });
  const rows = [];
  for (const [k, g] of groups) {
    rows.push([...g.values, ...summary.end(g.states)]);
    groups.delete(k);
  }
  if (rows.length && rows[0].length !== node.columns.length) refuse('this form of summarize', node);
  return new Table(node.columns, rows);
}

export const summarizeOperators = { SummarizeOperator: summarize };
