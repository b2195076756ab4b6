// search (Microsoft Learn: kusto/query/search-operator) and parse-kv (kusto/query/parse-kv-operator).

import { empty } from './values.mjs';
import { to } from './convert.mjs';
import { text } from './format.mjs';
import { regex } from './regex.mjs';
import { compile, nameText } from './expression.mjs';
import { stringTests } from './textmatch.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { Table, indexed, picker, visit } from './table.mjs';
import { refuse } from './failure.mjs';

const escape = s => s.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** looker is how a term is looked for: the place of its stars says how. */
function looker(term, cased) {
  const test = name => stringTests[`${name}${cased ? 'Cs' : ''}Expression`];
  const bare = term.replace(/^\*|\*$/g, ''), front = term.startsWith('*'), end = term.endsWith('*') && term.length > 1;
  if (bare.includes('*')) {
    const pattern = regex(`${cased ? '' : '(?i)'}\\b${bare.split('*').map(escape).join('.*')}\\b`);
    return s => pattern.test(s);
  }
  const how = test(front && end ? 'Contains' : front ? 'HasSuffix' : end ? 'HasPrefix' : 'Has');
  return s => how(s, bare);
}

/** predicate is a search's own kind of condition: a text alone is looked for in every column. */
function predicate(node, scope, cased) {
  switch (node.kind) {
    case 'ParenthesizedExpression': return predicate(node.Expression, scope, cased);
    case 'StarExpression': return () => true;
    case 'StringLiteralExpression': case 'CompoundStringLiteralExpression': {
      const found = looker(node.value, cased), columns = [...scope.columns].filter(([name]) => name !== tableColumn).map(([, c]) => c);
      return row => columns.some(c => found(text(row[c.at], c.type)));
    }
    case 'SearchExpression': {
      const of = compile(node.Left, scope), found = looker(node.Right.value ?? '', cased);
      return (...at) => found(text(of(...at), node.Left.type));
    }
    case 'AndExpression': case 'OrExpression': {
      const a = predicate(node.Left, scope, cased), b = predicate(node.Right, scope, cased);
      return node.kind === 'AndExpression' ? (...at) => a(...at) && b(...at) : (...at) => a(...at) || b(...at);
    }
    case 'FunctionCallExpression':
      if (nameText(node.Name) === 'not') {
        const not = predicate(node.ArgumentList.Expressions[0], scope, cased);
        return (...at) => !not(...at);
      }
  }
  const value = compile(node, scope);
  return (...at) => value(...at) === true;
}

const tableColumn = '$table';

function search(node, input, run, env) {
  const kind = parameter(node, 'kind') ?? 'default';
  if (!['default', 'case_insensitive', 'case_sensitive'].includes(kind)) refuse(`search kind=${kind}`, node);
  const named = (node.InClause?.Expressions ?? []).flatMap(e => e.group ? e.group.map(name => ({ name, table: run.member(name, e) })) : [{ name: e.symbol?.name ?? '', table: run.table(e, env) }]);
  const legs = input ? [{ name: node.over ?? '', table: input }] : node.InClause ? named : [...run.tables].map(([name, table]) => ({ name, table }));
  const whole = new Table(node.columns, []), scope = scopeOf(whole, run, env), test = predicate(node.Condition, scope, kind === 'case_sensitive');
  return new Table(node.columns, give => legs.every(({ name, table }) => {
    const pick = picker(node.columns, table.columns), place = node.columns.findIndex(c => c.name === tableColumn);
    return table.each(row => {
      const made = pick(row);
      if (place >= 0) made[place] = name;
      return test(made, 0, []) ? give(made) : true;
    }) !== false;
  }));
}

// ---- parse-kv

/** properties of with (…), by name; quote may come twice. */
function properties(node) {
  const found = { quote: [], escape: [] };
  for (const p of node.WithClause?.Properties ?? []) {
    const name = nameText(p.Name), value = p.Expression.value ?? p.Expression.Token;
    if (name === 'quote' || name === 'escape') found[name].push(value);
    else found[name] = value;
  }
  return found;
}

/** Reader takes keys and values out of a text. */
class Reader {
  constructor({ pair_delimiter: pair, kv_delimiter: kv, quote, escape: escapes, greedy }, keys) {
    Object.assign(this, { pair, kv, escapes, greedy: greedy === 'true', keys });
    this.quotes = quote.map(q => [q[0], q[1] ?? q[0]]);
  }

  /** quoted reads a quoted text at a place: its content, and where it ends. */
  quoted(s, at) {
    const quotes = this.quotes.find(([open]) => s[at] === open);
    if (!quotes) return undefined;
    let content = '';
    for (let i = at + 1; i < s.length; i++) {
      if (this.escapes.includes(s[i]) && i + 1 < s.length) content += s[++i];
      else if (s[i] === quotes[1]) return { content, end: i + 1 };
      else content += s[i];
    }
    return undefined;
  }

  /** until reads up to the next of some delimiters; a quoted text has none. */
  until(s, at, delimiters) {
    const skipped = at + /^\s*/.exec(s.slice(at))[0].length, quoted = this.quoted(s, this.isDelimiter(s, at, delimiters) ? at : skipped);
    if (quoted) return quoted;
    let end = at;
    while (end < s.length && !this.isDelimiter(s, end, delimiters)) end++;
    return { content: s.slice(at, end).trim(), end };
  }

  isDelimiter(s, at, delimiters) { return delimiters.some(d => s.startsWith(d, at)); }

  read(s) {
    const found = new Map();
    let at = 0;
    while (at < s.length) {
      const name = this.until(s, at, [this.kv, this.pair]);
      at = name.end;
      if (!s.startsWith(this.kv, at)) {
        at = Math.max(at, name.end) + (s.startsWith(this.pair, at) ? this.pair.length : 1);
        continue;
      }
      at += this.kv.length;
      const value = this.until(s, at, [this.pair]);
      let { content, end } = value;
      if (this.greedy && this.quoted(s, at) === undefined) [content, end] = this.upToNextKey(s, at);
      if (!found.has(name.content)) found.set(name.content, content);
      at = end + (s.startsWith(this.pair, end) ? this.pair.length : 0);
    }
    return found;
  }

  /** upToNextKey is a value that may have delimiters of pairs in it: it ends where the next key begins. */
  upToNextKey(s, at) {
    for (let end = s.indexOf(this.pair, at); end >= 0; end = s.indexOf(this.pair, end + 1)) {
      const rest = s.slice(end + this.pair.length);
      if (this.keys.some(k => rest.trimStart().startsWith(k + this.kv))) return [s.slice(at, end).trim(), end];
    }
    return [s.slice(at).trim(), s.length];
  }
}

/** loose reads keys and values between anything that is no letter and no digit. */
function loose(s, keys, reader) {
  const found = new Map();
  for (const k of keys) {
    const at = new RegExp(`(?<![\\p{L}\\p{N}])${escape(k)}[^\\p{L}\\p{N}]+?(?=[\\p{L}\\p{N}]|${reader.quotes.map(([open]) => escape(open)).join('|') || '(?!)'})`, 'u').exec(s);
    if (!at) continue;
    const from = at.index + at[0].length, quoted = reader.quoted(s, from);
    found.set(k, quoted ? quoted.content : /^[\p{L}\p{N}_]+/u.exec(s.slice(from))?.[0] ?? '');
  }
  return found;
}

function byRegex(pattern, s) {
  const found = new Map();
  for (const m of s.matchAll(regex(pattern, true))) if (!found.has(m[1]?.trim())) found.set(m[1]?.trim(), m[2]?.trim() ?? '');
  return found;
}

function parseKv(node, input, run, env) {
  const scope = scopeOf(input, run, env), value = compile(node.Expression, scope), said = properties(node), from = indexed(input.columns);
  const wanted = new Set(node.Keys.Columns.map(c => nameText(c.Name))), reader = new Reader(said, [...wanted]);
  const read = said.regex !== undefined ? s => byRegex(said.regex, s) : said.pair_delimiter !== undefined ? s => reader.read(s) : s => loose(s, wanted, reader);
  return new Table(node.columns, give => visit(input, scope, (row, i, all) => {
    const found = read(text(value(row, i, all)));
    return give(node.columns.map(c => {
      if (!wanted.has(c.name)) return row[from.get(c.name)?.at ?? -1];
      return found.has(c.name) ? to(c.type, found.get(c.name)) : empty(c.type);
    }));
  }));
}

export const searchOperators = { SearchOperator: search, ParseKvOperator: parseKv };
