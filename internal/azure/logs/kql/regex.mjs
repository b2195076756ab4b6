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
      if (inline[1].includes('U')) throw new Failure(`the regular expression flag U in ${JSON.stringify(pattern)} is not supported here`);
      flags += inline[1];
      source = source.slice(inline[0].length);
    }
    source = source.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$').replace(/\[:(\w+):\]/g, (_, name) => posix[name] ?? _);
    r = compile(source, flags, pattern);
    compiled.set(id, r);
  }
  r.lastIndex = 0;
  return r;
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
