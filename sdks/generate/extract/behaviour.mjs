// Reads what only the package's code (.js) knows: tokens, defaults, constants, aliases, secrets.
import ts from "typescript";
import { between, literal, parse } from "./declarations.mjs";

/** Reads one resource's .js file. */
export function resourceBehaviour(text, name) {
  const source = withoutSourceMap(text);
  const token = /\.__pulumiType = '([^']+)'/.exec(source)?.[1];
  if (!token) throw new Error(`${name}: no resource token`);
  const found = { token, defaults: {}, constants: {}, secretInputs: [], secretOutputs: [], replaceOnChanges: [], aliases: [] };
  const visit = (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) assignment(node, found);
    if (ts.isPropertyAssignment(node)) option(node, found);
    ts.forEachChild(node, visit);
  };
  visit(parse(source, name));
  return found;
}

/** resourceInputs["x"] = …: the default or the constant that the code sends. */
function assignment(node, found) {
  const target = node.left;
  if (!ts.isElementAccessExpression(target) || target.expression.getText() !== "resourceInputs") return;
  const property = target.argumentExpression.text;
  const constant = literal(node.right);
  if (constant !== undefined) found.constants[property] = constant;
  const value = defaultOf(node.right);
  if (value !== undefined) found.defaults[property] = value;
  if (/pulumi\.secret\(args\./.test(node.right.getText())) found.secretInputs.push(property);
}

/** `(_a = x) !== null && _a !== void 0 ? _a : LITERAL`, which is how the compiler prints `x ?? LITERAL`. */
function defaultOf(node) {
  if (!ts.isConditionalExpression(node) || !node.condition.getText().includes("!== void 0")) return undefined;
  return literal(node.whenFalse);
}

function option(node, found) {
  const lists = { additionalSecretOutputs: found.secretOutputs, replaceOnChanges: found.replaceOnChanges };
  const name = node.name.getText();
  if (lists[name] && ts.isArrayLiteralExpression(node.initializer)) {
    lists[name].push(...node.initializer.elements.map((e) => e.text));
  }
  if (name === "aliases" && ts.isArrayLiteralExpression(node.initializer)) {
    for (const alias of node.initializer.elements) found.aliases.push(alias.properties[0].initializer.text);
  }
}

/** The token that a function's .js file invokes, or undefined where the file holds no function. */
export function functionToken(text) {
  return /runtime\.invoke\("([^"]+)"/.exec(text)?.[1];
}

/** Cuts one namespace out of types/input.js or types/output.js. */
export function cutDefaults(text, module, version) {
  const outer = between(text, `\n(function (${module}) {\n`, `\n})(${module} = `);
  if (outer === undefined || version === "") return outer;
  return between(outer, `\n    (function (${version}) {\n`, `\n    })(${version} = `);
}

/** The defaults of every type of a namespace: function name without "ProvideDefaults" → property → value. */
export function typeDefaults(text, name) {
  const found = new Map();
  const visitFunction = (node) => {
    const defaults = {};
    const visit = (inner) => {
      if (ts.isPropertyAssignment(inner)) {
        const value = defaultOf(inner.initializer);
        if (value !== undefined) defaults[inner.name.getText()] = value;
      }
      ts.forEachChild(inner, visit);
    };
    visit(node.body);
    found.set(node.name.text.replace(/ProvideDefaults$/, ""), defaults);
  };
  for (const node of parse(text, name).statements) {
    if (ts.isFunctionDeclaration(node) && node.name.text.endsWith("ProvideDefaults")) visitFunction(node);
  }
  return found;
}

function withoutSourceMap(text) {
  const at = text.indexOf("\n//# sourceMappingURL=");
  return at < 0 ? text : text.slice(0, at);
}
