// The child process: one JSON object per line in, one per line out. It ends when its input does.
//
// {id, op: 'schema', tables}            what the binder knows
// {id, op: 'check', text}               -> {diagnostics}
// {id, op: 'uses', text}                -> {tables: [{name, columns}], diagnostics}
// {id, op: 'table', name, columns, rows} rows of a table, kept until replaced
// {id, op: 'run', text, now}            -> {columns, rows}
// {id, op: 'support'}                   -> what the evaluator does, by name

import { createInterface } from 'node:readline';
import { analyze, diagnostics, position, schema } from './language.mjs';
import { plain } from './tree.mjs';
import { rewritten } from './rewrite.mjs';
import { Run } from './run.mjs';
import { uses } from './uses.mjs';
import { from, toDateTime } from './convert.mjs';
import { output } from './format.mjs';
import { Failure } from './failure.mjs';
import { functions } from './functions.mjs';
import { windows } from './functions_window.mjs';
import { aggregates } from './aggregates.mjs';
import { operators } from './operators.mjs';

let globals = schema([]);
const tables = new Map();

const operations = {
  schema(m) {
    globals = schema(m.tables);
    for (const t of m.tables) if (!tables.has(t.name)) tables.set(t.name, { columns: t.columns, rows: [] });
    return {};
  },
  support: () => ({
    support: {
      operators: Object.keys(operators).sort(), functions: [...Object.keys(functions), ...Object.keys(windows)].sort(),
      aggregates: Object.keys(aggregates).sort(),
    },
  }),
  check: m => ({ diagnostics: diagnostics(analyze(m.text, globals)) }),
  uses(m) {
    const code = analyze(m.text, globals);
    return { diagnostics: diagnostics(code), tables: uses(plain(code.Syntax), tables) };
  },
  table(m) {
    const types = m.columns.map(c => c.type);
    tables.set(m.name, { columns: m.columns, rows: m.rows.map(row => row.map((v, i) => from(types[i], v))) });
    return {};
  },
  run(m) {
    const query = rewritten(m.text, globals);
    const result = traced(query, () => new Run(tables, toDateTime(m.now)).query(query.tree));
    return { columns: result.columns, rows: result.rows.map(row => row.map(output)) };
  },
};

/** traced puts the place of a failure back into the text as it was written. */
function traced(query, work) {
  try {
    return work();
  } catch (e) {
    if (e.at !== undefined) e.at = query.origin(e.at);
    throw e;
  }
}

function answer(line) {
  const m = JSON.parse(line);
  try {
    return { id: m.id, ...operations[m.op](m) };
  } catch (e) {
    const at = e instanceof Failure && e.at !== undefined && m.text ? position(m.text, e.at) : {};
    return { id: m.id, error: { message: e.message, internal: !(e instanceof Failure) && !e.message.startsWith('assert:') ? e.stack : undefined, ...at } };
  }
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of lines) if (line !== '') process.stdout.write(`${JSON.stringify(answer(line))}\n`);
