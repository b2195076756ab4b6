// Functions of chapters that have few of them here: chance, columns of a whole row, base64, compression
// (Microsoft Learn: kusto/query/scalar-functions).

import { gunzipSync, inflateSync } from 'node:zlib';
import { site, siteNulls } from './functions_kinds.mjs';
import { isTicks, plainNumber } from './values.mjs';
import { toGuid } from './convert.mjs';
import { regex } from './regex.mjs';

const rand = site(({ run }) => n => n === undefined || Number(n) <= 1 ? run.random() : Math.floor(run.random() * Number(n)));

function newGuid({ run }) {
  return () => {
    const hex = Array.from({ length: 32 }, () => Math.floor(run.random() * 16).toString(16));
    hex[12] = '4';
    hex[16] = '89ab'[Math.floor(run.random() * 4)];
    return toGuid(hex.join(''));
  };
}

/** packAll makes a bag of every column; true leaves out null and empty ones. */
const packAll = site(({ columns }) => {
  const all = [...columns];
  return Object.assign((row, without) => {
    const bag = {};
    for (const [name, { at, type }] of all) {
      const v = row[at] ?? (type === 'string' ? '' : null);
      if (!(without && (v === null || v === ''))) bag[name] = v;
    }
    return bag;
  }, { wantsRow: true });
});

const decoded = s => /^[A-Za-z0-9+/\s]*={0,2}$/.test(s) ? Buffer.from(s, 'base64') : null;

function unpacked(unpack) {
  return s => {
    try {
      return unpack(decoded(s)).toString();
    } catch {
      return '';
    }
  };
}

/** littleGuid: a guid's first three parts have their bytes the other way round. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function guidFrom64(s) {
  const b = decoded(s);
  return b?.length === 16 ? toGuid(guidOrder.map(n => b[n].toString(16).padStart(2, '0')).join('')) : null;
}

function guidTo64(g) {
  const b = Buffer.from(g.replaceAll('-', ''), 'hex');
  return Buffer.from(guidOrder.map(n => b[n])).toString('base64');
}

const bareOf = v => isTicks(v) ? v.ticks : plainNumber(v);
const distance = (a, b) => a > b ? a - b : b - a;

export const others = {
  rand,
  new_guid: siteNulls(newGuid),
  pack_all: packAll,
  around: (v, center, delta) => distance(bareOf(v), bareOf(center)) <= bareOf(delta),
  regex_quote: s => s.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&'),
  indexof_regex: (s, pattern, start = 0, length = -1, occurrence = 1) => {
    const from = Number(start), text = length < 0 ? s : s.slice(0, from + Number(length));
    const found = [...text.slice(from).matchAll(regex(pattern, true))][Number(occurrence) - 1];
    return found ? from + found.index : -1;
  },
  base64_decode_toarray: s => { const b = decoded(s); return b ? [...b] : null; },
  base64_encode_fromarray: a => a.every(v => Number.isInteger(Number(v)) && v >= 0 && v < 256) ? Buffer.from(a.map(Number)).toString('base64') : '',
  base64_decode_toguid: guidFrom64,
  base64_encode_fromguid: guidTo64,
  gzip_decompress_from_base64_string: unpacked(gunzipSync),
  zlib_decompress_from_base64_string: unpacked(inflateSync),
};
