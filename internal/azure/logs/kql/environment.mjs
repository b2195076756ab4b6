// The names that let statements and parameters define.

import { Failure } from './failure.mjs';

export class Environment {
  constructor(outer = null) {
    this.outer = outer;
    this.names = new Map();
  }

  setTable(name, table) { this.names.set(name, { table: () => table }); }

  /** setLazy defines a name whose value is made when it is first used, and once. */
  setLazy(name, kind, make) {
    let made = false, value;
    this.names.set(name, {
      [kind]: () => {
        if (!made) [made, value] = [true, make()];
        return value;
      },
    });
  }

  find(name) {
    return this.names.get(name) ?? this.outer?.find(name);
  }

  scalar(name, node) {
    const found = this.find(name);
    if (!found?.scalar) throw new Failure(`the name ${name} has no value here`, node.at);
    return found.scalar();
  }

  table(name) {
    return this.find(name)?.table?.();
  }
}
