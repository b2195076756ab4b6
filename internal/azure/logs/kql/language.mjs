// Microsoft's Kusto parser and binder: every name and every type is theirs, nothing here guesses one.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');

export const Language = globalThis.Kusto.Language;
const { Symbols } = Language;

/** schema makes the binder's view of a database from [{name, columns: [{name, type}]}]. */
export function schema(tables) {
  const symbols = tables.map(t => new Symbols.TableSymbol.$ctor4(t.name,
    t.columns.map(c => new Symbols.ColumnSymbol(c.name, Symbols.ScalarTypes.GetSymbol(c.type)))));
  return known().WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', symbols));
}

/**
 * known is what the binder knows before any table. Its count() takes nothing, or the predicate of the old countif, although
 * Microsoft's own samples for API Management count a column.
 */
function known() {
  const globals = Language.GlobalState.Default, count = globals.GetAggregate('count');
  const column = new Symbols.Signature.$ctor5(Symbols.ScalarTypes.Long, [new Symbols.Parameter.ctor('column', Symbols.ParameterTypeKind.Scalar)]);
  const signatures = items(count.Signatures, Symbols.Signature);
  const lenient = new Symbols.FunctionSymbol.$ctor4('count', [...signatures, column])
    .WithResultNameKind(count.ResultNameKind).WithResultNamePrefix(count.ResultNamePrefix);
  const aggregates = items(globals.Aggregates, Symbols.FunctionSymbol).map(a => a === count ? lenient : a);
  const plugins = items(globals.PlugIns, Symbols.FunctionSymbol).map(p => p.Name === 'bag_unpack' ? unpacking(p) : p);
  return globals.WithAggregates(aggregates).WithPlugIns(plugins);
}

/** unpacking is bag_unpack with the two arguments that Microsoft documents and its binder does not know yet. */
function unpacking(plugin) {
  const [signature] = items(plugin.Signatures, Symbols.Signature), { Scalar } = Symbols.ParameterTypeKind;
  const optional = name => new Symbols.Parameter.ctor(name, Scalar, 0, undefined, undefined, false, undefined, 0, 1, undefined, undefined);
  return new Symbols.FunctionSymbol.ctor('bag_unpack', signature.CustomReturnType, Symbols.Tabularity.Tabular,
    [...items(signature.Parameters, Symbols.Parameter), optional('columnsConflict'), optional('ignoredProperties')]);
}

/** items are those of a list of the package, which may be an array underneath. */
function items(list, type) {
  const { Array: of } = globalThis.System;
  return Array.from({ length: of.getCount(list, type) }, (_, i) => of.getItem(list, i, type));
}

const analyzed = new WeakMap(); // by what the binder knew
const mostAnalyzed = 64;

/** analyze parses and binds a query. Every query comes twice, to be looked at and to be run, and those of alerts many times. */
export function analyze(text, globals) {
  if (!analyzed.has(globals)) analyzed.set(globals, new Map());
  const known = analyzed.get(globals);
  if (!known.has(text)) {
    if (known.size >= mostAnalyzed) known.clear();
    known.set(text, Language.KustoCode.ParseAndAnalyze(text, globals));
  }
  return known.get(text);
}

/** diagnostics are the binder's complaints; only errors stop a query from running. */
export function diagnostics(code) {
  const found = code.GetDiagnostics();
  const out = [];
  for (let i = 0; i < found.Count; i++) {
    const d = found.getItem(i);
    out.push({ code: d.Code, severity: d.Severity, message: d.Message, start: d.Start, ...position(code.Text, d.Start) });
  }
  return out.sort((a, b) => a.line - b.line || a.col - b.col);
}

/** position turns an offset into a line and a column, both counted from 1. */
export function position(text, offset) {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, col: before[before.length - 1].length + 1 };
}
