// Microsoft Learn: kusto/query/scalar-functions, "String functions".

import { createHash } from 'node:crypto';
import { nulls, siteNulls } from './functions_kinds.mjs';
import { text } from './format.mjs';
import { to, parseJSON } from './convert.mjs';
import { regex } from './regex.mjs';

// Lengths and positions count Unicode characters.
const chars = s => /[\ud800-\udfff]/.test(s) ? Array.from(s) : s.split('');

function substring(s, start, length) {
  const c = chars(s);
  const from = start < 0 ? Math.max(c.length + Number(start), 0) : Number(start);
  return c.slice(from, length === undefined ? undefined : from + Math.max(Number(length), 0)).join('');
}

function indexOf(s, what, start = 0, length = -1, occurrence = 1) {
  let from = start < 0 ? Math.max(s.length + start, 0) : start;
  for (let n = 1; ; n++) {
    const at = s.indexOf(what, from);
    // The length counts anew from each occurrence.
    if (at < 0 || length >= 0 && at + what.length > from + length) return -1;
    if (n === occurrence) return at;
    from = at + 1;
  }
}

function split(s, separator, at) {
  const all = separator === '' ? [s] : s.split(separator);
  return at === undefined ? all : all[at] === undefined ? [] : [all[at]];
}

function extract(pattern, group, s, type) {
  const m = regex(pattern).exec(s);
  const found = m?.[Number(group)];
  return found === undefined ? (type ? null : '') : found;
}

function extractAll(pattern, ...rest) {
  const s = rest[rest.length - 1], groups = rest.length > 1 ? rest[0] : null;
  return [...s.matchAll(regex(pattern, true))].map(m => {
    const captured = groups ? groups.map(g => m[g] ?? '') : m.slice(1).map(x => x ?? '');
    return captured.length === 1 ? captured[0] : captured;
  });
}

// RE2 writes the groups of a rewrite as \1, JavaScript as $1.
const rewrite = s => s.replaceAll('$', '$$$$').replace(/\\(\d)/g, (_, d) => d === '0' ? '$&' : `$${d}`);
const replaceRegex = (s, pattern, by) => s.replace(regex(pattern, true), rewrite(by));

function trimWith(pattern, s, start, end) {
  let r = s;
  if (start) r = r.replace(regex(`^(?:${pattern})+`), '');
  if (end) r = r.replace(regex(`(?:${pattern})+$`), '');
  return r;
}

function countOf(s, what, kind = 'normal') {
  if (kind === 'regex') return [...s.matchAll(regex(what, true))].length;
  let n = 0;
  for (let at = s.indexOf(what); at >= 0 && what !== ''; at = s.indexOf(what, at + 1)) n++;
  return n;
}

function parseUrl(s) {
  const m = /^(?:([a-z][\w+.-]*):)?(?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?#]*)(?::(\d+))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(s);
  if (!m) return null;
  return { Scheme: m[1] ?? '', Host: m[4] ?? '', Port: m[5] ?? '', Path: m[6] ?? '', Username: m[2] ?? '', Password: m[3] ?? '', 'Query Parameters': query(m[7]), Fragment: m[8] ?? '' };
}

const query = q => Object.fromEntries((q ?? '').split('&').filter(Boolean).map(p => p.split('=', 2).map(decode)).map(([k, v]) => [k, v ?? '']));

function decode(s) {
  try {
    return decodeURIComponent(s.replaceAll('+', ' '));
  } catch {
    return s;
  }
}

/** extractJSON walks a path such as $.a[0]['b'] through JSON text. */
function extractJSON(path, s) {
  let v = typeof s === 'string' ? parseJSON(s) : s;
  for (const [, dotted, index, quoted] of path.matchAll(/\.([\w-]+)|\[(-?\d+)\]|\[['"]([^'"]+)['"]\]/g)) {
    v = index === undefined ? v?.[dotted ?? quoted] : v?.at?.(Number(index));
    if (v === undefined || v === null) return null;
  }
  return v;
}

const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const joined = types => (...v) => v.map((x, i) => text(x, types[i])).join('');
const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

function formatBytes(v, digits = 0, unit) {
  let at = unit === undefined ? 0 : units.findIndex(u => u.toLowerCase() === unit.toLowerCase());
  let n = Number(v) / 1024 ** Math.max(at, 0);
  if (unit === undefined) for (n = Number(v), at = 0; Math.abs(n) >= 1024 && at < units.length - 1; at++) n /= 1024;
  return `${Number(n.toFixed(Number(digits)))} ${units[Math.max(at, 0)]}`;
}

/** mostRepeats is how often strrep() repeats (Microsoft Learn: kusto/query/strrep-function). */
const mostRepeats = 1024;

// What arrives as dynamic is read as text, as the binder allows.
const textFirst = f => (first, ...rest) => f(typeof first === 'string' || Array.isArray(first) ? first : text(first), ...rest);

const chapter = {
  strlen: s => chars(s).length,
  string_size: s => Buffer.byteLength(s),
  toupper: s => s.toUpperCase(),
  tolower: s => s.toLowerCase(),
  substring,
  indexof: (s, w, a, l, o) => indexOf(text(s), text(w), a, l, o),
  split,
  strcat: siteNulls(({ types }) => joined(types)),
  strcat_delim: siteNulls(({ types }) => (d, ...v) => v.map((x, i) => text(x, types[i + 1])).join(d)),
  strrep: siteNulls(({ types }) => (v, n, d = '') => Array(Math.min(Math.max(Number(n), 0), mostRepeats)).fill(text(v, types[0])).join(d)),
  strcmp: compare,
  reverse: siteNulls(({ types }) => v => chars(text(v, types[0])).reverse().join('')),
  replace_string: (s, a, b) => a === '' ? s : s.replaceAll(a, () => b),
  replace_strings: (s, a, b) => a.reduce((r, x, i) => r.replaceAll(x, () => Array.isArray(b) ? b[i] : b), s),
  replace_regex: replaceRegex,
  replace: (pattern, by, s) => replaceRegex(s, pattern, by),
  trim: (p, s) => trimWith(p, s, true, true),
  trim_start: (p, s) => trimWith(p, s, true, false),
  trim_end: (p, s) => trimWith(p, s, false, true),
  extract: siteNulls(({ type }) => (p, g, s) => to(type, extract(p, g ?? 0, text(s), type !== 'string'))),
  extract_all: extractAll,
  extract_json: siteNulls(({ type }) => (p, s) => { const v = s === null ? null : extractJSON(p, s); return v === null ? to(type, type === 'string' ? '' : null) : to(type, v); }),
  extractjson: siteNulls(({ type }) => (p, s) => { const v = s === null ? null : extractJSON(p, s); return v === null ? to(type, type === 'string' ? '' : null) : to(type, v); }),
  countof: countOf,
  has_any_index: (s, list) => list.findIndex(t => s.toLowerCase().includes(String(t).toLowerCase())),
  parse_url: parseUrl,
  parse_urlquery: s => ({ 'Query Parameters': query(s) }),
  url_encode: s => encodeURIComponent(s).replaceAll('%20', '+'),
  url_encode_component: s => encodeURIComponent(s),
  url_decode: s => decode(s),
  parse_csv: s => [...s.split('\n')[0].matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1]?.replaceAll('""', '"') ?? m[2]),
  base64_encode_tostring: s => Buffer.from(s).toString('base64'),
  base64_decode_tostring: s => Buffer.from(s, 'base64').toString(),
  hash_sha256: siteNulls(({ types }) => v => createHash('sha256').update(text(v, types[0])).digest('hex')),
  hash_md5: siteNulls(({ types }) => v => createHash('md5').update(text(v, types[0])).digest('hex')),
  hash_sha1: siteNulls(({ types }) => v => createHash('sha1').update(text(v, types[0])).digest('hex')),
  make_string: nulls((...v) => String.fromCodePoint(...v.flat().map(Number))),
  unicode_codepoints_from_string: s => Array.from(s).map(c => c.codePointAt(0)),
  to_utf8: s => Array.from(s).map(c => c.codePointAt(0)),
  translate: (from, by, s) => chars(s).map(c => { const at = from.indexOf(c); return at < 0 ? c : by.length === 0 ? '' : by[Math.min(at, by.length - 1)]; }).join(''),
  format_bytes: formatBytes,
};

export const string = Object.fromEntries(Object.entries(chapter).map(([name, f]) => [name, typeof f === 'function' && !f.nulls ? textFirst(f) : f]));
