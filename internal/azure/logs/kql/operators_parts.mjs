// Operators that choose by parts of a table: sample, sample-distinct, top-nested, top-hitters, partition, and invoke
// (Microsoft Learn: kusto/query/tabular-operators).

import { key, order } from './values.mjs';
import { compile, constant } from './expression.mjs';
import { parameters, bodyOf } from './calls.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { Table, visit } from './table.mjs';
import { resultOf, Summary } from './operators_summarize.mjs';
import { firstOf } from './operators_rows.mjs';
import { Failure, refuse } from './failure.mjs';

const numberOf = (node, run, env) => Number(constant(node, { env, run }));

/** sample keeps any rows: each further one takes the place of another by chance. */
function sample(node, input, run, env) {
  const n = numberOf(node.Expression, run, env), kept = [];
  let seen = 0;
  input.each(row => {
    seen++;
    if (kept.length < n) kept.push(row);
    else {
      const at = Math.floor(run.random() * seen);
      if (at < n) kept[at] = row;
    }
  });
  return new Table(input.columns, kept);
}

/** sampleDistinct takes the first different values; Microsoft promises no fair choice. */
function sampleDistinct(node, input, run, env) {
  const scope = scopeOf(input, run, env), value = compile(node.OfExpression, scope), seen = new Set();
  return firstOf(new Table(node.columns, give => visit(input, scope, (row, i, all) => {
    const v = value(row, i, all), k = key(v);
    if (seen.has(k)) return true;
    seen.add(k);
    return give([v]);
  })), numberOf(node.Expression, run, env));
}

/** topHitters counts exactly where Azure estimates. */
function topHitters(node, input, run, env) {
  const scope = scopeOf(input, run, env), of = compile(node.OfExpression, scope), weight = node.ByClause ? compile(node.ByClause.Expression, scope) : () => 1;
  const sums = new Map();
  visit(input, scope, (row, i, all) => {
    const v = of(row, i, all), k = key(v);
    if (!sums.has(k)) sums.set(k, [v, 0]);
    sums.get(k)[1] += Number(weight(row, i, all) ?? 0);
  });
  const rows = [...sums.values()].sort((a, b) => b[1] - a[1]);
  return new Table(node.columns, rows.slice(0, numberOf(node.Expression, run, env)));
}

const inner = node => node?.kind.endsWith('NamedExpression') ? node.Expression : node;

/** level is one clause of top-nested, ready to be asked about some rows. */
function level(clause, scope, run, env) {
  const ordered = clause.ByExpression.kind === 'OrderedExpression', by = ordered ? clause.ByExpression.Expression : clause.ByExpression;
  const asc = ordered && clause.ByExpression.Ordering?.AscOrDescKeyword === 'asc';
  return {
    n: clause.Expression ? numberOf(clause.Expression, run, env) : Infinity,
    value: compile(inner(clause.OfExpression), scope),
    summary: new Summary([resultOf(by, scope)]),
    others: clause.WithOthersClause ? constant(clause.WithOthersClause.Expression, { env, run }) : undefined,
    sign: asc ? 1 : -1,
  };
}

/**
 * nested are the rows of a level and of those below it. What is not among the top is one row with the name of the others.
 *
 * [M] unverified: that below the others a level without a name for others of its own is empty.
 */
function nested(levels, at, entries) {
  if (at === levels.length) return [[]];
  const { n, value, summary, others, sign } = levels[at], groups = new Map();
  for (const e of entries) {
    const v = value(...e), k = key(v);
    if (!groups.has(k)) groups.set(k, { v, entries: [] });
    groups.get(k).entries.push(e);
  }
  const measured = list => {
    const states = summary.start();
    for (const e of list) summary.add(states, ...e);
    return summary.end(states)[0];
  };
  const ranked = [...groups.values()].map(g => ({ ...g, by: measured(g.entries) }));
  ranked.sort((a, b) => a.by === null || b.by === null ? (a.by === null) - (b.by === null) : sign * order(a.by, b.by));
  const rows = ranked.slice(0, n).flatMap(g => nested(levels, at + 1, g.entries).map(deeper => [g.v, g.by, ...deeper]));
  const rest = ranked.slice(n).flatMap(g => g.entries);
  if (others === undefined || rest.length === 0) return rows;
  const below = levels.slice(at + 1).flatMap(l => l.others === undefined ? [null, null] : [l.others, measuredBy(l, rest)]);
  return [...rows, [others, measured(rest), ...below]];
}

function measuredBy({ summary }, entries) {
  const states = summary.start();
  for (const e of entries) summary.add(states, ...e);
  return summary.end(states)[0];
}

function topNested(node, input, run, env) {
  const scope = scopeOf(input, run, env), levels = node.Clauses.map(c => level(c, scope, run, env)), entries = [];
  visit(input, scope, (row, i, all) => { entries.push([row, i, all]); });
  return new Table(node.columns, nested(levels, 0, entries));
}

/** mostParts is how many values the strategy legacy, which is taken when none is named, may have. */
const mostParts = 64;

function partition(node, input, run, env) {
  if (node.Operand.kind !== 'PartitionSubquery') refuse('partition with a source of its own in { }', node);
  const strategy = parameter(node, 'hint.strategy') ?? 'legacy', scope = scopeOf(input, run, env), value = compile(node.ByExpression, scope), parts = new Map();
  visit(input, scope, (row, i, all) => {
    const k = key(value(row, i, all));
    if (parts.has(k)) parts.get(k).push(row);
    else parts.set(k, [row]);
  });
  if (strategy === 'legacy' && parts.size > mostParts) throw new Failure(`partition: ${parts.size} values, of which the strategy legacy takes at most ${mostParts}; hint.strategy=native takes more`, node.at);
  const subquery = node.Operand.Subquery;
  const results = [...parts.values()].map(rows => run.pipeline(subquery, new Table(input.columns, rows), env));
  return new Table(results[0]?.columns ?? node.columns, give => results.every(r => r.each(give) !== false));
}

/** invoke calls a function of the query with the table in front of its arguments. */
function invoke(node, input, run, env) {
  const call = node.Function;
  if (!call.body) refuse(`invoke ${call.Name.symbol?.name ?? ''}()`, node);
  const [table, ...rest] = call.parameters, scope = scopeOf(new Table([], []), run, env);
  const { env: made } = parameters({ ...call, parameters: rest }, scope, call.ArgumentList.Expressions);
  made.setTable(table.name, new Table(input.columns, input.rows));
  return bodyOf(call.body, run, made);
}

export const partOperators = {
  SampleOperator: sample, SampleDistinctOperator: sampleDistinct, TopHittersOperator: topHitters, TopNestedOperator: topNested,
  PartitionOperator: partition, InvokeOperator: invoke,
};
