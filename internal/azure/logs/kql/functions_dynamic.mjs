// Microsoft Learn: kusto/query/scalar-functions, "Dynamic/array functions" and "Property bag functions".

import { nulls, siteNulls, lazy } from './functions_kinds.mjs';
import { isBag, key, same, order, plainNumber } from './values.mjs';
import { mostListed } from './aggregates.mjs';
import { json, text } from './format.mjs';
import { parseJSON } from './convert.mjs';

const array = f => (a, ...rest) => Array.isArray(a) ? f(a, ...rest) : null;
const at = (a, i) => i < 0 ? a.length + Number(i) : Number(i);

function unique(values) {
  const seen = new Set();
  return values.filter(v => { const k = key(v); return seen.has(k) ? false : seen.add(k); });
}

const keysOf = list => new Set(list.map(key));
const intersect = (first, ...rest) => rest.reduce((a, b) => { const k = keysOf(b); return a.filter(v => k.has(key(v))); }, unique(first));
const difference = (first, ...rest) => rest.reduce((a, b) => { const k = keysOf(b); return a.filter(v => !k.has(key(v))); }, unique(first));

function bagOf(pairs) {
  const bag = {};
  for (let i = 0; i + 1 < pairs.length; i += 2) bag[text(pairs[i])] = pairs[i + 1];
  return bag;
}

/** merge keeps the first value of a key. */
function merge(...bags) {
  const out = {};
  for (const bag of bags.filter(isBag)) for (const [k, v] of Object.entries(bag)) if (!Object.hasOwn(out, k)) out[k] = v;
  return out;
}

function packColumns(args, node) {
  const names = node.ArgumentList.Expressions.map(e => e.symbol?.name);
  return (r, i, all) => Object.fromEntries(args.map((a, n) => [names[n], a(r, i, all)]));
}

function sorter(direction) {
  return (a, ...rest) => {
    if (!Array.isArray(a)) return null;
    const nullsLast = rest.at(-1) !== false;
    const index = a.map((_, i) => i).sort((x, y) => {
      if (a[x] === null || a[y] === null) return a[x] === a[y] ? x - y : (a[x] === null) === nullsLast ? 1 : -1;
      return direction * order(a[x], a[y]) || x - y;
    });
    return index.map(i => a[i]);
  };
}

function slice(a, from, to) {
  const start = Math.max(at(a, from), 0), end = at(a, to);
  return a.slice(start, end + 1);
}

function splitAt(a, where) {
  const cuts = (Array.isArray(where) ? where : [where]).map(i => Math.max(0, at(a, i)));
  const out = [];
  let from = 0;
  for (const cut of cuts) {
    out.push(a.slice(from, cut));
    from = cut;
  }
  return [...out, a.slice(from)];
}

const rotate = (a, n) => { const k = a.length ? ((Number(n) % a.length) + a.length) % a.length : 0; return [...a.slice(k), ...a.slice(0, k)]; };

function shift(a, n, fill = null) {
  const by = Math.min(Math.abs(Number(n)), a.length), blank = Array(by).fill(fill);
  return n >= 0 ? [...a.slice(by), ...blank] : [...blank, ...a.slice(0, a.length - by)];
}

function treePath(v, base = '') {
  if (Array.isArray(v)) return v.length ? unique([`${base}[0]`, ...v.flatMap(x => treePath(x, `${base}[0]`))]) : [];
  if (isBag(v)) return Object.entries(v).flatMap(([k, x]) => { const p = `${base}['${k}']`; return [p, ...treePath(x, p)]; });
  return [];
}

function range(from, to, step = 1) {
  const out = [];
  if (Number(step.ticks ?? step) === 0) return null;
  const ticks = from.ticks !== undefined;
  const up = ticks ? step.ticks > 0n : step > 0;
  for (let v = from; (up ? bare(v) <= bare(to) : bare(v) >= bare(to)) && out.length < mostListed;) {
    out.push(v);
    v = ticks ? new from.constructor(v.ticks + step.ticks) : v + step;
  }
  return out;
}
const bare = v => v.ticks ?? v;

/** arrayIff chooses element by element; what is neither a truth nor a number chooses null. */
function arrayIff(test, yes, no) {
  const of = (list, i) => Array.isArray(list) ? list[i] ?? null : list;
  return test.map((t, i) => typeof t !== 'boolean' && typeof t !== 'number' ? null : of(t ? yes : no, i));
}

/** without takes out one key, which may lie deeper. */
function without(bag, [key, ...deeper]) {
  if (!isBag(bag) || !Object.hasOwn(bag, key)) return bag;
  if (deeper.length) return { ...bag, [key]: without(bag[key], deeper) };
  return Object.fromEntries(Object.entries(bag).filter(([k]) => k !== key));
}

const pack = siteNulls(() => (...v) => bagOf(v));
const indexOf = (a, v, start = 0, length = -1) => {
  const from = Number(start) < 0 ? a.length + Number(start) : Number(start), end = length < 0 ? a.length : from + Number(length);
  return a.findIndex((x, i) => i >= from && i < end && x !== null && same(x, v));
};

export const dynamic = {
  parse_json: nulls(parseJSON), todynamic: nulls(parseJSON), toobject: nulls(parseJSON),
  dynamic_to_json: nulls(v => v === null ? '' : json(v)),
  array_length: array(a => a.length),
  array_concat: (...a) => a.flatMap(x => Array.isArray(x) ? x : []),
  array_index_of: nulls((a, ...r) => Array.isArray(a) ? indexOf(a, ...r) : null),
  array_iff: arrayIff, array_iif: arrayIff,
  array_reverse: array(a => [...a].reverse()),
  array_rotate_left: array(rotate), array_rotate_right: array((a, n) => rotate(a, -Number(n))),
  array_shift_left: array(shift), array_shift_right: array((a, n, f) => shift(a, -Number(n), f)),
  array_slice: array(slice),
  array_sort_asc: sorter(1), array_sort_desc: sorter(-1),
  array_split: array(splitAt),
  array_sum: array(a => a.length && a.every(v => typeof plainNumber(v) === 'number') ? a.reduce((x, y) => x + y, 0) : null),
  strcat_array: array((a, d) => a.map(v => text(v)).join(d)),
  bag_keys: v => isBag(v) ? Object.keys(v) : null,
  bag_has_key: (v, k) => isBag(v) && Object.hasOwn(v, k),
  bag_merge: nulls(merge),
  bag_set_key: (v, k, x) => ({ ...v, [k]: x }),
  bag_remove_keys: (v, names) => names.reduce((bag, name) => without(bag, name.startsWith('$.') ? name.slice(2).split('.') : [name]), v),
  bag_zip: (k, v) => Object.fromEntries(k.map((name, i) => [text(name), v[i] ?? null])),
  bag_pack: pack, pack, pack_dictionary: pack,
  bag_pack_columns: lazy(packColumns),
  pack_array: nulls((...v) => v.flat(0)),
  range,
  repeat: (v, n) => Array(Math.max(0, Number(n))).fill(v),
  set_difference: (...a) => difference(...a),
  set_equals: (a, b) => a.every(v => keysOf(b).has(key(v))) && b.every(v => keysOf(a).has(key(v))),
  set_has_element: (a, v) => a.some(x => x !== null && same(x, v)),
  set_intersect: (...a) => intersect(...a),
  set_union: (...a) => unique(a.flat()),
  treepath: v => treePath(v),
  zip: (...a) => Array.from({ length: Math.max(...a.map(x => x.length)) }, (_, i) => a.map(x => x[i] ?? null)),
  jaccard_index: (a, b) => { const all = unique([...a, ...b]).length; return all ? intersect(a, b).length / all : NaN; },
};
