// String operators (Microsoft Learn: kusto/query/datatypes-string-operators). Without _cs they ignore case; has and its kin
// look for whole terms: runs of letters and digits.

import { regex } from './regex.mjs';

const lower = s => s.toLowerCase();
const isWord = c => c !== undefined && /[\p{L}\p{N}]/u.test(c);

function findTerm(s, t, before, after) {
  if (t === '') return true;
  for (let i = s.indexOf(t); i >= 0; i = s.indexOf(t, i + 1)) {
    if ((!before || !isWord(s[i - 1]) || !isWord(t[0])) && (!after || !isWord(s[i + t.length]) || !isWord(t[t.length - 1]))) return true;
  }
  return false;
}

const has = (s, t) => findTerm(s, t, true, true);
const hasPrefix = (s, t) => findTerm(s, t, true, false);
const hasSuffix = (s, t) => findTerm(s, t, false, true);
const contains = (s, t) => s.includes(t);
const startsWith = (s, t) => s.startsWith(t);
const endsWith = (s, t) => s.endsWith(t);
const insensitive = test => (s, t) => test(lower(s), lower(t));
const not = test => (s, t) => !test(s, t);

export const stringTests = { MatchesRegexExpression: (s, t) => regex(t).test(s) };
for (const [name, test] of Object.entries({ Has: has, HasPrefix: hasPrefix, HasSuffix: hasSuffix, Contains: contains, StartsWith: startsWith, EndsWith: endsWith })) {
  stringTests[`${name}Expression`] = insensitive(test);
  stringTests[`${name}CsExpression`] = test;
  stringTests[`Not${name}Expression`] = not(insensitive(test));
  stringTests[`Not${name}CsExpression`] = not(test);
}
stringTests.EqualTildeExpression = (s, t) => lower(s) === lower(t);
stringTests.BangTildeExpression = (s, t) => lower(s) !== lower(t);

export { has as hasTerm, lower };
export const hasTermInsensitive = insensitive(has);
