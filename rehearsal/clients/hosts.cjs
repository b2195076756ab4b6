// Loaded before everything else: the gateway's host name leads to loopback, as a private DNS zone would lead to its address.
// Certificates are still checked against the name.
const dns = require('node:dns')

const host = process.env.REHEARSAL_HOST
const lookup = dns.lookup

dns.lookup = (name, options, callback) => {
  const done = typeof options === 'function' ? options : callback
  if (name !== host) return lookup(name, options, callback)
  if (options && options.all) return process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }])
  return process.nextTick(done, null, '127.0.0.1', 4)
}
