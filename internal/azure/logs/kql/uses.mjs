// What a query needs of the tables it mentions: the others, and columns nobody asks for, are not sent.

import { nameText } from './expression.mjs';

/** tableName is the name in table("name"), undefined where it is no constant; of no call it is undefined too. */
export function tableName(node) {
  if (node.kind !== 'FunctionCallExpression' || nameText(node.Name) !== 'table') return undefined;
  const value = node.ArgumentList.Expressions[0]?.value;
  return typeof value === 'string' ? value : undefined;
}

/** uses gives {table: [columns]} for a bound tree and the tables of the schema. */
export function uses(tree, schemas) {
  const found = needed(tree), names = found.every ? [...schemas.keys()] : [...found.tables];
  return names.filter(name => schemas.has(name)).map(name => ({
    name, columns: schemas.get(name).map(c => c.name).filter(c => found.all || found.names.has(c)),
  }));
}

/** needed are the tables and the columns that a tree mentions; all is true where it needs every column. */
export function needed(tree) {
  const found = { tables: new Set(), names: new Set(), all: false };
  walk(tree, found);
  return found;
}

// What reads every column without naming one.
const wholeRows = new Set(['StarExpression', 'GetSchemaOperator', 'SearchOperator', 'ReduceByOperator']);
const wholeRowFunctions = new Set(['pack_all', 'narrow', 'pivot']);

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
  if (node.kind === 'PipeExpression') node.Operator.piped = true;
  if (node.kind === 'SearchOperator' && !node.InClause && !node.piped) found.every = true;
  if (node.symbol?.kind === 'Column') mention(node.symbol.name, found.names);
  if (wholeRows.has(node.kind)) found.all = true;
  if (node.kind === 'FunctionCallExpression') {
    const name = nameText(node.Name);
    if (wholeRowFunctions.has(name)) found.all = true;
    // A column that is named by a string.
    if (name === 'column_ifexists' || name === 'columnifexists') mention(node.ArgumentList.Expressions[0]?.value ?? '', found.names);
  }
  // A table in the place of a value stands for its first column.
  if (node.columns?.length) mention((node.all ?? node.columns)[0].name, found.names);
  if (node.kind === 'ExpressionStatement') for (const c of node.Expression.columns ?? []) mention(c.name, found.names);
  for (const value of Object.values(node)) if (value && typeof value === 'object') walk(value, found);
}

/** mention notes a name, and the name it was before a join (A1) or a union (A_long) changed it. */
function mention(name, names) {
  names.add(name);
  names.add(name.replace(/\d+$/, ''));
  names.add(name.replace(/_(string|long|int|real|bool|datetime|timespan|guid|dynamic|decimal)\d*$/, ''));
}
