// Microsoft Learn: kusto/query/scalar-functions, "DateTime/timespan functions".

import { siteNulls, site } from './functions_kinds.mjs';
import { DateTime, Timespan, TICKS_PER_SECOND, integer } from './values.mjs';
import { moment, parts, startOf, addMonths, scale, floorDiv, toMilliseconds, DAY, EPOCH } from './time.mjs';

const two = (n, w = 2) => String(n).padStart(w, '0');
const before = (unit, t, offset) => new DateTime(startOf(unit, t, Number(offset ?? 0) + 1).ticks - 1n);

const fixed = {
  millisecond: 10_000n, microsecond: 10n, nanosecond: 0n, second: TICKS_PER_SECOND, minute: 60n * TICKS_PER_SECOND,
  hour: 3600n * TICKS_PER_SECOND, day: DAY, week: 7n * DAY,
};

function datetimeAdd(unit, count, t) {
  const u = unit.toLowerCase();
  if (u in fixed && u !== 'nanosecond') return new DateTime(t.ticks + fixed[u] * BigInt(count));
  const months = { month: 1, quarter: 3, year: 12 }[u];
  return months ? addMonths(t, months * Number(count)) : null;
}

// Whole boundaries crossed, not elapsed time: from 23:59 to 00:01 is one day.
function datetimeDiff(unit, a, b) {
  const u = unit.toLowerCase(), x = parts(a), y = parts(b);
  switch (u) {
    case 'year': return x.year - y.year;
    case 'quarter': return (x.year - y.year) * 4 + Math.floor((x.month - 1) / 3) - Math.floor((y.month - 1) / 3);
    case 'month': return (x.year - y.year) * 12 + x.month - y.month;
    case 'week': return Number((startOf('week', a).ticks - startOf('week', b).ticks) / (7n * DAY));
    case 'nanosecond': return integer((a.ticks - b.ticks) * 100n);
  }
  const size = fixed[u];
  return size ? integer(floorDiv(a.ticks, size) - floorDiv(b.ticks, size)) : null;
}

function datetimePart(part, t) {
  const p = parts(t);
  switch (part.toLowerCase()) {
    case 'year': return p.year;
    case 'quarter': return Math.floor((p.month - 1) / 3) + 1;
    case 'month': return p.month;
    case 'week_of_year': case 'weekofyear': return isoWeek(t);
    case 'day': return p.day;
    case 'dayofyear': return dayOfYear(t);
    case 'hour': return p.hour;
    case 'minute': return p.minute;
    case 'second': return p.second;
    case 'millisecond': return Math.floor(p.fraction / 10_000);
    case 'microsecond': return Math.floor(p.fraction / 10);
    case 'nanosecond': return p.fraction * 100;
  }
  return null;
}

const dayOfYear = t => Number((startOf('day', t).ticks - startOf('year', t).ticks) / DAY) + 1;

function isoWeek(t) {
  const weekday = (parts(t).weekday + 6) % 7;
  const thursday = new DateTime(startOf('day', t).ticks + BigInt(3 - weekday) * DAY);
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1;
}

/** formatDateTime fills the codes of a format, longest first. */
function formatDateTime(t, format) {
  const p = parts(t), fraction = two(p.fraction, 7), twelve = p.hour % 12 || 12;
  return format.replace(/yyyy|yy|y|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|fffffff|ffffff|fffff|ffff|fff|ff|f|FFFFFFF|FFFFFF|FFFFF|FFFF|FFF|FF|F|tt/g, code => {
    switch (code) {
      case 'yyyy': return two(p.year, 4);
      case 'yy': return two(p.year % 100);
      case 'y': return p.year % 100;
      case 'MM': return two(p.month);
      case 'M': return p.month;
      case 'dd': return two(p.day);
      case 'd': return p.day;
      case 'HH': return two(p.hour);
      case 'H': return p.hour;
      case 'hh': return two(twelve);
      case 'h': return twelve;
      case 'mm': return two(p.minute);
      case 'm': return p.minute;
      case 'ss': return two(p.second);
      case 's': return p.second;
      case 'tt': return p.hour < 12 ? 'AM' : 'PM';
    }
    const digits = fraction.slice(0, code.length);
    return code[0] === 'f' ? digits : digits.replace(/0+$/, '');
  });
}

function formatTimespan(t, format) {
  const ticks = t.ticks < 0n ? -t.ticks : t.ticks;
  const seconds = Number(ticks / TICKS_PER_SECOND), fraction = two(Number(ticks % TICKS_PER_SECOND), 7), days = Math.floor(seconds / 86400);
  return format.replace(/d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}/g, code => {
    const width = code.length;
    switch (code[0]) {
      case 'd': return two(days, width);
      case 'H': case 'h': return two(Math.floor(seconds / 3600) % 24, width);
      case 'm': return two(Math.floor(seconds / 60) % 60, width);
      case 's': return two(seconds % 60, width);
      case 'f': return fraction.slice(0, width);
    }
    return fraction.slice(0, width).replace(/0+$/, '');
  });
}

// A real number of hours, minutes and seconds is not worth a wrong answer: only whole parts, seconds may have a fraction.
function makeDatetime(y, mo, d, h = 0, mi = 0, s = 0) {
  const [whole, fraction = ''] = String(s).split('.');
  return moment(y, mo, d, h, mi, whole, fraction);
}

function makeTimespan(...v) {
  const [d, h, m, s] = v.length === 4 ? v : [0, v[0], v[1], v[2] ?? 0];
  return new Timespan(BigInt(d) * DAY + (BigInt(h) * 3600n + BigInt(m) * 60n) * TICKS_PER_SECOND + scale(TICKS_PER_SECOND, Number(s)));
}

const fromUnix = unit => v => new DateTime(EPOCH + scale(unit, Number(v)));

const zones = new Map();

/** zone writes times as clocks of a place show them; undefined where there is no such place. */
function zone(name) {
  if (!zones.has(name)) {
    try {
      zones.set(name, new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }));
    } catch {
      zones.set(name, undefined);
    }
  }
  return zones.get(name);
}

/** ahead is how much a place's clocks are ahead of UTC at a time. */
function ahead(t, clock) {
  const p = Object.fromEntries(clock.formatToParts(toMilliseconds(t)).map(({ type, value }) => [type, Number(value)]));
  return moment(p.year, p.month, p.day, p.hour, p.minute, p.second).ticks - floorDiv(t.ticks, TICKS_PER_SECOND) * TICKS_PER_SECOND;
}

function toLocal(t, name) {
  const clock = zone(name);
  return clock ? new DateTime(t.ticks + ahead(t, clock)) : null;
}

/** toUTC looks twice, because what clocks are ahead by may change in between. */
function toUTC(t, name) {
  const clock = zone(name);
  if (!clock) return null;
  const guess = new DateTime(t.ticks - ahead(t, clock));
  return new DateTime(t.ticks - ahead(guess, clock));
}

export const datetime = {
  datetime_utc_to_local: toLocal,
  datetime_local_to_utc: toUTC,
  unixtime_nanoseconds_todatetime: v => new DateTime(EPOCH + BigInt(v) / 100n),
  now: siteNulls(({ now }) => (offset = null) => offset === null ? now : new DateTime(now.ticks + offset.ticks)),
  ago: site(({ now }) => span => new DateTime(now.ticks - span.ticks)),
  startofday: (t, o) => startOf('day', t, Number(o ?? 0)), endofday: (t, o) => before('day', t, o),
  startofweek: (t, o) => startOf('week', t, Number(o ?? 0)), endofweek: (t, o) => before('week', t, o),
  startofmonth: (t, o) => startOf('month', t, Number(o ?? 0)), endofmonth: (t, o) => before('month', t, o),
  startofyear: (t, o) => startOf('year', t, Number(o ?? 0)), endofyear: (t, o) => before('year', t, o),
  datetime_add: datetimeAdd,
  datetime_diff: datetimeDiff,
  datetime_part: datetimePart,
  dayofweek: t => new Timespan(BigInt(parts(t).weekday) * DAY),
  dayofmonth: t => parts(t).day,
  dayofyear: dayOfYear,
  monthofyear: t => parts(t).month,
  getmonth: t => parts(t).month,
  getyear: t => parts(t).year,
  week_of_year: isoWeek,
  hourofday: t => parts(t).hour,
  make_datetime: (...v) => v.length === 1 ? v[0] : makeDatetime(...v),
  make_timespan: makeTimespan,
  format_datetime: formatDateTime,
  format_timespan: formatTimespan,
  unixtime_seconds_todatetime: fromUnix(TICKS_PER_SECOND),
  unixtime_milliseconds_todatetime: fromUnix(10_000n),
  unixtime_microseconds_todatetime: fromUnix(10n),
};
