// One run of one query: its statements, its sources of rows, its pipelines.

import { constant, nameText } from './expression.mjs';
import { parameters, bodyOf } from './calls.mjs';
import { Environment } from './environment.mjs';
import { literal } from './literal.mjs';
import { operators } from './operators.mjs';
import { scopeOf } from './scope.mjs';
import { Table, indexed } from './table.mjs';
import { everyNode } from './rewrite.mjs';
import { to } from './convert.mjs';
import { tableName } from './uses.mjs';
import { empty } from './values.mjs';
import { Failure, refuse } from './failure.mjs';

/** Run evaluates a bound tree over tables: name -> Table. */
export class Run {
  constructor(tables, now, text = '') {
    this.tables = tables;
    this.now = now;
    this.text = text;
    this.random = chance();
  }

  /** query runs the statements of a query and gives the table of its last one. */
  query(tree) {
    const env = new Environment();
    this.mentions = mentions(tree);
    const asked = tree.Statements.filter(s => s.kind === 'ExpressionStatement');
    if (asked.length === 0) throw new Failure('the query has no expression to answer');
    if (asked.length > 1) throw new Failure(`the text has ${asked.length} queries; ask one at a time`, asked[1].at);
    for (const s of tree.Statements) if (s !== asked[0]) this.declare(s, env);
    return this.answer(asked[0].Expression, env);
  }

  // A query may end in a scalar; it is a table of one cell.
  answer(node, env) {
    if (node.columns || node.kind === 'PipeExpression') return this.table(node, env);
    return new Table([{ name: 'print_0', type: node.type }], [[constant(node, { env, run: this })]]);
  }

  /** declare takes in a let statement. What is named is evaluated when it is first used. */
  declare(s, env) {
    if (s.kind !== 'LetStatement') refuse(`the statement ${keyword(s) ?? s.kind}`, s);
    const name = nameText(s.Name), e = s.Expression;
    if (e.kind === 'FunctionDeclaration') {
      // Functions bring their bodies with their calls; a view that a union names by a wildcard does not.
      if (e.Parameters.Parameters.length === 0 && e.Body.Expression.columns) env.setLazy(name, 'table', () => bodyOf(e.Body, this, env));
      return;
    }
    if (e.columns) env.setLazy(name, 'table', () => this.kept(name, this.table(e, env)));
    else env.setLazy(name, 'scalar', () => constant(e, { env, run: this }));
  }

  /** kept is a table under a name; the rows of one that is mentioned again are made once. */
  kept(name, table) {
    return this.mentions.get(name) > 1 ? new Table(table.columns, table.rows) : table;
  }

  /** table evaluates a tabular expression. */
  table(node, env) {
    const rule = sources[node.kind];
    if (rule) return rule(this, node, env);
    return this.pipeline(node, null, env);
  }

  /** member is one of the tables that a wildcard means. */
  member(name, node) {
    const found = this.tables.get(name);
    if (!found) throw new Failure(`the table ${name} has no rows here`, node.at);
    return found;
  }

  /** pipeline evaluates operators behind each other, over an input that may come from outside. */
  pipeline(node, input, env) {
    if (node.kind === 'PipeExpression') {
      const first = input ? this.pipeline(node.Expression, input, env) : this.table(node.Expression, env);
      return this.pipeline(node.Operator, first, env);
    }
    const operator = operators[node.kind];
    if (!operator) refuse(`the operator ${operatorName(node)}`, node);
    return operator(node, input, this, env);
  }
}

/** operatorName is the keyword as written. */
const operatorName = node => keyword(node) ?? keyword(node.Clauses?.[0]) ?? node.kind;

function keyword(node) {
  return Object.entries(node ?? {}).find(([k, v]) => k.endsWith('Keyword') && typeof v === 'string')?.[1];
}

/** chance is a row of random numbers, the same for each run, so that a query answers the same again (mulberry32). */
function chance() {
  let state = 0x6d2b79f5;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

const sources = {
  PipeExpression: (run, n, env) => run.pipeline(n, null, env),
  ParenthesizedExpression: (run, n, env) => run.table(n.Expression, env),
  MaterializeExpression: (run, n, env) => run.table(n.Expression, env),
  NameReference: named,
  FunctionCallExpression: called,
  DataTableExpression: datatable,
  RangeOperator: range,
  SearchOperator: (run, n, env) => operators.SearchOperator(n, null, run, env),
  // The one part of a query that would leave this machine.
  ExternalDataExpression: (run, n) => refuse('externaldata, which would fetch from the network,', n),
};

function named(run, node, env) {
  if (node.body) return called(run, node, env);
  const name = node.symbol?.name ?? nameText(node.Name);
  const found = env.table(name) ?? run.tables.get(name);
  if (!found) throw new Failure(`the table ${name} has no rows here`, node.at);
  return node.symbol?.kind === 'Table' ? asBound(found, node) : found;
}

/** asBound has the columns that the query needs, in the binder's order; those that were not sent are null in every row. */
function asBound(table, node) {
  const at = indexed(table.columns);
  return new Table(node.columns.map(c => ({ ...c, at: at.get(c.name)?.at ?? -1 })), table.source);
}

/** mentions counts how often a name is used. */
function mentions(tree) {
  const counts = new Map();
  everyNode(tree, node => {
    if (node.kind === 'NameReference' && node.symbol) counts.set(node.symbol.name, (counts.get(node.symbol.name) ?? 0) + 1);
  }, [], true);
  return counts;
}

/** stored is the table of a name, whatever a let statement has called by the same name. */
function stored(run, node) {
  const name = tableName(node);
  const found = run.tables.get(name);
  if (!found) throw new Failure(name === undefined ? 'the function table() takes a constant name here' : `the table ${name} has no rows here`, node.at);
  return asBound(found, node);
}

function called(run, node, env) {
  const name = nameText(node.Name);
  if (name === 'table') return stored(run, node);
  if (name === 'materialize') return run.table(node.ArgumentList.Expressions[0], env);
  if (!node.body) throw new Failure(`the function ${name}() is not supported here`, node.at);
  const { env: inner } = parameters(node, { ...scopeOf({ columns: [] }, run, env) }, node.ArgumentList?.Expressions ?? []);
  return bodyOf(node.body, run, inner);
}

function datatable(run, node) {
  const width = node.columns.length, rows = [];
  node.Values.forEach((v, i) => {
    if (i % width === 0) rows.push([]);
    const type = node.columns[i % width].type, value = literal(v);
    rows[rows.length - 1].push(value === null ? empty(type) : type === 'dynamic' ? value : to(type, value));
  });
  return new Table(node.columns, rows);
}

function range(run, node, env) {
  const [from, to_, step] = [node.From, node.To, node.Step].map(e => constant(e, { env, run }));
  const bare = v => v.ticks ?? v;
  if (Number(bare(step)) === 0) throw new Failure('the step of range is 0', node.at);
  const up = Number(bare(step)) > 0;
  return new Table(node.columns, give => {
    for (let v = from; up ? bare(v) <= bare(to_) : bare(v) >= bare(to_);) {
      if (give([v]) === false) return false;
      v = v.ticks === undefined ? v + step : new v.constructor(v.ticks + step.ticks);
    }
    return true;
  });
}
