// Aggregation functions (Microsoft Learn: kusto/query/aggregation-functions). Nulls are left out, as the reference says;
// what Azure estimates (dcount, percentiles of many values) is exact here.
//
// An aggregate gets {args, types, nodes, type, columns, rest} and gives {start, add(state, row, i, all), end(state)}.

import { key, order, empty, integer, isBag, bare, inDynamic, DateTime, Timespan } from './values.mjs';

/** over folds the values of the first argument that are not null. */
const over = (start, add, end) => call => ({
  start,
  add: (s, r, i, all) => {
    const v = call.args[0](r, i, all);
    if (v !== null) add(s, v, call);
  },
  end: s => end(s, call),
});

/** onlyIf puts a predicate in front: it is the last argument that counts, after `at` others. */
const onlyIf = (make, at) => call => {
  const rule = make({ ...call, args: call.args.filter((_, i) => i !== at) });
  return { ...rule, add: (s, r, i, all) => { if (call.args[at](r, i, all) === true) rule.add(s, r, i, all); } };
};

const counting = { start: () => ({ n: 0 }), add: s => { s.n++; }, end: s => s.n };

/**
 * count counts rows. count(predicate) is the old countif. Microsoft's samples for API Management count a column.
 *
 * [M] unverified: that count(column) leaves nulls out, as the other aggregates do.
 */
const count = call => {
  if (call.args.length === 0) return counting;
  return call.types[0] === 'bool' ? onlyIf(() => counting, 0)(call) : over(counting.start, counting.add, counting.end)(call);
};

const sum = over(() => ({ total: null }), (s, v) => { s.total = plus(s.total, bare(v)); }, (s, { type }) => {
  const ticks = ofTicks[type];
  return ticks ? new ticks(BigInt.asIntN(64, s.total ?? 0n)) : s.total ?? 0;
});

function plus(a, b) {
  if (a === null) return b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
  if (typeof a === 'number' && typeof b === 'number') {
    const r = a + b;
    if (Number.isSafeInteger(r) || !Number.isInteger(a) || !Number.isInteger(b)) return r;
  }
  return typeof a === 'string' || typeof b === 'string' || typeof a === 'boolean' || typeof b === 'boolean' ? a : integer(BigInt(a) + BigInt(b));
}

const ofTicks = { datetime: DateTime, timespan: Timespan };

const avg = over(() => ({ total: null, n: 0 }), (s, v) => { s.total = plus(s.total, bare(v)); s.n++; }, (s, { type }) => {
  if (s.n === 0) return type === 'real' || type === 'decimal' ? NaN : null;
  if (ofTicks[type]) return new ofTicks[type](s.total / BigInt(s.n));
  return Number(s.total) / s.n;
});

const extreme = sign => over(() => ({ v: null }), (s, v) => { if (s.v === null || sign * order(v, s.v) > 0) s.v = v; },
  (s, { type }) => s.v ?? empty(type));

const distinct = over(() => new Set(), (s, v) => s.add(key(v)), s => s.size);

/** spread is variance and its root, of a sample (by n-1) or of a population (by n). */
const spread = (sample, root) => over(() => ({ n: 0, mean: 0, m2: 0 }), (s, v) => {
  const x = Number(bare(v)), d = x - s.mean;
  s.n++;
  s.mean += d / s.n;
  s.m2 += d * (x - s.mean);
}, s => {
  const by = sample ? s.n - 1 : s.n;
  const variance = by <= 0 ? 0 : s.m2 / by;
  return root ? Math.sqrt(variance) : variance;
});

/** nearest is the value at the nearest rank, which is one of the values. */
function nearest(sorted, percent, type) {
  if (sorted.length === 0) return empty(type);
  const at = Math.min(Math.max(Math.ceil(sorted.length * Number(percent) / 100) - 1, 0), sorted.length - 1);
  return sorted[at];
}

function percentileOf(finish) {
  return call => {
    const percents = call.args.slice(1).flatMap(a => a([], 0, []));
    return {
      start: () => [],
      add: (s, r, i, all) => { const v = call.args[0](r, i, all); if (v !== null) s.push(v); },
      end: s => finish(percents.map(p => nearest(s.sort(order), p, call.types[0]))),
    };
  };
}

/** mostListed is how many values a list has at most; the old names makelist and makeset stop at 128. */
export const mostListed = 1_048_576;
export const mostListedOnce = 128;

/** listed collects values, at most as many as the limit says. The elements of arrays are values of their own. */
const listed = (unique, keepNulls, most = mostListed) => call => {
  const limit = call.args[1] ? Math.min(Number(call.args[1]([], 0, [])), mostListed) : most, as = inDynamic(call.types[0]);
  const put = (s, v) => {
    if (v === null && !keepNulls || s.values.length >= limit) return;
    if (unique) {
      const k = key(v);
      if (s.seen.has(k)) return;
      s.seen.add(k);
    }
    s.values.push(as(v));
  };
  return {
    start: () => ({ values: [], seen: new Set() }),
    add: (s, r, i, all) => {
      const v = call.args[0](r, i, all);
      if (Array.isArray(v)) for (const x of v) put(s, x);
      else put(s, v);
    },
    end: s => s.values,
  };
};

const bag = over(() => ({}), (s, v) => {
  if (isBag(v)) for (const [k, x] of Object.entries(v)) if (!Object.hasOwn(s, k)) s[k] = x;
}, s => s);

const boolBits = f => over(() => ({ v: null }), (s, v) => { s.v = s.v === null ? BigInt(v) : f(s.v, BigInt(v)); }, s => s.v === null ? null : integer(s.v));

/** others are the columns beside the compared one: those that are given, and for a star all that are left. */
function others(call, from) {
  const star = call.nodes.findIndex(n => n.kind === 'StarExpression');
  if (star < 0) return call.args.slice(from);
  // One column alone is no tuple of columns; it is the one that the group is not made by.
  const names = call.columns ? call.columns.map(c => c.name) : [...call.input.keys()].filter(name => !call.by.has(name));
  const left = names.slice(star).map(name => {
    const { at, type } = call.input.get(name), none = empty(type);
    return row => row[at] ?? none;
  });
  return [...call.args.slice(from, star), ...left];
}

const argExtreme = sign => call => {
  const rest = others(call, 1);
  return {
    start: () => ({ v: null, row: null }),
    add: (s, r, i, all) => {
      const v = call.args[0](r, i, all);
      if (s.row === null && s.first === undefined) s.first = [r, i, all];
      if (v !== null && (s.row === null || sign * order(v, s.v) > 0)) [s.v, s.row] = [v, [r, i, all]];
    },
    // Where the compared value is null in every row, a row is still answered.
    end: s => {
      const row = s.row ?? s.first;
      const values = row ? [s.v ?? empty(call.types[0]), ...rest.map(f => f(...row))]
        : [empty(call.types[0]), ...rest.map((_, n) => empty(call.columns?.[n + 1]?.type))];
      return call.columns ? values : values[0];
    },
  };
};

const any = call => {
  const all = others(call, 0);
  return {
    start: () => ({ row: null }),
    add: (s, ...row) => { if (s.row === null && (all.length > 1 || notEmpty(all[0](...row)))) s.row = row; },
    end: s => {
      const values = all.map((f, n) => s.row ? f(...s.row) : empty(call.columns?.[n].type ?? call.type));
      return call.columns ? values : values[0];
    },
  };
};
const notEmpty = v => v !== null && v !== '';

function weighted(call) {
  const [value, weight] = call.args, percents = call.args.slice(2).flatMap(a => a([], 0, []));
  return {
    start: () => [],
    add: (s, r, i, all) => { const v = value(r, i, all); if (v !== null) s.push([v, Number(weight(r, i, all))]); },
    end: s => {
      s.sort((a, b) => order(a[0], b[0]));
      const total = s.reduce((n, [, w]) => n + w, 0);
      const values = percents.map(p => {
        let n = 0;
        return s.find(([, w]) => (n += w) >= total * p / 100)?.[0] ?? null;
      });
      return call.columns ? values : values[0];
    },
  };
}

const one = values => values[0];

export const aggregates = Object.assign(Object.create(null), {
  count, countif: onlyIf(count, 0),
  sum, sumif: onlyIf(sum, 1),
  avg, avgif: onlyIf(avg, 1),
  min: extreme(-1), minif: onlyIf(extreme(-1), 1),
  max: extreme(1), maxif: onlyIf(extreme(1), 1),
  dcount: distinct, dcountif: onlyIf(distinct, 1),
  count_distinct: distinct, count_distinctif: onlyIf(distinct, 1),
  stdev: spread(true, true), stdevif: onlyIf(spread(true, true), 1), stdevp: spread(false, true),
  variance: spread(true, false), varianceif: onlyIf(spread(true, false), 1), variancep: spread(false, false),
  percentile: percentileOf(one), percentiles: percentileOf(v => v), percentiles_array: percentileOf(v => v),
  percentilew: weighted, percentilesw: weighted,
  make_list: listed(false, false), make_list_if: onlyIf(listed(false, false), 1), make_list_with_nulls: listed(false, true),
  makelist: listed(false, false, mostListedOnce),
  make_set: listed(true, false), make_set_if: onlyIf(listed(true, false), 1), makeset: listed(true, false, mostListedOnce),
  make_bag: bag, make_bag_if: onlyIf(bag, 1), make_dictionary: bag,
  arg_max: argExtreme(1), arg_min: argExtreme(-1),
  take_any: any, any, take_anyif: onlyIf(any, 1), anyif: onlyIf(any, 1),
  binary_all_and: boolBits((a, b) => a & b), binary_all_or: boolBits((a, b) => a | b), binary_all_xor: boolBits((a, b) => a ^ b),
});
