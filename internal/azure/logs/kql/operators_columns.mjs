// Operators that choose or make columns: project and its kin, extend, serialize, print
// (Microsoft Learn: kusto/query/tabular-operators).

import { scopeOf, compileAll, madeNames } from './scope.mjs';
import { compile } from './expression.mjs';
import { Table, indexed, mapped, picker } from './table.mjs';
import { refuse } from './failure.mjs';

function project(node, input, run, env) {
  const scope = scopeOf(input, run, env), values = compileAll(node.Expressions, scope);
  if (values.length !== node.columns.length) refuse('an expression of several columns', node);
  return mapped(node.columns, input, scope, (row, i, all) => values.map(v => v(row, i, all)));
}

/** extend replaces columns of the same name and puts the others behind. */
function extend(node, input, run, env) {
  const scope = scopeOf(input, run, env), places = indexed(node.columns);
  const names = madeNames(node.Expressions, node.all, node.left ?? input.columns);
  const made = node.Expressions.map((e, n) => ({ at: places.get(names[n])?.at, value: compile(e, scope) })).filter(m => m.at !== undefined);
  if (names.includes(undefined)) refuse('an expression of several columns', node);
  const kept = node.columns.map(c => scope.columns.get(c.name)?.at ?? -1);
  return mapped(node.columns, input, scope, (row, i, all) => {
    const out = kept.map(at => row[at]);
    for (const m of made) out[m.at] = m.value(row, i, all);
    return out;
  });
}

/** byName takes the columns the binder says are left, by name. Rows need no change where nothing is left over. */
function byName(node, input) {
  const pick = picker(node.columns, input.columns);
  return new Table(node.columns, take => input.each(row => take(pick(row))));
}

/** rename gives columns other names, in the places of the old ones. */
function rename(node, input) {
  const before = indexed(input.columns), old = node.left ?? input.columns;
  const columns = node.all.map((c, n) => ({ ...c, at: before.get(old[n].name)?.at ?? -1 }));
  return new Table(columns, input.source);
}

const serialize = (node, input, run, env) => node.Expressions?.length ? extend(node, input, run, env) : input;

const print = (node, input, run, env) => project(node, new Table([], [[]]), run, env);

export const columnOperators = {
  ProjectOperator: project, ExtendOperator: extend, ProjectAwayOperator: byName, ProjectKeepOperator: byName, ProjectReorderOperator: byName,
  ProjectRenameOperator: rename, SerializeOperator: serialize, PrintOperator: print,
};
