// evaluate (Microsoft Learn: kusto/query/evaluate-operator) with the plugins bag_unpack, pivot, narrow and ipv4_lookup.
//
// What bag_unpack and pivot answer depends on the rows. Where the query does not say, the columns are found first, put behind
// the call as its schema, and the query is bound and run again.

import { isBag, isTicks, key, order, DateTime, Real } from './values.mjs';
import { to } from './convert.mjs';
import { text } from './format.mjs';
import { compile, constant, nameText } from './expression.mjs';
import { scopeOf } from './scope.mjs';
import { Table, indexed, visit } from './table.mjs';
import { resultOf, Summary } from './operators_summarize.mjs';
import { network } from './functions_network.mjs';
import { Failure, refuse } from './failure.mjs';

/** Reshape asks for a query to be bound again with this edit of its text. */
export class Reshape extends Error {
  constructor(edit) {
    super('the query has another shape');
    this.edit = edit;
  }
}

function evaluate(node, input, run, env) {
  const name = nameText(node.FunctionCall.Name), plugin = plugins[name];
  if (!plugin) refuse(`evaluate ${name}`, node.FunctionCall);
  const given = node.FunctionCall.ArgumentList.Expressions, positional = given.filter(e => e.kind !== 'SimpleNamedExpression');
  const named = Object.fromEntries(given.filter(e => e.kind === 'SimpleNamedExpression').map(e => [nameText(e.Name), e.Expression]));
  return plugin(node, input, { run, env, positional, named });
}

/** shaped is the operator with a schema behind it. */
function shaped(node, columns, run) {
  if (!run.text.startsWith('evaluate', node.at)) refuse(`evaluate ${nameText(node.FunctionCall.Name)} in a function, without the columns of its answer`, node);
  if (columns.length === 0) throw new Failure(`evaluate ${nameText(node.FunctionCall.Name)} finds no columns`, node.at);
  const schema = columns.map(c => `['${c.name.replace(/['\\]/g, '\\$&')}']:${c.type}`).join(', ');
  throw new Reshape({ from: node.end, to: node.end, by: ` : (${schema})` });
}

// ---- bag_unpack

function slotType(v) {
  if (v instanceof Real) return 'real';
  if (typeof v === 'number') return Number.isInteger(v) ? 'long' : 'real';
  if (isTicks(v)) return v instanceof DateTime ? 'datetime' : 'timespan';
  return { string: 'string', boolean: 'bool', bigint: 'long' }[typeof v] ?? 'dynamic';
}

/** slotsOf are the properties of all bags, with their one type, or dynamic where they have several, in the order of their names. */
function slotsOf(input, scope, value, ignored) {
  const types = new Map();
  visit(input, scope, (row, i, all) => {
    const bag = value(row, i, all);
    if (!isBag(bag)) return;
    for (const [name, v] of Object.entries(bag)) {
      if (ignored.has(name) || v === null) continue;
      const type = slotType(v);
      types.set(name, types.has(name) && types.get(name) !== type ? 'dynamic' : type);
    }
  });
  return [...types].map(([name, type]) => ({ name, type })).sort((a, b) => order(a.name, b.name));
}

function bagUnpack(node, input, { run, env, positional, named }) {
  const [column, prefixNode, conflictNode, ignoredNode] = positional, scope = scopeOf(input, run, env), value = compile(column, scope);
  const said = (e, fallback) => e ? constant(e, { env, run }) : fallback;
  const prefix = said(prefixNode ?? named.OutputColumnPrefix ?? named.column_prefix, ''), conflict = said(conflictNode ?? named.columnsConflict, 'error');
  const ignored = new Set(said(ignoredNode ?? named.ignoredProperties, [])), source = (node.left ?? input.columns).filter(c => c.name !== column.symbol?.name);
  if (!node.Schema) {
    const slots = slotsOf(input, scope, value, ignored).map(c => ({ ...c, name: prefix + c.name })), both = new Map(source.map(c => [c.name, c]));
    const twice = slots.find(c => both.has(c.name));
    if (twice && conflict === 'error') throw new Failure(`bag_unpack: there is a column ${twice.name} already; columnsConflict says which of both stays`, node.at);
    const unpacked = slots.map(c => conflict === 'keep_source' && both.get(c.name) || c);
    // [M] unverified: that the columns of the source come first, as the binder has them.
    shaped(node, [...source.filter(c => !slots.some(s => s.name === c.name)), ...unpacked], run);
  }
  const cells = node.columns.map(c => {
    const before = source.some(s => s.name === c.name) ? scope.columns.get(c.name) : undefined, slot = c.name.startsWith(prefix) ? c.name.slice(prefix.length) : undefined;
    const keep = before && conflict !== 'replace_source';
    return (row, bag) => keep ? row[before.at] : isBag(bag) && slot !== undefined && !ignored.has(slot) ? to(c.type, bag[slot] ?? null) : c.type === 'string' ? '' : null;
  });
  return new Table(node.columns, give => visit(input, scope, (row, i, all) => {
    const bag = value(row, i, all);
    return give(cells.map(c => c(row, bag)));
  }));
}

// ---- pivot

const count = node => ({ kind: 'FunctionCallExpression', type: 'long', at: node.at, symbol: { name: 'count', kind: 'Function' },
  Name: { kind: 'NameReference', symbol: { name: 'count', kind: 'Function' } }, ArgumentList: { Expressions: [] } });

const mentioned = node => node === null || typeof node !== 'object' ? [] : Array.isArray(node) ? node.flatMap(mentioned)
  : [...node.symbol?.kind === 'Column' ? [node.symbol.name] : [], ...Object.entries(node).flatMap(([k, v]) => k === 'columns' || k === 'all' || k === 'left' ? [] : mentioned(v))];

function pivot(node, input, { run, env, positional }) {
  const [column, aggregate = count(node), ...by] = positional, scope = scopeOf(input, run, env), turned = compile(column, scope);
  const taken = new Set([...mentioned(column), ...mentioned(aggregate)]);
  const sides = by.length ? by.map(e => ({ name: e.symbol?.name ?? nameText(e), type: e.type, value: compile(e, scope) }))
    : (node.left ?? input.columns).filter(c => !taken.has(c.name)).map(c => ({ ...c, value: row => row[scope.columns.get(c.name)?.at ?? -1] ?? (c.type === 'string' ? '' : null) }));
  const summary = new Summary([resultOf(aggregate, scope)]), groups = new Map(), names = new Set();
  visit(input, scope, (row, i, all) => {
    const values = sides.map(s => s.value(row, i, all)), k = key(values), name = text(turned(row, i, all), column.type);
    names.add(name);
    if (!groups.has(k)) groups.set(k, { values, cells: new Map() });
    const { cells } = groups.get(k);
    if (!cells.has(name)) cells.set(name, summary.start());
    summary.add(cells.get(name), row, i, all);
  });
  if (!node.Schema) shaped(node, [...sides.map(({ name, type }) => ({ name, type })), ...[...names].sort(order).map(name => ({ name, type: aggregate.type }))], run);
  const nothing = () => summary.end(summary.start())[0];
  return new Table(node.columns, [...groups.values()].map(g => node.columns.map(c => {
    const at = sides.findIndex(s => s.name === c.name);
    return at >= 0 ? g.values[at] : g.cells.has(c.name) ? summary.end(g.cells.get(c.name))[0] : nothing();
  })));
}

// ---- narrow and ipv4_lookup

function narrow(node, input) {
  const columns = node.left ?? input.columns, from = indexed(input.columns);
  return new Table(node.columns, give => {
    let n = 0;
    return input.each(row => {
      const at = n++;
      return columns.every(c => give([at, c.name, text(row[from.get(c.name)?.at ?? -1], c.type)]) !== false);
    });
  });
}

function ipv4Lookup(node, input, { run, env, positional, named }) {
  const [from, sourceKey, lookupKey, ...more] = positional, table = run.table(from, env), other = scopeOf(table, run, env), scope = scopeOf(input, run, env);
  const unmatched = named.return_unmatched ?? more.find(e => e.type === 'bool'), extra = more.filter(e => e.type !== 'bool').map(e => e.symbol.name);
  const address = compile(sourceKey, scope), range = compile(lookupKey, other), all = unmatched ? constant(unmatched, { env, run }) : false;
  const rows = table.rows.map((row, i, every) => ({ row, range: text(range(row, i, every)) }));
  const width = (node.left ?? input.columns).length, right = (from.all ?? table.columns).filter(c => !extra.includes(c.name));
  const cells = node.columns.map((c, n) => n < width ? { at: scope.columns.get(c.name)?.at ?? -1 } : { right: true, at: other.columns.get(right[n - width]?.name)?.at ?? -1 });
  const alike = (a, b) => extra.every(name => key(a[scope.columns.get(name).at]) === key(b[other.columns.get(name).at]));
  return new Table(node.columns, give => visit(input, scope, (row, i, every) => {
    const ip = text(address(row, i, every)), found = rows.filter(r => network.ipv4_is_in_range(ip, r.range) === true && alike(row, r.row));
    if (found.length === 0 && all) found.push({ row: [] });
    return found.every(r => give(cells.map(c => c.right ? r.row[c.at] : row[c.at])) !== false);
  }));
}

const plugins = Object.assign(Object.create(null), { bag_unpack: bagUnpack, pivot, narrow, ipv4_lookup: ipv4Lookup });

export const pluginOperators = { EvaluateOperator: evaluate };
