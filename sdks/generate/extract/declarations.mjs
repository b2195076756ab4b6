// Reads the package's type declarations (.d.ts) and turns them into properties of a Pulumi package schema.
import ts from "typescript";

/** Parses one piece of source; the name only shows up in messages. */
export function parse(text, name) {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, name.endsWith(".js") ? ts.ScriptKind.JS : ts.ScriptKind.TS);
}

/**
 * Cuts the text of one namespace out of a declaration file of 40 MB. Parsing the whole file costs half a minute and 2 GB;
 * the package is printed by one tool, so a namespace ends at the first closing brace of its own indentation.
 */
export function cutNamespace(text, module, version) {
  const outer = between(text, `\nexport declare namespace ${module} {\n`, "\n}\n");
  if (outer === undefined || version === "") return outer;
  const inner = between(outer, `\n    namespace ${version} {\n`, "\n    }\n");
  return inner === undefined ? undefined : inner;
}

/** The text after start and before the next end, or undefined where start does not occur. */
export function between(text, start, end) {
  const from = text.indexOf(start);
  if (from < 0) return undefined;
  const to = text.indexOf(end, from + start.length - 1);
  return text.slice(from + start.length, to < 0 ? undefined : to + 1);
}

/** All interfaces of a source text, by name, as objects of a schema. */
export function interfaces(text, name, context) {
  const found = new Map();
  for (const node of parse(text, name).statements) {
    if (ts.isInterfaceDeclaration(node)) found.set(node.name.text, () => members(node, context));
  }
  return found;
}

/** The properties of an interface or class: { properties, required }. */
export function members(node, context) {
  const properties = {};
  const required = [];
  for (const member of node.members) {
    if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member)) continue;
    const name = ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();
    const { type, optional } = typeOf(member.type, context, `${node.name.text}.${name}`);
    properties[name] = type;
    if (!member.questionToken && !optional) required.push(name);
  }
  return { properties, required: required.sort() };
}

const wrappers = new Set(["pulumi.Input", "pulumi.Output", "Promise"]);

const pulumiTypes = {
  "pulumi.asset.Archive": "pulumi.json#/Archive",
  "pulumi.asset.Asset": "pulumi.json#/Asset",
};

/** A TypeScript type as a schema type; optional says that undefined was one of its members. */
function typeOf(node, context, where) {
  if (ts.isParenthesizedTypeNode(node)) return typeOf(node.type, context, where);
  if (ts.isUnionTypeNode(node)) return unionOf(node, context, where);
  if (ts.isArrayTypeNode(node)) return { type: { type: "array", items: typeOf(node.elementType, context, where).type } };
  if (ts.isTypeLiteralNode(node)) return mapOf(node, context, where);
  if (ts.isLiteralTypeNode(node)) return literalOf(node, where);
  if (ts.isTypeReferenceNode(node)) return referenceOf(node, context, where);
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: { type: "string" } };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: { type: "boolean" } };
    case ts.SyntaxKind.NumberKeyword:
      return { type: { type: "number" } };
    case ts.SyntaxKind.AnyKeyword:
      return { type: { $ref: "pulumi.json#/Any" } };
  }
  throw new Error(`${where}: the type ${node.getText()} has no form in a schema that this tool knows`);
}

function unionOf(node, context, where) {
  const present = node.types.filter((t) => t.kind !== ts.SyntaxKind.UndefinedKeyword);
  const optional = present.length < node.types.length;
  const types = present.map((t) => typeOf(t, context, where).type);
  return { type: types.length === 1 ? types[0] : { oneOf: types }, optional };
}

function mapOf(node, context, where) {
  const index = node.members.find(ts.isIndexSignatureDeclaration);
  if (!index) throw new Error(`${where}: an object type without a name cannot be expressed`);
  return { type: { type: "object", additionalProperties: typeOf(index.type, context, where).type } };
}

function literalOf(node, where) {
  const value = literal(node.literal);
  if (value === undefined) throw new Error(`${where}: ${node.getText()} is not a constant`);
  return { type: { type: typeof value, const: value } };
}

function referenceOf(node, context, where) {
  const name = node.typeName.getText();
  if (wrappers.has(name)) return typeOf(node.typeArguments[0], context, where);
  if (pulumiTypes[name]) return { type: { $ref: pulumiTypes[name] } };
  const [kind, ...path] = name.split(".");
  if (!["inputs", "outputs", "enums"].includes(kind)) throw new Error(`${where}: unknown type ${name}`);
  const token = context.reference(kind, path, where);
  return { type: { $ref: `#/types/${token}` } };
}

/** The value of a literal expression, or undefined. */
export function literal(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) return -literal(node.operand);
  return undefined;
}

/** The enums of an enums/index.d.ts, by name. */
export function enums(text, name) {
  const found = new Map();
  for (const node of parse(text, name).statements) {
    if (!ts.isVariableStatement(node)) continue;
    const declaration = node.declarationList.declarations[0];
    if (!declaration.type || !ts.isTypeLiteralNode(declaration.type)) continue;
    const values = declaration.type.members.map((m) => ({
      name: ts.isStringLiteral(m.name) ? m.name.text : m.name.getText(),
      value: literal(m.type.literal),
    }));
    const type = typeof (values[0]?.value ?? "");
    found.set(declaration.name.getText(), { type, enum: values });
  }
  return found;
}
