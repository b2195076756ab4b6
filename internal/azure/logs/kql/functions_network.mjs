// Microsoft Learn: kusto/query/scalar-functions, "IPv4 functions": a new network is a question about keys.

function parse(text) {
  const m = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(text);
  if (!m || m.slice(1, 5).some(b => b > 255) || m[5] > 32) return null;
  return { address: m.slice(1, 5).reduce((a, b) => a * 256 + Number(b), 0), prefix: m[5] === undefined ? 32 : Number(m[5]) };
}

const mask = (address, prefix) => Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix);

function inRange(ip, range) {
  const a = parse(ip), r = parse(range);
  return a && r ? mask(a.address, r.prefix) === mask(r.address, r.prefix) : null;
}

const isPrivate = ip => ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some(range => inRange(ip, range));

function format(ip, prefix) {
  const a = parse(String(ip));
  if (!a || prefix < 0 || prefix > 32) return '';
  const p = prefix === undefined ? a.prefix : Math.min(a.prefix, Number(prefix)), n = mask(a.address, p);
  return [24, 16, 8, 0].map(s => Math.floor(n / 2 ** s) % 256).join('.');
}

/** addresses are the IPv4 addresses in a text that have no letter and no digit beside them. */
function addresses(text) {
  return [...text.matchAll(/(?<![0-9A-Za-z])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z])/g)].map(m => m[0]).filter(ip => parse(ip));
}

const hasAddress = (text, ip) => parse(ip) !== null && !ip.includes('/') && addresses(text).some(found => parse(found).address === parse(ip).address);

/** hasPrefix: a prefix is a whole address, or ends with a point. */
function hasPrefix(text, prefix) {
  if (!/^(?:\d{1,3}\.){1,3}$/.test(prefix)) return hasAddress(text, prefix);
  return prefix.split('.').every(part => part === '' || part <= 255) && addresses(text).some(found => found.startsWith(prefix));
}

const anyOf = test => (text, ...wanted) => wanted.flat().some(w => test(text, String(w)));

/** compared is -1, 0 or 1 for two addresses under the shorter of their networks. */
function compared(parsed, masked) {
  return (a, b, prefix) => {
    const x = parsed(a), y = parsed(b);
    if (!x || !y) return null;
    const p = Math.min(prefix === undefined ? Infinity : Number(prefix), x.prefix, y.prefix), m = masked(x.address, p), n = masked(y.address, p);
    return m < n ? -1 : m > n ? 1 : 0;
  };
}

/** parse6 reads an IPv6 or, mapped, an IPv4 address, with or without a network. */
function parse6(text) {
  const four = parse(text);
  if (four) return { address: 0xffff00000000n | BigInt(four.address), prefix: 96 + four.prefix };
  const [, written, length = '128'] = /^\s*([0-9a-f:.]+)(?:\/(\d{1,3}))?\s*$/i.exec(text) ?? [];
  if (written === undefined || length > 128) return null;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(written), mapped = tail && parse(tail[2]);
  if (tail && !mapped) return null;
  const plain = tail ? `${tail[1]}${Math.floor(mapped.address / 65536).toString(16)}:${(mapped.address % 65536).toString(16)}` : written;
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const [front, back = []] = halves.map(h => h === '' ? [] : h.split(':')), missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...front, ...Array(halves.length === 2 ? missing : 0).fill('0'), ...back];
  if (groups.some(g => !/^[0-9a-f]{1,4}$/i.test(g))) return null;
  return { address: groups.reduce((n, g) => n << 16n | BigInt(`0x${g}`), 0n), prefix: Number(length) };
}

const mask6 = (address, prefix) => address >> BigInt(128 - prefix) << BigInt(128 - prefix);
const text6 = address => address.toString(16).padStart(32, '0').match(/.{4}/g).join(':');
const compare6 = compared(parse6, mask6);

function inRange6(ip, range) {
  const a = parse6(ip), r = parse6(range);
  return a && r ? mask6(a.address, r.prefix) === mask6(r.address, r.prefix) : null;
}

export const network = {
  has_ipv4: hasAddress,
  has_any_ipv4: anyOf(hasAddress),
  has_ipv4_prefix: hasPrefix,
  has_any_ipv4_prefix: anyOf(hasPrefix),
  ipv4_compare: compared(parse, mask),
  ipv4_netmask_suffix: ip => parse(ip)?.prefix ?? null,
  parse_ipv4_mask: (ip, prefix) => { const a = parse(ip); return a && prefix >= 0 && prefix <= 32 ? mask(a.address, Math.min(a.prefix, Number(prefix))) : null; },
  ipv6_compare: compare6,
  ipv6_is_match: (a, b, prefix) => { const c = compare6(a, b, prefix); return c === null ? null : c === 0; },
  ipv6_is_in_range: inRange6,
  ipv6_is_in_any_range: (ip, ...ranges) => ranges.flat().some(r => inRange6(ip, r)),
  parse_ipv6: ip => { const a = parse6(ip); return a ? text6(mask6(a.address, a.prefix)) : ''; },
  parse_ipv6_mask: (ip, prefix) => { const a = parse6(ip); return a ? text6(mask6(a.address, Math.min(a.prefix, Number(prefix)))) : ''; },
  ipv4_is_in_range: inRange,
  ipv4_is_in_any_range: (ip, ...ranges) => ranges.flat().some(r => inRange(ip, r)),
  ipv4_is_private: ip => parse(ip) ? isPrivate(ip) : null,
  ipv4_is_match: (a, b, prefix = 32) => {
    const x = parse(a), y = parse(b);
    if (!x || !y) return null;
    const p = Math.min(Number(prefix), x.prefix, y.prefix);
    return mask(x.address, p) === mask(y.address, p);
  },
  parse_ipv4: ip => { const a = parse(ip); return a ? mask(a.address, a.prefix) : null; },
  format_ipv4: format,
  format_ipv4_mask: (ip, prefix) => { const a = parse(String(ip)); const masked = format(ip, prefix); return masked ? `${masked}/${prefix === undefined ? a.prefix : Math.min(a.prefix, Number(prefix))}` : ''; },
};
