// join, lookup and union (Microsoft Learn: kusto/query/join-operator, lookup-operator, union-operator).

import { empty, key } from './values.mjs';
import { compile } from './expression.mjs';
import { scopeOf, parameter, indexed } from './scope.mjs';
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

/** keyed gives each row the key of its condition; a null in it joins nothing. */
function keyed(table, nodes, run, env) {
  const values = nodes.map(n => {
    if (n.type === 'dynamic') refuse('a dynamic join key (cast it)', n);
    return compile(n, scopeOf(table, run, env));
  });
  return table.rows.map((row, i, all) => {
    const v = values.map(f => f(row, i, all));
    return { row, key: v.includes(null) ? null : v.map(key).join('|') };
  });
}

function groups(items) {
  const out = new Map();
  for (const item of items) {
    if (item.key === null) continue;
    const at = out.get(item.key);
    if (at) at.push(item);
    else out.set(item.key, [item]);
  }
  return out;
}

const unique = items => {
  const seen = new Set();
  return items.filter(i => i.key !== null && !seen.has(i.key) && seen.add(i.key));
};

/** outer joins every left row with its right rows; blanks stand where a side has none. */
function outer(left, right, keepLeft, keepRight, leftBlank, rightBlank) {
  const matches = groups(right), used = new Set(), rows = [];
  for (const l of left) {
    const found = l.key === null ? [] : matches.get(l.key) ?? [];
    for (const r of found) {
      used.add(r);
      rows.push([...l.row, ...r.row]);
    }
    if (found.length === 0 && keepLeft) rows.push([...l.row, ...rightBlank]);
  }
  if (keepRight) for (const r of right) if (!used.has(r)) rows.push([...leftBlank, ...r.row]);
  return rows;
}

const having = (items, others, wanted) => {
  const keys = new Set(others.map(o => o.key));
  return items.filter(i => (i.key !== null && keys.has(i.key)) === wanted).map(i => i.row);
};

const kinds = {
  inner: (l, r, b) => outer(l, r, false, false, ...b),
  innerunique: (l, r, b) => outer(unique(l), r, false, false, ...b),
  leftouter: (l, r, b) => outer(l, r, true, false, ...b),
  rightouter: (l, r, b) => outer(l, r, false, true, ...b),
  fullouter: (l, r, b) => outer(l, r, true, true, ...b),
  leftsemi: (l, r) => having(l, r, true), rightsemi: (l, r) => having(r, l, true),
  leftanti: (l, r) => having(l, r, false), anti: (l, r) => having(l, r, false), leftantisemi: (l, r) => having(l, r, false),
  rightanti: (l, r) => having(r, l, false), rightantisemi: (l, r) => having(r, l, false),
};

function joined(node, input, run, env, kind) {
  const right = run.table(node.Expression, env);
  const condition = node.ConditionClause ?? node.LookupClause;
  if (condition?.kind !== 'JoinOnClause') refuse('this join condition', node);
  const on = condition.Expressions.flatMap(sides);
  const l = keyed(input, on.map(c => c.left), run, env), r = keyed(right, on.map(c => c.right), run, env);
  const blanks = [input, right].map(t => t.columns.map(c => empty(c.type)));
  const make = kinds[kind];
  if (!make) refuse(`join kind=${kind}`, node);
  return { rows: make(l, r, blanks), right, on };
}

function join(node, input, run, env) {
  const { rows } = joined(node, input, run, env, parameter(node, 'kind') ?? 'innerunique');
  return { columns: node.columns, rows };
}

/** lookup is a join that leaves the right side's keys out. */
function lookup(node, input, run, env) {
  const { rows, right, on } = joined(node, input, run, env, parameter(node, 'kind') ?? 'leftouter');
  const keys = new Set(on.map(c => c.name)), kept = input.columns.map((_, at) => at);
  right.columns.forEach((c, at) => { if (!keys.has(c.name)) kept.push(input.columns.length + at); });
  return { columns: node.columns, rows: rows.map(row => kept.map(at => row[at])) };
}

function union(node, input, run, env) {
  const source = parameter(node, 'withsource');
  const named = node.Expressions.flatMap(e => e.group ? e.group.map(name => ({ table: run.member(name, e), name }))
    : [{ table: run.table(e, env), name: e.symbol?.name ?? '' }]);
  if (input) named.unshift({ table: input, name: '' });
  const rows = named.flatMap(({ table, name }) => {
    const at = indexed(table.columns);
    const from = node.columns.map(c => {
      if (c.name === source) return () => name;
      const same = at.get(c.name)?.type === c.type ? at.get(c.name) : [...at].find(([n, x]) => `${n}_${x.type}` === c.name)?.[1];
      return same ? row => row[same.at] : () => empty(c.type);
    });
    return table.rows.map(row => from.map(f => f(row)));
  });
  return { columns: node.columns, rows };
}

export const joinOperators = { JoinOperator: join, LookupOperator: lookup, UnionOperator: union };
