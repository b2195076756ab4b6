// make-series (Microsoft Learn: kusto/query/make-series-operator).

import { order } from './values.mjs';
import { compile, constant } from './expression.mjs';
import { math } from './functions_math.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { groupKeys, grouped, aggregated, resultOf } from './operators_summarize.mjs';
import { key } from './values.mjs';
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
  const by = groupKeys(node.ByClause, input, run, env);
  const series = node.Aggregates.map(a => ({
    result: resultOf(a.Expression, scope),
    fallback: a.DefaultExpression ? constant(unwrapped(a.DefaultExpression), { env, run }) : 0,
  }));
  const groups = grouped(by, input);
  // Without rows there is no series, unless kind=nonempty asks for one of default values.
  if (by.length === 0 && groups.size === 0 && parameter(node, 'kind') === 'nonempty') groups.set('', { values: [], rows: [] });
  const rows = [...groups.values()].map(g => {
    const bins = new Map();
    for (const entry of g.rows) {
      const v = on(...entry);
      if (v === null) continue;
      const k = key(math.bin_at(v, step, from));
      if (!bins.has(k)) bins.set(k, []);
      bins.get(k).push(entry);
    }
    const lists = series.map(s => points.map(p => bins.has(key(p)) ? aggregated([s.result], bins.get(key(p)))[0] : s.fallback));
    return [...g.values, ...lists, points];
  });
  return { columns: node.columns, rows };
}

export const seriesOperators = { MakeSeriesOperator: makeSeries };
