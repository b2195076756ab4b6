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

const monthNames = 'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const weekday = '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\\s+)?';
const clockText = '(?<h>\\d{1,2}):(?<mi>\\d{1,2})(?::(?<s>\\d{1,2})(?:\\.(?<f>\\d{1,9}))?)?\\s*(?<half>AM|PM)?';
const zone = '\\s*(?<zone>Z|GMT|UTC|[+-]\\d{2}:?\\d{2})?$';
const dated = date => new RegExp(`^${date}(?:(?:\\s*T\\s*|,?\\s+)${clockText})?${zone}`, 'i');

// Microsoft lists ISO 8601, RFC 822, RFC 850 and a sortable form (Microsoft Learn: kusto/query/scalar-data-types/datetime);
// what is read beyond them is read as .NET does: the month before the day.
const dateTexts = [
  dated('(?<y>\\d{4})([-/.])(?<mo>\\d{1,2})(?:\\2(?<d>\\d{1,2}))?'),
  dated(`(?<y>\\d{4})[- ](?<name>${monthNames})[- ](?<d>\\d{1,2})`),
  new RegExp(`^(?<y>\\d{4})(?<mo>\\d{2})(?<d>\\d{2})(?:[T ]?(?<h>\\d{2}):?(?<mi>\\d{2}):?(?<s>\\d{2})?(?:\\.(?<f>\\d{1,9}))?)?${zone}`, 'i'),
  dated(`${weekday}(?<mo>\\d{1,2})([-/.])(?<d>\\d{1,2})\\2(?<y>\\d{4}|\\d{2})`),
  dated(`${weekday}(?<d>\\d{1,2})[ -](?<name>${monthNames})[ -](?<y>\\d{4}|\\d{2})`),
  dated(`${weekday}(?<name>${monthNames})\\.?\\s+(?<d>\\d{1,2})(?:,\\s*|\\s+)(?<y>\\d{4})`),
  new RegExp(`^${weekday}(?<name>${monthNames})\\s+(?<d>\\d{1,2})\\s+${clockText}\\s+(?<y>\\d{4})${zone}`, 'i'),
  /^(?<y>\d{4})$/,
];

/** parseDateTime reads the forms above; null if it is none. */
export function parseDateTime(text) {
  text = text.trim();
  const found = dateTexts.map(form => form.exec(text)).find(Boolean);
  if (!found) return null;
  const g = found.groups, year = g.y.length === 2 ? Number(g.y) + (g.y < '50' ? 2000 : 1900) : g.y;
  const month = g.name ? months.indexOf(g.name.slice(0, 3).toLowerCase()) + 1 : g.mo ?? 1;
  let hour = g.h;
  if (g.half) {
    if (Number(hour) > 12) return null;
    hour = Number(hour) % 12 + (g.half.toLowerCase() === 'pm' ? 12 : 0);
  }
  return moment(year, month, g.d ?? 1, hour, g.mi, g.s, g.f, g.zone);
}

const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?Z$/;

/** stamp reads the one form in which rows carry their times; undefined for others. */
export function stamp(text) {
  const found = written.exec(text);
  if (!found) return undefined;
  const ticks = EPOCH + BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * TICKS_PER_MS;
  return new DateTime(found[1] ? ticks + BigInt(found[1].padEnd(7, '0').slice(0, 7)) : ticks);
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
