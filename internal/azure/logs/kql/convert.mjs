// Conversions between scalar types, and values that arrive from outside.

import { DateTime, Timespan, integer, isTicks, plainNumber, Real } from './values.mjs';
import { parseDateTime, parseTimespan, DAY } from './time.mjs';
import { text } from './format.mjs';

/** toLong reads whole numbers, decimal or hexadecimal; a real loses its fraction. */
export function toLong(v) {
  if (v === null) return null;
  switch (typeof v) {
    case 'bigint': return v;
    case 'number': return integer(Math.trunc(v));
    case 'boolean': return v ? 1 : 0;
    case 'string': {
      const s = v.trim();
      if (/^[+-]?\d+$/.test(s)) return inRange(BigInt(s.replace('+', '')));
      if (/^0x[0-9a-f]{1,16}$/i.test(s)) return integer(BigInt(s));
      return /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i.test(s) ? integer(Math.trunc(Number(s))) : null;
    }
  }
  return isTicks(v) ? integer(v.ticks) : null;
}

const inRange = big => BigInt.asIntN(64, big) === big ? integer(big) : null;

/** toInt is toLong within 32 bits. */
export function toInt(v) {
  const n = toLong(v);
  return n === null || n < -2147483648 || n > 2147483647 ? null : Number(n);
}

export function toReal(v) {
  if (v === null) return null;
  switch (typeof v) {
    case 'number': return v;
    case 'bigint': return Number(v);
    case 'boolean': return v ? 1 : 0;
    case 'string': {
      const s = v.trim();
      if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(s)) return Number(s);
      const named = { nan: NaN, '+inf': Infinity, inf: Infinity, infinity: Infinity, '-inf': -Infinity, '-infinity': -Infinity };
      return named[s.toLowerCase()] ?? null;
    }
  }
  return isTicks(v) ? Number(v.ticks) : null;
}

export function toBool(v) {
  if (v === null || typeof v === 'boolean') return v;
  if (typeof v === 'number' || typeof v === 'bigint') return Number(v) !== 0;
  const s = typeof v === 'string' ? v.trim().toLowerCase() : '';
  if (s === 'true' || s === 'false') return s === 'true';
  return /^[+-]?\d+$/.test(s) ? Number(s) !== 0 : null;
}

export function toDateTime(v) {
  if (v === null || v instanceof DateTime) return v;
  if (typeof v === 'string') return parseDateTime(v);
  return typeof v === 'number' || typeof v === 'bigint' ? new DateTime(BigInt(v)) : null;
}

export function toTimespan(v) {
  if (v === null || v instanceof Timespan) return v;
  if (typeof v === 'string') return parseTimespan(v);
  if (typeof v === 'bigint') return new Timespan(v);
  return typeof v === 'number' ? new Timespan(BigInt(Math.round(v * Number(DAY)))) : null;
}

const guid = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

export function toGuid(v) {
  const m = typeof v === 'string' ? guid.exec(v.trim()) : null;
  return m ? m.slice(1).join('-').toLowerCase() : null;
}

/** parseJSON is parse_json(): text that is no JSON becomes a dynamic string. */
export function parseJSON(v) {
  if (typeof v !== 'string') return v;
  if (v === '') return null;
  try {
    const parsed = JSON.parse(v);
    return wholeReal.test(v) && typeof parsed !== 'string' ? withReals(v) : parsed;
  } catch {
    return v;
  }
}

// JSON.parse makes 1.0 and 1e3 whole numbers. Only text that may have such a number is read the slow way.
const wholeReal = /\d\.0+(?!\d)|\d[eE]/, mark = '\u0000real';
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function withReals(text) {
  const marked = text.replace(token, t => /^[-\d]/.test(t) && /[.eE]/.test(t) && Number.isInteger(Number(t)) ? JSON.stringify({ [mark]: Number(t) }) : t);
  return JSON.parse(marked, (_, v) => v?.[mark] === undefined ? v : new Real(v[mark]));
}

const converters = {
  string: text, long: toLong, int: toInt, real: toReal, decimal: toReal, bool: toBool, datetime: toDateTime, timespan: toTimespan, guid: toGuid,
  dynamic: v => v,
};

/** to converts a value to a type by name. */
export function to(type, v) {
  return converters[type](type === 'string' || type === 'dynamic' ? v : plainNumber(v));
}

/** from reads a value that arrived as JSON for a column of a type. */
export function from(type, v) {
  if (v === null || v === undefined) return type === 'string' ? '' : null;
  return type === 'dynamic' && typeof v === 'object' ? v : converters[type](v);
}
