// Kusto's scalar values, and what null does to comparisons
// (Microsoft Learn: kusto/query/scalar-data-types/null-values).
//
// null is JavaScript's null, strings are never null. int and long are numbers, or BigInt where a number would lose digits.
// datetime and timespan are ticks of 100 ns. dynamic is plain JavaScript: object, array or any other scalar.

export const TICKS_PER_SECOND = 10_000_000n;

export class DateTime {
  /** ticks counts from 0001-01-01, as Kusto does. */
  constructor(ticks) { this.ticks = ticks; }
}

export class Timespan {
  constructor(ticks) { this.ticks = ticks; }
}

/** integer makes a long: 64 bits that wrap around. */
export function integer(value) {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    if (!Number.isFinite(value)) return null;
    value = BigInt(Math.trunc(value));
  }
  value = BigInt.asIntN(64, value);
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** empty is what a type has for "no value". */
export const empty = type => type === 'string' ? '' : null;

export const isTicks = v => v instanceof DateTime || v instanceof Timespan;
export const isBag = v => v !== null && typeof v === 'object' && !Array.isArray(v) && !isTicks(v) && !(v instanceof Real);

/** bare is what two values of a kind can be compared by. */
export const bare = v => isTicks(v) ? v.ticks : v instanceof Real ? v.valueOf() : v;

/** Real is a whole real inside a dynamic value, where nothing else would tell 1.0 from 1. */
export class Real extends Number {}

const real = v => Number.isInteger(v) ? new Real(v) : v;
const asIs = v => v;

/** inDynamic puts a value of a type into a dynamic value. */
export const inDynamic = type => type === 'real' || type === 'decimal' ? real : asIs;

/** plainNumber takes a number out of a dynamic value. */
export const plainNumber = v => v instanceof Real ? v.valueOf() : v;

/** same compares two values that are not null. */
export function same(a, b) {
  a = plainNumber(a);
  b = plainNumber(b);
  if (isTicks(a) || isTicks(b)) return isTicks(a) && isTicks(b) && a.constructor === b.constructor && a.ticks === b.ticks;
  if (typeof a === 'object' || typeof b === 'object') {
    return typeof a === 'object' && typeof b === 'object' && key(a) === key(b);
  }
  // A long beyond 2^53 is a BigInt and still equals the same real; a string never equals a number.
  return typeof a === typeof b ? a === b : typeof a !== 'string' && typeof b !== 'string' && a == b;
}

/** equal is ==: two nulls give null, one null gives false. */
export function equal(a, b) {
  if (a === null || b === null) return a === b ? null : false;
  return same(a, b);
}

/** unequal is !=: two nulls give null, one null gives true. */
export function unequal(a, b) {
  const is = equal(a, b);
  return is === null ? null : !is;
}

/** less and its kin are null as soon as one side is. */
export const less = (a, b) => a === null || b === null ? null : bare(a) < bare(b);
export const lessOrEqual = (a, b) => a === null || b === null ? null : bare(a) <= bare(b);

/** and, or: null counts as false, unless the other side decides. */
export const and = (a, b) => a === false || b === false ? false : a === null || b === null ? null : true;
export const or = (a, b) => a === true || b === true ? true : a === null || b === null ? null : false;

/** order sorts two values that are not null. Strings go by code point, not by language. */
export function order(a, b) {
  const x = bare(a), y = bare(b);
  if (typeof x === 'number' && typeof y === 'number' && (Number.isNaN(x) || Number.isNaN(y))) {
    return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : -1) : 1;
  }
  return x < y ? -1 : x > y ? 1 : 0;
}

/** key is a text that is the same for the same values, for grouping and joining. */
export function key(v) {
  if (v === null || v === undefined) return '~';
  switch (typeof v) {
    case 'string': return `s${v.length}:${v}`;
    case 'number': case 'bigint': return `n${Object.is(v, -0) ? 0 : v}`;
    case 'boolean': return v ? 't' : 'f';
  }
  if (v instanceof Real) return key(v.valueOf());
  if (v instanceof DateTime) return `d${v.ticks}`;
  if (v instanceof Timespan) return `p${v.ticks}`;
  if (Array.isArray(v)) return `[${v.map(key).join()}]`;
  return `{${Object.keys(v).sort().map(k => `${key(k)}${key(v[k])}`).join()}}`;
}

const simple = new Set(['string', 'guid', 'long', 'int', 'real', 'decimal', 'bool', 'datetime', 'timespan']);

/** keyerOf gives the key of values of these types: of one value alone it is the value itself, which a Map tells apart as well. */
export function keyerOf(types) {
  if (types.length !== 1 || !simple.has(types[0])) return keyOf;
  return ([v]) => typeof v === 'object' && v !== null ? v.ticks : v;
}

/** keyOf is the key of several values of a row. */
export function keyOf(values) {
  let text = '';
  for (const v of values) text += `${key(v)}|`;
  return text;
}
