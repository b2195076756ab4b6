// The bound tree as plain values, so that only this file and language.mjs know the package's generated classes.
//
// A node is {kind, at, end, type | columns, symbol, value, ...children by the grammar's own names}. Lists are arrays, tokens are
// their text. type is the name of a scalar type, columns are those of a table.

import { Language } from './language.mjs';

const { Syntax, Symbols } = Language;
const nameOf = (table, value) => globalThis.System.Enum.toString(table, value);
const kinds = new Map();

function kindOf(node) {
  let kind = kinds.get(node.Kind);
  if (!kind) kinds.set(node.Kind, kind = nameOf(Syntax.SyntaxKind, node.Kind));
  return kind;
}

function list(items) {
  const out = [];
  for (let i = 0; i < items.Count; i++) out.push(items.getItem(i));
  return out;
}

const column = c => ({ name: c.Name, type: c.Type.Name });

function result(type, out) {
  if (!type) return;
  if (type.Columns && type.Columns.Count !== undefined) out.columns = list(type.Columns).map(column);
  else out.type = type.Name;
}

/** plain copies a syntax element. */
export function plain(node, named = true) {
  if (!node) return null;
  if (node.IsToken) return node.Text;
  const kind = kindOf(node);
  if (kind === 'List') {
    const out = [];
    for (let i = 0; i < node.ChildCount; i++) out.push(plain(node.GetChild(i)));
    return out;
  }
  if (kind === 'SeparatedElement') return plain(node.GetChild(0));
  const out = { kind, at: node.TextStart, end: node.End };
  result(node.ResultType, out);
  const symbol = node.ReferencedSymbol;
  if (symbol) out.symbol = { name: symbol.Name, kind: nameOf(Symbols.SymbolKind, symbol.Kind) };
  if (out.symbol?.kind === 'Group') out.group = list(symbol.Members).map(m => m.Name);
  if (kind.endsWith('StringLiteralExpression') || kind === 'TokenLiteralExpression') out.value = String(node.LiteralValue ?? '');
  const isCall = kind === 'FunctionCallExpression';
  for (let i = 0; i < node.ChildCount; i++) out[node.GetName(i)] = plain(node.GetChild(i), !isCall);
  // A function without arguments may be named without parentheses.
  if (isCall || named && kind === 'NameReference' && out.symbol?.kind === 'Function') call(node, symbol, out);
  return out;
}

// A call of a function the query defines carries its body, bound to this call's arguments.
function call(node, symbol, out) {
  const body = symbol && node.GetCalledFunctionBody?.();
  if (!body) return;
  out.body = plain(body);
  out.parameters = list(node.ReferencedSignature.Parameters).map(p => ({
    name: p.Name, optional: p.IsOptional, fallback: plain(p.DefaultValue ?? null),
  }));
}
