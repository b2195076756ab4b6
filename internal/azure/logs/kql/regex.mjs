// Kusto's regular expressions are RE2's; JavaScript writes some of the same things differently.

import { Failure } from './failure.mjs';

const compiled = new Map();

/** regex compiles a pattern; flags may come in front of it, as in (?i)abc. */
export function regex(pattern, global = false) {
  const id = `${global}${pattern}`;
  let r = compiled.get(id);
  if (!r) {
    let flags = global ? 'gu' : 'u', source = pattern;
    const inline = /^\(\?([imsU]+)\)/.exec(source);
    if (inline) {
      flags += [...new Set(inline[1].replaceAll('U', ''))].join('');
      source = source.slice(inline[0].length);
      if (inline[1].includes('U')) source = ungreedy(source);
    }
    source = source.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$').replace(/\[:(\w+):\]/g, (_, name) => posix[name] ?? _);
    r = compile(source, flags, pattern);
    compiled.set(id, r);
  }
  r.lastIndex = 0;
  return r;
}

const piece = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]|\(\?|(?:[*+?]|\{\d+(?:,\d*)?\})\??/g;

/** ungreedy is the flag U: what takes as much as it can takes as little as it can, and the other way round. */
function ungreedy(source) {
  return source.replace(piece, p => {
    if (p.startsWith('\\') || p.startsWith('[') || p.startsWith('(')) return p;
    return p.length > 1 && p.endsWith('?') ? p.slice(0, -1) : `${p}?`;
  });
}

const posix = { alpha: 'a-zA-Z', digit: '0-9', alnum: 'a-zA-Z0-9', space: '\\s', upper: 'A-Z', lower: 'a-z', punct: '!-\\/:-@\\[-`{-~', word: '\\w' };

function compile(source, flags, pattern) {
  try {
    return new RegExp(source, flags);
  } catch {
    // The u flag refuses needless escapes such as \" that RE2 allows.
    try {
      return new RegExp(source, flags.replace('u', ''));
    } catch (e) {
      throw new Failure(`regular expression ${JSON.stringify(pattern)}: ${e.message}`);
    }
  }
}
