// Microsoft Learn: kusto/query/scalar-functions, "Series element-wise functions" and "Series processing functions": the few
// that forecasts of ours and our neighbours use.

import { nulls } from './functions_kinds.mjs';
import { inDynamic, same } from './values.mjs';

const numbers = a => a.map(v => v === null ? NaN : Number(v));
const each = f => (a, b) => {
  const n = Math.min(a.length ?? Infinity, b.length ?? Infinity);
  return Array.from({ length: n }, (_, i) => {
    const x = Array.isArray(a) ? a[i] : a, y = Array.isArray(b) ? b[i] : b;
    return x === null || y === null ? null : f(Number(x), Number(y));
  });
};

function fitLine(values) {
  const y = numbers(values), n = y.length, meanX = (n - 1) / 2, meanY = y.reduce((a, b) => a + b, 0) / n;
  let sxy = 0, sxx = 0, syy = 0;
  y.forEach((v, x) => { sxy += (x - meanX) * (v - meanY); sxx += (x - meanX) ** 2; syy += (v - meanY) ** 2; });
  const slope = sxx === 0 ? 0 : sxy / sxx, intercept = meanY - slope * meanX;
  const fit = y.map((_, x) => intercept + slope * x), rest = y.reduce((a, v, x) => a + (v - fit[x]) ** 2, 0);
  return { slope, intercept, fit, rsquare: syy === 0 ? 1 : 1 - rest / syy, variance: syy / (n - 1), rvariance: n > 2 ? rest / (n - 2) : 0 };
}

function stats(a) {
  const v = numbers(a).filter(x => !Number.isNaN(x)), n = v.length, avg = v.reduce((x, y) => x + y, 0) / n;
  const min = Math.min(...v), max = Math.max(...v), variance = n > 1 ? v.reduce((x, y) => x + (y - avg) ** 2, 0) / (n - 1) : 0;
  return { min, min_idx: v.indexOf(min), max, max_idx: v.indexOf(max), avg, stdev: Math.sqrt(variance), variance, sum: v.reduce((x, y) => x + y, 0), len: n };
}

function fillConst(a, by) { return a.map(v => v === null ? by : v); }

function fillForward(a) {
  let last = null;
  return a.map(v => v === null ? last : last = v);
}

const asReal = inDynamic('real');

/** fillLinear puts points of a line where values are missing, and the nearest value at the edges. */
function fillLinear(a, missing = null, edges = true, fallback = 0) {
  if (!Array.isArray(a)) return null;
  const gone = v => v === null || missing !== null && same(v, missing), known = a.flatMap((v, i) => gone(v) ? [] : [i]);
  if (known.length === 0) return fallback === null ? a : a.map(() => asReal(Number(fallback)));
  // What has whole numbers alone stays so: the fraction is cut off.
  const whole = known.every(i => Number.isInteger(a[i])), made = whole ? Math.trunc : asReal;
  let next = 0;
  return a.map((v, i) => {
    if (!gone(v)) return v;
    while (next < known.length && known[next] < i) next++;
    const left = known[next - 1], right = known[next];
    if (left === undefined || right === undefined) return edges === false ? v : a[left ?? right];
    return made(Number(a[left]) + (Number(a[right]) - Number(a[left])) * (i - left) / (right - left));
  });
}

const eachOne = f => a => a.map(v => v === null ? null : f(Number(v)));
const eachTruth = f => each((x, y) => f(x, y));
const pairs = (a, b) => a.map((x, i) => [Number(x), Number(b[i])]);

function pearson(a, b) {
  const p = pairs(a, b), n = p.length, mx = p.reduce((s, [x]) => s + x, 0) / n, my = p.reduce((s, [, y]) => s + y, 0) / n;
  const sum = f => p.reduce((s, [x, y]) => s + f(x - mx, y - my), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum(x => x * x) * sum((x, y) => y * y));
}

const dot = (a, b) => pairs(a, b).reduce((s, [x, y]) => s + x * y, 0);
const magnitude = a => Math.sqrt(a.reduce((s, v) => s + Number(v) ** 2, 0));

export const series = {
  series_fill_linear: nulls(fillLinear),
  series_abs: eachOne(Math.abs), series_exp: eachOne(Math.exp), series_log: eachOne(Math.log), series_sign: eachOne(Math.sign),
  series_ceiling: eachOne(Math.ceil), series_floor: eachOne(Math.floor), series_sin: eachOne(Math.sin), series_cos: eachOne(Math.cos), series_tan: eachOne(Math.tan),
  series_asin: eachOne(Math.asin), series_acos: eachOne(Math.acos), series_atan: eachOne(Math.atan), series_pow: each((a, b) => a ** b),
  series_greater: eachTruth((a, b) => a > b), series_greater_equals: eachTruth((a, b) => a >= b), series_less: eachTruth((a, b) => a < b),
  series_less_equals: eachTruth((a, b) => a <= b), series_equals: eachTruth((a, b) => a === b), series_not_equals: eachTruth((a, b) => a !== b),
  series_pearson_correlation: pearson,
  series_dot_product: dot,
  series_magnitude: magnitude,
  series_cosine_similarity: (a, b) => dot(a, b) / (magnitude(a) * magnitude(b)),
  series_product: a => a.reduce((p, v) => p * Number(v), 1),
  series_add: each((a, b) => a + b),
  series_subtract: each((a, b) => a - b),
  series_multiply: each((a, b) => a * b),
  series_divide: each((a, b) => a / b),
  series_fit_line_dynamic: a => { const f = fitLine(a); return { rsquare: f.rsquare, slope: f.slope, variance: f.variance, rvariance: f.rvariance, interception: f.intercept, line_fit: f.fit }; },
  series_stats_dynamic: stats,
  series_sum: a => numbers(a).reduce((x, y) => x + y, 0),
  series_fill_const: fillConst,
  series_fill_forward: fillForward,
  series_fill_backward: a => fillForward([...a].reverse()).reverse(),
};
