// Microsoft Learn: kusto/query/window-functions. They see the rows around theirs, in the order of a serialized table.

import { empty, key } from './values.mjs';

const neighbour = sign => (args, given) => {
  const [value, offset = () => 1, fallback] = args, none = empty(given[0].type);
  return (r, i, all) => {
    const at = i + sign * Number(offset(r, i, all));
    return at >= 0 && at < all.length ? value(all[at], at, all) : fallback ? fallback(r, i, all) : none;
  };
};

function rowNumber(args) {
  const [start = () => 1, restart] = args;
  let n = 0;
  return (r, i, all) => {
    n = i === 0 || restart?.(r, i, all) ? Number(start(r, i, all)) : n + 1;
    return n;
  };
}

function cumulative(args) {
  const [term, restart] = args;
  let sum = 0;
  return (r, i, all) => {
    if (i === 0 || restart?.(r, i, all)) sum = 0;
    return sum += Number(term(r, i, all) ?? 0);
  };
}

/** rowRank counts the values that a column has had so far, in a table that is sorted by it. */
const rowRank = dense => ([term, restart]) => {
  let rank = 0, seen = 0, last;
  return (r, i, all) => {
    const v = key(term(r, i, all));
    if (i === 0 || restart?.(r, i, all)) [rank, seen, last] = [0, 0, undefined];
    seen++;
    if (v !== last) rank = dense ? rank + 1 : seen;
    last = v;
    return rank;
  };
};

export const windows = {
  row_rank_dense: rowRank(true),
  row_rank_min: rowRank(false),
  prev: neighbour(-1),
  next: neighbour(1),
  row_number: rowNumber,
  row_cumsum: cumulative,
};
Object.setPrototypeOf(windows, null);
