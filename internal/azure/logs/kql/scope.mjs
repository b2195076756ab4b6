// What an operator's expressions can see.

import { compile } from './expression.mjs';
import { nameText } from './expression.mjs';

/** indexed makes columns findable by name. */
export const indexed = columns => new Map(columns.map((c, at) => [c.name, { at, type: c.type }]));

/** scopeOf is the scope of expressions over a table. */
export const scopeOf = (table, run, env) => ({ columns: indexed(table.columns), env, run });

/** compileAll compiles expressions over a table. */
export const compileAll = (nodes, table, run, env) => nodes.map(n => compile(n, scopeOf(table, run, env)));

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
