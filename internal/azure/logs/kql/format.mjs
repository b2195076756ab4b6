// Values as text: what tostring() and strcat() write, and what a result carries.

import { DateTime, Timespan, Real, TICKS_PER_SECOND } from './values.mjs';
import { parts, DAY } from './time.mjs';

const two = n => String(n).padStart(2, '0');

/** dateTimeText is ISO 8601 with all seven digits of the second's fraction. */
export function dateTimeText(t) {
  const p = parts(t);
  return `${String(p.year).padStart(4, '0')}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${String(p.fraction).padStart(7, '0')}Z`;
}

/** timespanText is [-][d.]hh:mm:ss[.fffffff]. */
export function timespanText(t) {
  const ticks = t.ticks < 0n ? -t.ticks : t.ticks;
  const days = ticks / DAY, seconds = Number(ticks % DAY / TICKS_PER_SECOND), fraction = ticks % TICKS_PER_SECOND;
  return (t.ticks < 0n ? '-' : '') + (days ? `${days}.` : '')
    + `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    + (fraction ? `.${String(fraction).padStart(7, '0')}` : '');
}

/** realText keeps the point of a whole real: 3.0, not 3. */
export function realText(v) {
  if (Number.isNaN(v)) return 'NaN';
  if (!Number.isFinite(v)) return v > 0 ? 'Infinity' : '-Infinity';
  const text = String(v);
  return /^-?\d+$/.test(text) ? `${text}.0` : text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** text is tostring(): the empty string for null. */
export function text(v, type) {
  if (v === null || v === undefined) return '';
  switch (typeof v) {
    case 'string': return v;
    case 'number': return type === 'real' ? realText(v) : String(v);
    case 'bigint': case 'boolean': return String(v);
  }
  if (v instanceof DateTime) return dateTimeText(v);
  if (v instanceof Timespan) return timespanText(v);
  if (v instanceof Real) return realText(v.valueOf());
  return json(v);
}

/** json writes a dynamic value without spaces. */
export function json(v) {
  if (v === null || v === undefined) return 'null';
  if (typeof v === 'string' || v instanceof DateTime || v instanceof Timespan) return JSON.stringify(text(v));
  if (Array.isArray(v)) return `[${v.map(json).join()}]`;
  if (v instanceof Real) return realText(v.valueOf());
  if (typeof v === 'object') return `{${Object.keys(v).map(k => `${JSON.stringify(k)}:${json(v[k])}`).join()}}`;
  if (typeof v === 'number' && !Number.isFinite(v)) return JSON.stringify(realText(v));
  return String(v);
}

/** output makes a value that JSON can carry to the caller. */
export function output(v) {
  if (v === null || v === undefined) return null;
  switch (typeof v) {
    case 'bigint': return { long: String(v) };
    case 'number': return Number.isFinite(v) ? v : realText(v);
    case 'string': case 'boolean': return v;
  }
  if (v instanceof DateTime) return dateTimeText(v).replace(/\.?0+Z$/, 'Z');
  if (v instanceof Timespan) return timespanText(v);
  return { json: json(v) };
}
