// join, lookup and union (Microsoft Learn: kusto/query/join-operator, lookup-operator, union-operator).

import { empty, keyerOf } from './values.mjs';
import { compile } from './expression.mjs';
import { scopeOf, parameter } from './scope.mjs';
import { Table, indexed, visit } from './table.mjs';
import { spend } from './memory.mjs';
import { nameText } from './expression.mjs';
import { refuse } from './failure.mjs';

/** sides are the two expressions of one condition. */
function sides(e) {
  if (e.kind === 'AndExpression') return [...sides(e.Left), ...sides(e.Right)];
  if (e.kind === 'ParenthesizedExpression') return sides(e.Expression);
  if (e.kind === 'NameReference') return [{ left: e, right: e, name: e.symbol?.name }];
  if (e.kind !== 'EqualExpression') refuse(`${e.kind} in a join condition`, e);
  const isRight = n => n.kind === 'PathExpression' && nameText(n.Expression.Name) === '$right';
  const [left, right] = isRight(e.Left) ? [e.Right, e.Left] : [e.Left, e.Right];
  return [{ left, right, name: right.symbol?.name }];
}

/** keyer gives a row the key of a condition; with a null in it, it joins nothing. */
function keyer(nodes, scope) {
  const values = nodes.map(n => {
    if (n.type === 'dynamic') refuse('a dynamic join key (cast it)', n);
    return compile(n, scope);
  });
  const key = keyerOf(nodes.map(n => n.type));
  return (row, i, all) => {
    const v = values.map(f => f(row, i, all));
    return v.includes(null) ? null : key(v);
  };
}

/** Side is one of the two tables of a join: its rows, their keys, and the cells that the answer takes of them. */
class Side {
  constructor(table, nodes, columns, run, env) {
    this.scope = scopeOf(table, run, env);
    this.key = keyer(nodes, this.scope);
    this.table = table;
    const from = indexed(table.columns);
    this.places = columns.map(c => from.get(c.name)?.at ?? -1);
    this.blank = columns.map(c => empty(c.type));
  }

  cells(row) { return this.places.map(at => row[at]); }

  /** joined is a row of the answer; more are the cells of the right side. */
  joined(row, more) {
    const { places } = this, out = new Array(places.length + more.length);
    for (let n = 0; n < places.length; n++) out[n] = row[places[n]];
    for (let n = 0; n < more.length; n++) out[places.length + n] = more[n];
    return out;
  }

  each(f) { return visit(this.table, this.scope, (row, i, all) => f(this.key(row, i, all), row)); }

  /** byKey are the cells of all rows, by key; rest are those of rows that join nothing. */
  byKey() {
    const found = new Map(), rest = [];
    let n = 0;
    this.each((k, row) => {
      const entry = { cells: this.cells(row), used: false }, at = found.get(k);
      spend(++n);
      if (k === null) rest.push(entry);
      else if (at) at.push(entry);
      else found.set(k, [entry]);
    });
    return { found, rest };
  }

  keys() {
    const keys = new Set();
    this.each(k => {
      if (k !== null) keys.add(k);
      spend(keys.size);
    });
    return keys;
  }
}

/** outer joins every left row with its right rows; blanks stand where a side has none. Of the right side alone all is in memory. */
const outer = (keepLeft, keepRight, uniqueLeft) => (left, right) => give => {
  const { found, rest } = right.byKey(), seen = new Set();
  const more = left.each((k, row) => {
    if (uniqueLeft && k !== null) {
      if (seen.has(k)) return true;
      seen.add(k);
    }
    const matches = k === null ? undefined : found.get(k);
    if (!matches) return keepLeft ? give(left.joined(row, right.blank)) : true;
    for (const m of matches) {
      m.used = true;
      if (give(left.joined(row, m.cells)) === false) return false;
    }
    return true;
  });
  if (more === false || !keepRight) return more;
  for (const entries of [...found.values(), rest]) for (const e of entries) if (!e.used && give([...left.blank, ...e.cells]) === false) return false;
  return true;
};

/** having gives one side's rows that are, or are not, joined by the other. */
const having = wanted => (side, other) => give => {
  const keys = other.keys();
  return side.each((k, row) => (k !== null && keys.has(k)) === wanted ? give(side.cells(row)) : true);
};

const ofRight = make => (left, right) => make(right, left);
const sided = { left: [true, false], right: [false, true], both: [true, true] };

const kinds = {
  inner: ['both', outer(false, false)], innerunique: ['both', outer(false, false, true)],
  leftouter: ['both', outer(true, false)], rightouter: ['both', outer(false, true)], fullouter: ['both', outer(true, true)],
  leftsemi: ['left', having(true)], rightsemi: ['right', ofRight(having(true))],
  leftanti: ['left', having(false)], anti: ['left', having(false)], leftantisemi: ['left', having(false)],
  rightanti: ['right', ofRight(having(false))], rightantisemi: ['right', ofRight(having(false))],
};

/**
 * joined makes a join. The binder's columns are the left table's and then the right one's, some under other names; the names
 * they have in their tables are found by their places, and those that nobody needs are not taken.
 */
function joined(node, input, run, env, kind, without = () => false) {
  const [sides_, make] = kinds[kind] ?? refuse(`join kind=${kind}`, node), [hasLeft, hasRight] = sided[sides_];
  const condition = node.ConditionClause ?? node.LookupClause;
  if (condition?.kind !== 'JoinOnClause') refuse('this join condition', node);
  const on = condition.Expressions.flatMap(sides), table = run.table(node.Expression, env);
  const leftColumns = hasLeft ? node.left ?? input.columns : [];
  const rightColumns = hasRight ? (node.Expression.all ?? table.columns).filter(c => !without(c, on)) : [];
  const wanted = new Set(node.columns.map(c => c.name)), isWanted = (_, at) => wanted.has(node.all[at].name);
  const left = new Side(input, on.map(c => c.left), leftColumns.filter(isWanted), run, env);
  const right = new Side(table, on.map(c => c.right), rightColumns.filter((c, at) => isWanted(c, leftColumns.length + at)), run, env);
  return new Table(node.columns, make(left, right));
}

const join = (node, input, run, env) => joined(node, input, run, env, parameter(node, 'kind') ?? 'innerunique');

/** lookup is a join that leaves the right side's keys out. */
const lookup = (node, input, run, env) =>
  joined(node, input, run, env, parameter(node, 'kind') ?? 'leftouter', (c, on) => on.some(x => x.name === c.name));

/** union gives the rows of its legs; a column that another leg has with another type is called after its type. */
function union(node, input, run, env) {
  const source = parameter(node, 'withsource');
  const legs = node.Expressions.flatMap(e => e.group ? e.group.map(name => ({ table: run.member(name, e), name }))
    : [{ table: run.table(e, env), name: e.symbol?.name ?? '' }]);
  if (input) legs.unshift({ table: input, name: '' });
  return new Table(node.columns, give => {
    for (const { table, name } of legs) {
      const at = indexed(table.columns);
      const cells = node.columns.map(c => {
        if (c.name === source) return () => name;
        const same = at.get(c.name)?.type === c.type ? at.get(c.name) : [...at].find(([n, x]) => `${n}_${x.type}` === c.name)?.[1];
        return same ? row => row[same.at] : () => empty(c.type);
      });
      if (table.each(row => give(cells.map(f => f(row)))) === false) return false;
    }
    return true;
  });
}

export const joinOperators = { JoinOperator: join, LookupOperator: lookup, UnionOperator: union };
