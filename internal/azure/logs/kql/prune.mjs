// Columns that nobody mentions are not carried along. A column is needed where its name is written anywhere in the query or is
// in its answer, so that the names of a bound tree are all there is to know.

import { needed } from './uses.mjs';

// Operators that find their columns by name and may therefore do without some of them. The others make what they were asked for.
const byName = new Set(['ExtendOperator', 'ProjectAwayOperator', 'ProjectKeepOperator', 'ProjectReorderOperator', 'ProjectRenameOperator',
  'SerializeOperator', 'JoinOperator', 'LookupOperator', 'UnionOperator', 'MvExpandOperator', 'MvApplyOperator', 'ParseOperator',
  'ParseWhereOperator', 'ParseKvOperator', 'NameReference', 'FunctionCallExpression']);

/** prune takes the columns that nobody needs out of a tree; all keeps what the binder said, left what it said of the input. */
export function prune(tree) {
  const { names, all } = needed(tree);
  walk(tree, all ? () => true : c => names.has(c.name));
  return tree;
}

function walk(node, keep) {
  if (Array.isArray(node)) {
    for (const n of node) walk(n, keep);
    return;
  }
  if (node === null || typeof node !== 'object' || node.all) return;
  if (node.columns && node.kind) {
    node.all = node.columns;
    if (byName.has(node.kind)) node.columns = node.columns.filter(keep);
  }
  for (const [k, v] of Object.entries(node)) if (k !== 'columns' && k !== 'all' && k !== 'left' && v && typeof v === 'object') walk(v, keep);
  if (node.kind === 'PipeExpression') Object.assign(node.Operator, { left: node.Expression.all, over: node.Expression.symbol?.name });
}
