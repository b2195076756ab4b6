// make-series (Microsoft Learn: kusto/query/make-series-operator).

import { order } from './values.mjs';
import { compile, constant } from './expression.mjs';
import { math } from './functions_math.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { Table } from './table.mjs';
import { groupKeys, grouped, resultOf, Summary } from './operators_summarize.mjs';
import { key, inDynamic } from './values.mjs';
import { refuse } from './failure.mjs';

const unwrapped = n => n && (n.Expression ?? n);

/** axis is where the points are: from, up to but without to, one step after the other. */
function axis(node, input, on, run, env) {
  const range = node.RangeClause;
  if (range.kind !== 'MakeSeriesFromToStepClause') refuse('make-series in range()', node);
  const scope = { env, run };
  const step = constant(unwrapped(range.MakeSeriesStepClause), scope);
  const seen = input.rows.map((r, i, all) => on(r, i, all)).filter(v => v !== null).sort(order);
  const given = clause => clause ? constant(unwrapped(clause), scope) : undefined;
  let from = given(range.MakeSeriesFromClause), to = given(range.MakeSeriesToClause);
  if (from === undefined) from = seen.length ? math.bin(seen[0], step) : undefined;
  if (from === undefined) return { step, points: [] };
  const points = [];
  for (let v = from; to === undefined ? order(v, seen[seen.length - 1]) <= 0 : order(v, to) < 0; v = next(v, step)) points.push(v);
  return { from, step, points };
}

const next = (v, step) => v.ticks === undefined ? v + step : new v.constructor(v.ticks + step.ticks);

function makeSeries(node, input, run, env) {
  const scope = scopeOf(input, run, env), on = compile(node.OnClause.Expression, scope);
  const { from, step, points } = axis(node, input, on, run, env);
  const keys = groupKeys(node.ByClause, scope);
  const series = node.Aggregates.map(a => ({
    summary: new Summary([resultOf(a.Expression, scope)]),
    as: inDynamic((a.Expression.Expression ?? a.Expression).type),
    fallback: a.DefaultExpression ? constant(unwrapped(a.DefaultExpression), { env, run }) : 0,
  }));
  const groups = grouped(keys, input, scope, () => new Map(), (bins, row, i, all) => {
    const v = on(row, i, all);
    if (v === null) return;
    const k = key(math.bin_at(v, step, from));
    if (!bins.has(k)) bins.set(k, series.map(s => s.summary.start()));
    series.forEach((s, n) => s.summary.add(bins.get(k)[n], row, i, all));
  });
  // Without rows there is no series, unless kind=nonempty asks for one of default values.
  if (keys.by.length === 0 && groups.size === 0 && parameter(node, 'kind') === 'nonempty') groups.set('', { values: [], states: new Map() });
  const rows = [...groups.values()].map(({ values, states: bins }) => {
    const lists = series.map((s, n) => points.map(p => bins.has(key(p)) ? s.as(s.summary.end(bins.get(key(p))[n])[0]) : s.as(s.fallback)));
    return [...values, ...lists, points];
  });
  return new Table(node.columns, rows);
}

export const seriesOperators = { MakeSeriesOperator: makeSeries };
