// Microsoft Learn: kusto/query/scalar-functions, "Mathematical functions" and "Rounding functions" and "Bitwise functions".

import { site } from './functions_kinds.mjs';
import { DateTime, Timespan, integer } from './values.mjs';
import { floorDiv } from './time.mjs';

function bin(v, size, at) {
  if (v instanceof DateTime || v instanceof Timespan) {
    if (size.ticks === undefined || size.ticks <= 0n) return null;
    const from = at?.ticks ?? 0n;
    return new v.constructor(from + floorDiv(v.ticks - from, size.ticks) * size.ticks);
  }
  if (Number(size) <= 0) return null;
  if (typeof v === 'bigint' || typeof size === 'bigint') return integer(floorDiv(BigInt(v) - BigInt(at ?? 0), BigInt(size)) * BigInt(size) + BigInt(at ?? 0));
  const from = Number(at ?? 0);
  return Math.floor((v - from) / size) * size + from;
}

const whole = f => site(({ type }) => v => type === 'long' || type === 'int' ? integer(f(Number(v))) : f(Number(v)));

/** round goes away from zero at the half, to so many decimals; negative ones round tens and hundreds. */
function round(v, digits = 0) {
  const by = 10 ** Math.abs(Number(digits));
  const shifted = digits >= 0 ? Number(v) * by : Number(v) / by;
  const nearest = Math.sign(shifted) * Math.round(Math.abs(shifted) + Number.EPSILON * Math.abs(shifted));
  return digits >= 0 ? nearest / by : nearest * by;
}

const absolute = v => v instanceof Timespan ? new Timespan(v.ticks < 0n ? -v.ticks : v.ticks) : v < 0 ? -v : v;
// A function outside its domain answers NaN in JavaScript and null in Kusto.
const defined = f => (...v) => { const r = f(...v.map(Number)); return Number.isNaN(r) ? null : r; };
const bits = f => (a, b) => integer(f(BigInt(a), BigInt(b ?? 0)));

export const math = {
  bin,
  floor: (v, size) => bin(v, size ?? 1),
  bin_at: (v, size, at) => bin(v, size, at),
  ceiling: whole(Math.ceil),
  round,
  abs: absolute,
  sign: v => Math.sign(Number(v)),
  sqrt: defined(Math.sqrt),
  pow: (a, b) => Number(a) ** Number(b),
  exp: v => Math.exp(Number(v)),
  exp2: v => 2 ** Number(v),
  exp10: v => 10 ** Number(v),
  log: defined(Math.log),
  log2: defined(Math.log2),
  log10: defined(Math.log10),
  sin: v => Math.sin(v), cos: v => Math.cos(v), tan: v => Math.tan(v), cot: v => 1 / Math.tan(v),
  asin: defined(Math.asin), acos: defined(Math.acos), atan: v => Math.atan(v), atan2: (a, b) => Math.atan2(a, b),
  pi: () => Math.PI,
  degrees: v => Number(v) * 180 / Math.PI,
  radians: v => Number(v) * Math.PI / 180,
  binary_and: bits((a, b) => a & b),
  binary_or: bits((a, b) => a | b),
  binary_xor: bits((a, b) => a ^ b),
  binary_not: bits(a => ~a),
  binary_shift_left: bits((a, b) => a << (b % 64n)),
  binary_shift_right: bits((a, b) => a >> (b % 64n)),
  bitset_count_ones: v => BigInt.asUintN(64, BigInt(v)).toString(2).replaceAll('0', '').length,
};
