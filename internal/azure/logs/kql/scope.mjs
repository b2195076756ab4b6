// What an operator's expressions can see.

import { compile, nameText } from './expression.mjs';
import { indexed } from './table.mjs';

/** scopeOf is the scope of expressions over a table; whole.needed is set by those that look at other rows. */
export const scopeOf = (table, run, env) => ({ columns: indexed(table.columns), env, run, whole: { needed: false } });

/** compileAll compiles expressions in a scope. */
export const compileAll = (nodes, scope) => nodes.map(n => compile(n, scope));

/** parameter is the value of name=value behind an operator's keyword, as text. */
export function parameter(node, name) {
  const p = (node.Parameters ?? []).find(x => nameText(x.Name).toLowerCase() === name);
  return p && (p.Expression.value ?? (p.Expression.Name ? nameText(p.Expression) : p.Expression.Token));
}

/** givenName is the name an expression gives its column, or undefined where the binder makes one up. */
export function givenName(node) {
  if (node.kind === 'SimpleNamedExpression') return nameText(node.Name);
  return node.kind === 'NameReference' ? node.symbol?.name ?? nameText(node.Name) : undefined;
}

/** madeNames are the names of an operator's expressions, those that the binder made up included. */
export function madeNames(expressions, columns, input) {
  const taken = new Set(input.map(c => c.name));
  for (const e of expressions) taken.add(givenName(e));
  const spare = columns.filter(c => !taken.has(c.name)).map(c => c.name);
  return expressions.map(e => givenName(e) ?? spare.shift());
}
