// Functions that a query defines: their bodies come bound to the arguments of each call.

import { compile, constant, nameText } from './expression.mjs';
import { Environment } from './environment.mjs';
import { Failure } from './failure.mjs';

// A function of the query is its body; its arguments, and what the body's own let statements make of them, are a row.
export function userCall(node, scope, given) {
  const { params, args, env } = parameters(node, scope, given);
  const inner = { ...scope, columns: new Map(), params, env };
  const made = [];
  for (const { Name, Expression } of (node.body.Statements ?? []).filter(s => s.kind === 'LetStatement')) {
    if (Expression.columns || Expression.kind === 'FunctionDeclaration') {
      scope.run.declare({ kind: 'LetStatement', Name, Expression }, env);
      continue;
    }
    made.push(compile(Expression, inner));
    params.set(nameText(Name), { at: args.length + made.length - 1 });
  }
  const value = compile(node.body.Expression, inner);
  return (r, i, all) => {
    const row = args.map(a => a(r, i, all));
    for (const m of made) row.push(m(row, i, all));
    return value(row, i, all);
  };
}

/** bodyOf is the table of a function's body. */
export function bodyOf(body, run, outer) {
  const env = new Environment(outer);
  for (const s of body.Statements ?? []) run.declare(s, env);
  return run.table(body.Expression, env);
}

/** parameters binds the arguments of a call: tables and constants by name, the rest by their place in a row of arguments. */
export function parameters(node, scope, given) {
  const env = new Environment(scope.env), params = new Map(), args = [];
  node.parameters.forEach((p, at) => {
    const named = given.find(g => g.kind === 'SimpleNamedExpression' && nameText(g.Name) === p.name);
    const e = named?.Expression ?? given[at] ?? p.fallback;
    if (!e) throw new Failure(`the call lacks the argument ${p.name}`, node.at);
    if (e.columns) {
      env.setTable(p.name, scope.run.table(e, scope.env));
      return;
    }
    params.set(p.name, { at: args.length });
    args.push(compile(e, scope));
    env.setLazy(p.name, 'scalar', () => constant(e, scope));
  });
  return { env, params, args };
}
