// A table on its way through a query: columns, and rows that are made when somebody takes them. What is filtered, extended
// and summarized is never there as a whole.

import { spend } from './memory.mjs';

export class Table {
  /**
   * columns are {name, type, at}: where a column's cells are in a row, its own place if nothing is said; a row may lack cells,
   * which are null. source is an array of rows, or gives each row to a function that returns false when it wants no more.
   */
  constructor(columns, source) {
    this.columns = columns;
    this.source = source;
  }

  /** rows are all rows at once. */
  get rows() {
    if (!Array.isArray(this.source)) {
      const rows = [];
      this.source(row => {
        rows.push(row);
        spend(rows.length);
      });
      this.source = rows;
    }
    return this.source;
  }

  /** each gives the rows one after the other. */
  each(take) {
    if (!Array.isArray(this.source)) return this.source(take);
    for (const row of this.source) if (take(row) === false) return false;
    return true;
  }

  /** first is the first row, undefined when there is none. */
  first() {
    let found;
    this.each(row => {
      found = row;
      return false;
    });
    return found;
  }
}

/** indexed makes columns findable by name. */
export const indexed = columns => new Map(columns.map((c, at) => [c.name, { at: c.at ?? at, type: c.type }]));

/** visit calls f(row, i, all) for each row; expressions that look at other rows (prev, row_number) get them all. */
export function visit(input, scope, f) {
  if (!scope.whole.needed) return input.each(row => f(row, 0, none));
  const all = input.rows;
  for (let i = 0; i < all.length; i++) if (f(all[i], i, all) === false) return false;
  return true;
}

const none = [];

/** mapped is a table of one row for each row. */
export const mapped = (columns, input, scope, make) => new Table(columns, take => visit(input, scope, (row, i, all) => take(make(row, i, all))));

/** cells gives the cells of columns, by name, out of rows of another table. */
export function picker(columns, from) {
  const at = indexed(from), places = columns.map(c => at.get(c.name)?.at ?? -1);
  return row => places.map(p => row[p]);
}
