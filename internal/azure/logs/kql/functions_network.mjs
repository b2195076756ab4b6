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

export const network = {
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
