// Microsoft Learn: kusto/query/scalar-functions, "Conversion functions".

import { siteNulls } from './functions_kinds.mjs';
import { toLong, toInt, toReal, toBool, toDateTime, toTimespan, toGuid } from './convert.mjs';
import { text } from './format.mjs';
import { isBag, DateTime, Timespan, Real } from './values.mjs';

function typeOf(v, type) {
  if (v === null) return type === 'string' ? 'string' : 'null';
  if (Array.isArray(v)) return 'array';
  if (isBag(v)) return 'dictionary';
  if (v instanceof DateTime) return 'datetime';
  if (v instanceof Timespan) return 'timespan';
  if (v instanceof Real) return 'double';
  if (type !== 'dynamic') return type;
  if (typeof v === 'boolean') return 'bool';
  return typeof v === 'string' ? 'string' : Number.isInteger(v) || typeof v === 'bigint' ? 'long' : 'double';
}

const hex = (v, width = 0) => BigInt.asUintN(64, BigInt(v)).toString(16).padStart(Number(width), '0');

export const conversion = {
  tostring: siteNulls(({ types }) => v => text(v, types[0])),
  tolong: toLong,
  toint: toInt,
  toreal: toReal,
  todouble: toReal,
  todecimal: toReal,
  tobool: toBool,
  toboolean: toBool,
  todatetime: toDateTime,
  totimespan: toTimespan,
  toguid: toGuid,
  tohex: hex,
  gettype: siteNulls(({ types }) => v => typeOf(v, types[0])),
  isnan: v => Number.isNaN(v),
  isinf: v => Math.abs(v) === Infinity,
  isfinite: v => Number.isFinite(Number(v)),
  isascii: s => /^[\x00-\x7f]*$/.test(s),
};
