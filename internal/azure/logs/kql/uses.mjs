// What a query needs of the tables it mentions: the others, and columns nobody asks for, are not sent.

import { nameText } from './expression.mjs';

/** tableName is the name in table("name"), undefined where it is no constant; of no call it is undefined too. */
export function tableName(node) {
  if (node.kind !== 'FunctionCallExpression' || nameText(node.Name) !== 'table') return undefined;
  const value = node.ArgumentList.Expressions[0]?.value;
  return typeof value === 'string' ? value : undefined;
}

/** uses gives {table: [columns]} for a bound tree and the tables of the schema. */
export function uses(tree, tables) {
  const found = { tables: new Set(), names: new Set(), all: false };
  walk(tree, found);
  return [...found.tables].filter(name => tables.has(name)).map(name => ({
    name, columns: tables.get(name).columns.map(c => c.name).filter(c => found.all || found.names.has(c)),
  }));
}

function walk(node, found) {
  if (Array.isArray(node)) {
    for (const n of node) walk(n, found);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  const named = tableName(node);
  if (named !== undefined) found.tables.add(named);
  if (node.symbol?.kind === 'Table') found.tables.add(node.symbol.name);
  for (const name of node.group ?? []) found.tables.add(name);
  if (node.symbol?.kind === 'Column') mention(node.symbol.name, found.names);
  if (node.kind === 'StarExpression') found.all = true;
  // A table in the place of a value stands for its first column.
  if (node.columns?.length) mention(node.columns[0].name, found.names);
  if (node.kind === 'ExpressionStatement') for (const c of node.Expression.columns ?? []) mention(c.name, found.names);
  for (const value of Object.values(node)) if (value && typeof value === 'object') walk(value, found);
}

/** mention notes a name, and the name it was before a join (A1) or a union (A_long) changed it. */
function mention(name, names) {
  names.add(name);
  names.add(name.replace(/\d+$/, ''));
  names.add(name.replace(/_(string|long|int|real|bool|datetime|timespan|guid|dynamic|decimal)\d*$/, ''));
}
