// The child process: one JSON object per line in, one per line out. It ends when its input does.
//
// {id, op: 'schema', tables}            what the binder knows
// {id, op: 'check', text}               -> {diagnostics}
// {id, op: 'uses', text}                -> {tables: [{name, columns}], diagnostics}
// {id, op: 'table', name, columns, rows, more} rows of a table, kept until replaced; more is for rows behind those that came before
// {id, op: 'run', text, now}            -> {columns, rows}
// {id, op: 'support'}                   -> what the evaluator does, by name

import { createInterface } from 'node:readline';
import { analyze, diagnostics, position, schema } from './language.mjs';
import { plain } from './tree.mjs';
import { placed, rewritten } from './rewrite.mjs';
import { prune } from './prune.mjs';
import { Table, indexed } from './table.mjs';
import { received } from './received.mjs';
import { Run } from './run.mjs';
import { uses } from './uses.mjs';
import { toDateTime } from './convert.mjs';
import { empty } from './values.mjs';
import { output } from './format.mjs';
import { Failure } from './failure.mjs';
import { functions } from './functions.mjs';
import { windows } from './functions_window.mjs';
import { aggregates } from './aggregates.mjs';
import { operators } from './operators.mjs';
import { Reshape } from './operators_plugins.mjs';

let globals = schema([]);
const tables = new Map(), schemas = new Map();

const operations = {
  schema(m) {
    globals = schema(m.tables);
    for (const t of m.tables) {
      schemas.set(t.name, t.columns);
      if (!tables.has(t.name)) tables.set(t.name, new Table(t.columns, []));
    }
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
    return { diagnostics: diagnostics(code), tables: uses(plain(code.Syntax), schemas) };
  },
  table(m) {
    received(tables, m);
    return {};
  },
  run(m) {
    const query = rewritten(m.text, globals);
    for (;;) {
      try {
        return placed(query, () => answered(new Run(tables, toDateTime(m.now), query.text).query(prune(query.tree)), query.tree));
      } catch (e) {
        if (!(e instanceof Reshape)) throw e;
        query.edit(e.edit);
      }
    }
  },
};

/** answered is a table as the binder said it would be. */
function answered(table, tree) {
  const at = indexed(table.columns);
  const bound = tree.Statements.find(s => s.kind === 'ExpressionStatement').Expression.all ?? table.columns;
  const columns = bound.map(({ name, type }) => ({ name, type })), cells = columns.map(c => ({ at: at.get(c.name)?.at ?? -1, none: empty(c.type) }));
  return { columns, rows: table.rows.map(row => cells.map(c => output(row[c.at] ?? c.none))) };
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

/** written is an answer as one line. No text can be longer than 512 MB. */
function written(a) {
  try {
    return JSON.stringify(a);
  } catch (e) {
    return JSON.stringify({ id: a.id, error: { message: `the answer is too large to be written (${e.message}); summarize it or take fewer rows` } });
  }
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of lines) if (line !== '') process.stdout.write(`${written(answer(line))}\n`);
