// What the binder cannot know before a query runs is put into its text, and the text bound again, so that every name after it
// is the binder's as well: legs of a union whose table is missing go, and kind=inner keeps the columns that all legs have.

import { analyze, diagnostics } from './language.mjs';
import { plain } from './tree.mjs';
import { parameter } from './scope.mjs';
import { Failure, refuse } from './failure.mjs';

/** mostEdits is a bound for a query that would be rewritten for ever. */
const mostEdits = 100;

/** Rewritten is a query as it runs; origin gives the place in the text as it was written. */
export class Rewritten {
  constructor(text, globals) {
    this.text = text;
    this.globals = globals;
    this.edits = [];
    this.bind();
  }

  bind() {
    this.code = analyze(this.text, this.globals);
    this.tree = plain(this.code.Syntax);
    if (this.edits.length > 0) for (const d of diagnostics(this.code)) if (d.severity === 'Error') throw new Failure(`${d.code}: ${d.message}`, this.origin(d.start));
  }

  /** edit replaces text and binds again. */
  edit({ from, to, by }) {
    if (this.edits.length >= mostEdits) throw new Failure('the query changes its shape too often', from);
    this.edits.push({ from, to, by });
    this.text = this.text.slice(0, from) + by + this.text.slice(to);
    this.bind();
  }

  origin(at) {
    for (const { from, to, by } of [...this.edits].reverse()) {
      if (at >= from + by.length) at += to - from - by.length;
      else if (at > from) at = from;
    }
    return at;
  }
}

/** rewritten does what needs no rows. */
export function rewritten(text, globals) {
  const q = new Rewritten(text, globals);
  for (let e = placed(q, () => unionEdit(q)); e; e = placed(q, () => unionEdit(q))) q.edit(e);
  return q;
}

/** placed puts the place of a failure back into the text as it was written. */
export function placed(query, work) {
  try {
    return work();
  } catch (e) {
    if (e.at !== undefined) e.at = query.origin(e.at);
    throw e;
  }
}

function unionEdit(q) {
  let edit;
  everyNode(q.tree, (node, parents) => {
    if (!edit && node.kind === 'UnionOperator') edit = missingLegs(node, parents, q) ?? inner(node, parents);
  });
  return edit;
}

/** everyNode calls for each node, with the ones above it. */
export function everyNode(node, call, parents = [], bodies = false) {
  if (Array.isArray(node)) {
    for (const n of node) everyNode(n, call, parents, bodies);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if (node.kind) call(node, parents);
  const deeper = node.kind ? [...parents, node] : parents;
  // The body of a function stands where it is declared.
  for (const [k, v] of Object.entries(node)) if ((bodies || k !== 'body') && v && typeof v === 'object') everyNode(v, call, deeper, bodies);
}

const isPiped = (node, parents) => parents.at(-1)?.kind === 'PipeExpression' && parents.at(-1).Operator === node;

/** unknownTable is the binder's warning about a table in a union with isfuzzy=true. */
const unknownTable = 'KS205';

function missingLegs(node, parents, q) {
  if (parameter(node, 'isfuzzy') !== 'true') return undefined;
  const places = diagnostics(q.code).filter(d => d.code === unknownTable).map(d => d.start);
  const there = node.Expressions.filter(e => !places.some(at => at >= e.at && at < e.end));
  if (there.length === node.Expressions.length) return undefined;
  const from = node.Expressions[0].at, to = node.Expressions.at(-1).end;
  if (there.length > 0) return { from, to, by: there.map(e => q.text.slice(e.at, e.end)).join(', ') };
  if (isPiped(node, parents)) return { from: node.at, to: node.end, by: 'where true' };
  throw new Failure('none of the tables of this union exists', from);
}

function inner(node, parents) {
  if (parameter(node, 'kind') !== 'inner') return undefined;
  const legs = node.Expressions.map(e => e.columns);
  if (isPiped(node, parents)) legs.push(parents.at(-1).Expression.columns);
  if (legs.some(l => !l)) refuse('union kind=inner over a wildcard', node);
  const source = parameter(node, 'withsource');
  const everywhere = c => c.name === source || legs.every(l => l.some(x => x.name === c.name && x.type === c.type));
  const kept = node.columns.filter(everywhere), names = kept.map(c => `['${c.name}']`).join(', ');
  if (kept.length === node.columns.length) return undefined;
  if (kept.length === 0) throw new Failure('the tables of this union have no column in common', node.at);
  if (alreadyKept(node, parents, kept)) return undefined;
  return { from: node.end, to: node.end, by: ` | project-keep ${names}` };
}

function alreadyKept(node, parents, kept) {
  const union = isPiped(node, parents) ? parents.at(-1) : node;
  const after = parents.find(p => p.kind === 'PipeExpression' && p.Expression === union)?.Operator;
  return after?.kind === 'ProjectKeepOperator' && after.columns.map(c => c.name).join() === kept.map(c => c.name).join();
}
