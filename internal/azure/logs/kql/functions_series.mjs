// Microsoft Learn: kusto/query/scalar-functions, "Series element-wise functions" and "Series processing functions": the few
// that forecasts of ours and our neighbours use.

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

export const series = {
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
