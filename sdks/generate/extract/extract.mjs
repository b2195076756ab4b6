// Writes a Pulumi package schema of the listed resources and functions of @pulumi/azure-native, from the published npm package.
//
// Standard input: {"package": folder, "namespaces": [{"module", "version", "resources": [names], "functions": [names]}]}.
// An empty version means the module's default; resources or functions "*" mean all of them.
// Standard output: {"resources", "functions", "types", "siblings"}: the first three as in Pulumi's package schema, except that
// every number is "number" (TypeScript does not know integers); siblings are the other tokens of a namespace, because the Go
// names of types depend on them. No documentation text is taken over.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { cutDefaults, functionToken, resourceBehaviour, typeDefaults } from "./behaviour.mjs";
import { cutNamespace, enums, interfaces, members, parse } from "./declarations.mjs";

const request = JSON.parse(readFileSync(0, "utf8"));
const result = { resources: {}, functions: {}, types: {}, siblings: { resources: [], functions: [] } };
const big = new Map();

/** A file of types/, read once: they are up to 48 MB each. */
function typesFile(name) {
  if (!big.has(name)) big.set(name, readFileSync(join(request.package, "types", name), "utf8"));
  return big.get(name);
}

function extract({ module, version, resources, functions }) {
  const types = new Namespace(module, version);
  const folder = join(request.package, module, version);
  const wantsResource = chooser(resources);
  const wantsFunction = chooser(functions);
  for (const file of readdirSync(folder).filter((f) => f.endsWith(".js") && f !== "index.js").sort()) {
    const code = readFileSync(join(folder, file), "utf8");
    const base = join(folder, file.slice(0, -".js".length));
    const invoked = functionToken(code);
    if (invoked) {
      if (wantsFunction(nameOf(invoked))) addFunction(invoked, base, types);
      else result.siblings.functions.push(invoked);
      continue;
    }
    const token = /\.__pulumiType = '([^']+)'/.exec(code)?.[1];
    if (!token) continue;
    if (wantsResource(nameOf(token))) addResource(code, base, types);
    else result.siblings.resources.push(token);
  }
  wantsResource.assertAllFound(`${module}/${version}: resource`);
  wantsFunction.assertAllFound(`${module}/${version}: function`);
  types.resolveAll();
}

const nameOf = (token) => token.slice(token.lastIndexOf(":") + 1);

/** Decides by name, and remembers which names never came. */
function chooser(names) {
  if (names === "*") return Object.assign(() => true, { assertAllFound: () => {} });
  const missing = new Set(names);
  const wanted = new Set(names);
  const choose = (name) => missing.delete(name) || wanted.has(name);
  choose.assertAllFound = (what) => {
    if (missing.size) throw new Error(`${what} ${[...missing].join(", ")} is not in the package`);
  };
  return choose;
}

function addResource(code, base, types) {
  const behaviour = resourceBehaviour(code, `${base}.js`);
  const name = nameOf(behaviour.token);
  const source = parse(readFileSync(`${base}.d.ts`, "utf8"), `${base}.d.ts`);
  const outputs = members(source.statements.find((n) => ts.isClassDeclaration(n) && n.name.text === name), types);
  const args = source.statements.find((n) => ts.isInterfaceDeclaration(n) && n.name.text === `${name}Args`);
  const inputs = args ? members(args, types) : { properties: {}, required: [] };
  for (const [property, value] of Object.entries(behaviour.constants)) setOn(inputs, property, { const: value });
  for (const [property, value] of Object.entries(behaviour.defaults)) setOn(inputs, property, { default: value });
  for (const property of behaviour.secretInputs) setOn(inputs, property, { secret: true });
  for (const property of behaviour.secretOutputs) setOn(outputs, property, { secret: true });
  for (const property of behaviour.replaceOnChanges) setOn(outputs, property, { replaceOnChanges: true });
  result.resources[behaviour.token] = {
    properties: outputs.properties,
    required: outputs.required,
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
    aliases: behaviour.aliases.map((type) => ({ type })),
  };
}

function setOn(object, property, values) {
  if (object.properties[property]) Object.assign(object.properties[property], values);
}

function addFunction(token, base, types) {
  const source = parse(readFileSync(`${base}.d.ts`, "utf8"), `${base}.d.ts`);
  const name = nameOf(token);
  const title = name[0].toUpperCase() + name.slice(1);
  const find = (suffix) => source.statements.find((n) => ts.isInterfaceDeclaration(n) && n.name.text === title + suffix);
  const described = {};
  const args = find("Args");
  if (args) described.inputs = objectOf(members(args, types.plain()));
  const answer = find("Result");
  if (answer) described.outputs = objectOf(members(answer, types));
  result.functions[token] = described;
}

function objectOf({ properties, required }) {
  return { type: "object", properties, required };
}

/** The types of one module and version, resolved when something refers to them. */
class Namespace {
  constructor(module, version) {
    this.module = module;
    this.version = version;
    this.pending = [];
    this.known = new Set();
  }

  /** The context of a function's arguments: the types there carry no "Args" suffix. */
  plain() {
    return { reference: (kind, path, where) => this.reference(kind, path, where, true) };
  }

  /** Names the schema token of inputs.module.version.NameArgs and its like, and queues the type. */
  reference(kind, path, where, plain = false) {
    const name = path[path.length - 1];
    const module = path.slice(0, -1).join("/");
    if (module !== this.path()) throw new Error(`${where}: refers to ${module}, which is another namespace than ${this.path()}`);
    const bare = kind === "inputs" && !plain ? name.replace(/Args$/, "") : name;
    const token = `azure-native:${module}:${bare}`;
    if (!this.known.has(token)) {
      this.known.add(token);
      this.pending.push({ kind, name, token, bare });
    }
    return token;
  }

  path() {
    return this.version ? `${this.module}/${this.version}` : this.module;
  }

  resolveAll() {
    while (this.pending.length) {
      const { kind, name, token, bare } = this.pending.shift();
      result.types[token] = kind === "enums" ? this.enumeration(name) : this.object(kind, name, bare);
    }
  }

  enumeration(name) {
    if (!this.enumTypes) {
      const file = join(request.package, "types", "enums", this.module, this.version, "index.d.ts");
      this.enumTypes = enums(existsSync(file) ? readFileSync(file, "utf8") : "", file);
    }
    const found = this.enumTypes.get(name);
    if (!found) throw new Error(`${this.path()}: no enum ${name}`);
    return found;
  }

  object(kind, name, bare) {
    const side = kind === "inputs" ? "input" : "output";
    const found = this.side(side).types.get(name) ?? this.side(side).types.get(`${bare}Args`);
    if (!found) throw new Error(`${this.path()}: no ${side} type ${name}`);
    const { properties, required } = found();
    const key = name[0].toLowerCase() + name.slice(1);
    for (const [property, value] of Object.entries(this.side(side).defaults.get(key) ?? {})) {
      if (properties[property]) properties[property].default = value;
    }
    return { type: "object", properties, required };
  }

  side(side) {
    this.sides ??= {};
    return (this.sides[side] ??= {
      types: interfaces(cutNamespace(typesFile(`${side}.d.ts`), this.module, this.version) ?? "", `${side}.d.ts`, this),
      defaults: typeDefaults(cutDefaults(typesFile(`${side}.js`), this.module, this.version) ?? "", `${side}.js`),
    });
  }
}

for (const namespace of request.namespaces) extract(namespace);
process.stdout.write(JSON.stringify(result));
