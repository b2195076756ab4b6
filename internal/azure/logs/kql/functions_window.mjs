// Microsoft Learn: kusto/query/window-functions. They see the rows around theirs, in the order of a serialized table.

import { empty } from './values.mjs';

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

export const windows = {
  prev: neighbour(-1),
  next: neighbour(1),
  row_number: rowNumber,
  row_cumsum: cumulative,
};
Object.setPrototypeOf(windows, null);
