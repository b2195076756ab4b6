// Microsoft Learn: kusto/query/scalar-functions, "Scalar hash functions": hash() and hash_xxhash64(), which are XXH64 with the
// seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md) over the bytes of a value.

import { siteNulls } from './functions_kinds.mjs';
import { integer } from './values.mjs';
import { Failure } from './failure.mjs';

const [P1, P2, P3, P4, P5] = [0x9E3779B185EBCA87n, 0xC2B2AE3D27D4EB4Fn, 0x165667B19E3779F9n, 0x85EBCA77C2B2AE63n, 0x27D4EB2F165667C5n];
const u64 = v => BigInt.asUintN(64, v);
const rotate = (v, by) => u64(v << by | v >> 64n - by);
const round = (acc, lane) => u64(rotate(u64(acc + lane * P2), 31n) * P1);

export function xxh64(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0, acc = P5;
  if (bytes.length >= 32) {
    const lanes = [u64(P1 + P2), P2, 0n, u64(-P1)];
    for (; at + 32 <= bytes.length; at += 32) for (let n = 0; n < 4; n++) lanes[n] = round(lanes[n], view.getBigUint64(at + 8 * n, true));
    acc = u64(rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n));
    for (const lane of lanes) acc = u64((acc ^ round(0n, lane)) * P1 + P4);
  }
  acc = u64(acc + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) acc = u64(rotate(acc ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  if (at + 4 <= bytes.length) {
    acc = u64(rotate(acc ^ u64(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) acc = u64(rotate(acc ^ u64(BigInt(bytes[at]) * P5), 11n) * P1);
  acc = u64((acc ^ acc >> 33n) * P2);
  acc = u64((acc ^ acc >> 29n) * P3);
  return acc ^ acc >> 32n;
}

/** eight are the bytes of a whole number. */
function eight(v) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, BigInt(v)), true);
  return bytes;
}

// Microsoft shows a text and a datetime; a long has the same eight bytes. What the bytes of the other types are is not written anywhere.
const bytesOf = { string: v => new TextEncoder().encode(v), datetime: v => eight(v.ticks), long: eight };

/** [M] unverified: the remainder of a hash above 2^63. */
const remainder = (h, mod) => h % BigInt(mod);

const hash = name => siteNulls(({ types, node }) => {
  const bytes = bytesOf[types[0]];
  if (!bytes) throw new Failure(`${name}() of a ${types[0]} is not supported here`, node.at);
  return (v, mod) => {
    if (v === null) return null;
    const h = xxh64(bytes(v));
    return mod === undefined || mod === null ? integer(BigInt.asIntN(64, h)) : integer(remainder(h, mod));
  };
});

export const hashes = { hash: hash('hash'), hash_xxhash64: hash('hash_xxhash64') };
