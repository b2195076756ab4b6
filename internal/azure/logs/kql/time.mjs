// datetime and timespan: literals, parts, and steps of a calendar. Everything is UTC
// (Microsoft Learn: kusto/query/scalar-data-types/datetime and timespan).

import { DateTime, Timespan, TICKS_PER_SECOND } from './values.mjs';

const TICKS_PER_MS = 10_000n;
/** EPOCH is 1970-01-01 in ticks. */
export const EPOCH = 621_355_968_000_000_000n;
export const DAY = 864_000_000_000n;

const units = new Map([
  ['tick', 1n], ['ticks', 1n],
  ['microsecond', 10n], ['microseconds', 10n], ['us', 10n],
  ['ms', TICKS_PER_MS], ['milli', TICKS_PER_MS], ['millis', TICKS_PER_MS], ['millisecond', TICKS_PER_MS], ['milliseconds', TICKS_PER_MS],
  ['s', TICKS_PER_SECOND], ['sec', TICKS_PER_SECOND], ['second', TICKS_PER_SECOND], ['seconds', TICKS_PER_SECOND],
  ['m', 60n * TICKS_PER_SECOND], ['min', 60n * TICKS_PER_SECOND], ['minute', 60n * TICKS_PER_SECOND], ['minutes', 60n * TICKS_PER_SECOND],
  ['h', 3600n * TICKS_PER_SECOND], ['hr', 3600n * TICKS_PER_SECOND], ['hrs', 3600n * TICKS_PER_SECOND], ['hour', 3600n * TICKS_PER_SECOND], ['hours', 3600n * TICKS_PER_SECOND],
  ['d', DAY], ['day', DAY], ['days', DAY],
]);

/** ofMilliseconds and toMilliseconds pass between Kusto's time and JavaScript's. */
export const ofMilliseconds = ms => new DateTime(EPOCH + BigInt(Math.trunc(ms)) * TICKS_PER_MS);
export const toMilliseconds = t => Number(floorDiv(t.ticks - EPOCH, TICKS_PER_MS));

export function floorDiv(a, b) {
  const q = a / b;
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? q - 1n : q;
}

/** scale multiplies ticks with a number that may have a fraction. */
export function scale(ticks, by) {
  if (Number.isInteger(by)) return ticks * BigInt(by);
  return BigInt(Math.round(Number(ticks) * by));
}

/** parseTimespan reads 1d, 1.5h, 30m, 00:10:00, 1.02:03:04.5 and a bare number of days; null if it is none. */
export function parseTimespan(text) {
  text = text.trim();
  const unit = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text);
  if (unit) {
    const ticks = units.get(unit[2].toLowerCase());
    return ticks === undefined ? null : new Timespan(scale(ticks, Number(unit[1])));
  }
  const clock = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text);
  if (clock) {
    const [, sign, d = '0', h, m, s = '0', f = ''] = clock;
    const seconds = BigInt(h) * 3600n + BigInt(m) * 60n + BigInt(s);
    const ticks = BigInt(d) * DAY + seconds * TICKS_PER_SECOND + BigInt(f.padEnd(7, '0'));
    return new Timespan(sign ? -ticks : ticks);
  }
  return /^-?\d+$/.test(text) ? new Timespan(BigInt(text) * DAY) : null;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** parseDateTime reads ISO 8601, RFC 1123 and month/day/year; null if it is none. */
export function parseDateTime(text) {
  text = text.trim();
  const iso = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(text)
    ?? /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2}):?(\d{2})?(?:\.(\d{1,9}))?)?(Z)?$/.exec(text);
  if (iso) return moment(iso[1], iso[2], iso[3] ?? 1, iso[4], iso[5], iso[6], iso[7], iso[8]);
  if (/^\d{4}$/.test(text)) return moment(text, 1, 1);
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?\s*(AM|PM)?)?$/i.exec(text);
  if (us) {
    let hour = us[4] === undefined ? undefined : Number(us[4]);
    if (us[8]) hour = hour % 12 + (us[8].toLowerCase() === 'pm' ? 12 : 0);
    return moment(us[3], us[1], us[2], hour, us[5], us[6], us[7]);
  }
  const rfc = /^(?:[a-z]{3,9},?\s+)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4}|\d{2})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(?:GMT|UTC|Z)?$/i.exec(text);
  if (!rfc) return null;
  const month = months.indexOf(rfc[2].toLowerCase()) + 1;
  return month === 0 ? null : moment(rfc[3].length === 2 ? 2000 + Number(rfc[3]) : rfc[3], month, rfc[1], rfc[4], rfc[5], rfc[6]);
}

/** moment makes a datetime from its parts, or null where the calendar has no such moment. */
export function moment(year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = '') {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number);
  if (y < 1 || y > 9999 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59 || h < 0 || mi < 0 || s < 0) return null;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  if (date.getUTCMonth() !== mo - 1) return null;
  date.setUTCHours(h, mi, s);
  let ticks = ofMilliseconds(date.getTime()).ticks + BigInt(String(fraction ?? '').padEnd(7, '0').slice(0, 7));
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (offset) {
    const shift = (BigInt(offset[2]) * 60n + BigInt(offset[3])) * 60n * TICKS_PER_SECOND;
    ticks += offset[1] === '+' ? -shift : shift;
  }
  return new DateTime(ticks);
}

/** parts are the calendar's numbers for a datetime. */
export function parts(t) {
  const date = new Date(toMilliseconds(t));
  return {
    year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay(),
    hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
    fraction: Number(((t.ticks - EPOCH) % TICKS_PER_SECOND + TICKS_PER_SECOND) % TICKS_PER_SECOND),
  };
}

/** startOf is the beginning of the day, week (Sunday), month or year, moved by a number of them. */
export function startOf(unit, t, offset = 0) {
  const p = parts(t);
  const at = (y, m, d) => { const x = new Date(0); x.setUTCFullYear(y, m - 1, d); return ofMilliseconds(x.getTime()); };
  switch (unit) {
    case 'day': return at(p.year, p.month, p.day + offset);
    case 'week': return at(p.year, p.month, p.day - p.weekday + 7 * offset);
    case 'month': return at(p.year, p.month + offset, 1);
    default: return at(p.year + offset, 1, 1);
  }
}

/** addMonths keeps the day of the month where the other month has it. */
export function addMonths(t, count) {
  const first = startOf('month', t, count);
  const p = parts(first);
  const last = new Date(Date.UTC(p.year, p.month, 0)).getUTCDate();
  const day = Math.min(parts(t).day, last);
  const rest = t.ticks - startOf('day', t).ticks;
  return new DateTime(first.ticks + BigInt(day - 1) * DAY + rest);
}
