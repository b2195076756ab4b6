// Rows that arrive from outside: as few objects as possible, because there may be a million of them.

import { from } from './convert.mjs';
import { stamp } from './time.mjs';
import { Table } from './table.mjs';
import { spend } from './memory.mjs';

/** shortest and most: text of no more than so many characters is shared between rows, while a column has no more such texts. */
const shortest = 64, most = 4096;

/** received puts rows under a name, or behind the rows that are there. */
export function received(tables, { name, columns, rows, more }) {
  if (!more) tables.set(name, Object.assign(new Table(columns, []), { readers: columns.map(reader) }));
  const table = tables.get(name), { source, readers } = table;
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) row[i] = readers[i](row[i]);
    source.push(row);
    spend(source.length);
  }
}

/** reader makes cells of a column; text that comes again and again is there once. */
function reader({ type }) {
  if (type === 'datetime') return v => typeof v === 'string' ? stamp(v) ?? from(type, v) : from(type, v);
  if (type !== 'string') return v => from(type, v);
  const known = new Map();
  return v => {
    const text = from(type, v);
    if (text.length > shortest) return text;
    const same = known.get(text);
    if (same !== undefined) return same;
    if (known.size < most) known.set(text, text);
    return text;
  };
}
