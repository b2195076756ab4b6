// Operators that choose or make columns: project and its kin, extend, serialize, print
// (Microsoft Learn: kusto/query/tabular-operators).

import { compile } from './expression.mjs';
import { scopeOf, indexed, givenName } from './scope.mjs';
import { refuse } from './failure.mjs';

function project(node, input, run, env) {
  const values = node.Expressions.map(e => compile(e, scopeOf(input, run, env)));
  if (values.length !== node.columns.length) refuse('an expression of several columns', node);
  return { columns: node.columns, rows: input.rows.map((row, i, all) => values.map(v => v(row, i, all))) };
}

/** extend replaces columns of the same name and puts the others behind. */
function extend(node, input, run, env) {
  const scope = scopeOf(input, run, env), places = indexed(node.columns);
  const taken = new Set(input.columns.map(c => c.name));
  node.Expressions.forEach(e => taken.add(givenName(e)));
  const spare = node.columns.filter(c => !taken.has(c.name)).map(c => c.name);
  const made = node.Expressions.map(e => ({ at: places.get(givenName(e) ?? spare.shift())?.at, value: compile(e, scope) }));
  if (made.some(m => m.at === undefined)) refuse('an expression of several columns', node);
  const kept = node.columns.map(c => scope.columns.get(c.name)?.at);
  return {
    columns: node.columns,
    rows: input.rows.map((row, i, all) => {
      const out = kept.map(at => at === undefined ? null : row[at]);
      for (const m of made) out[m.at] = m.value(row, i, all);
      return out;
    }),
  };
}

/** byName takes the columns the binder says are left, by name. */
function byName(node, input) {
  const from = indexed(input.columns), at = node.columns.map(c => from.get(c.name).at);
  return { columns: node.columns, rows: input.rows.map(row => at.map(n => row[n])) };
}

const rename = (node, input) => ({ columns: node.columns, rows: input.rows });

const serialize = (node, input, run, env) => node.Expressions?.length ? extend(node, input, run, env) : input;

const print = (node, input, run, env) => project(node, { columns: [], rows: [[]] }, run, env);

export const columnOperators = {
  ProjectOperator: project, ExtendOperator: extend, ProjectAwayOperator: byName, ProjectKeepOperator: byName, ProjectReorderOperator: byName,
  ProjectRenameOperator: rename, SerializeOperator: serialize, PrintOperator: print,
};
