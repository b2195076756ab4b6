// A query that needs more memory than the child may take ends with an error that says so, not with the child.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Failure } from './failure.mjs';

/** often is after how many rows the memory is looked at, full from which share of it nothing more is taken. */
const often = 1 << 16, full = 0.85;

const used = () => {
  const { used_heap_size: size, heap_size_limit: limit } = getHeapStatistics();
  return { size, limit };
};

let collect;

/** spend is called with a count of rows made so far. */
export function spend(rows, node) {
  if (rows % often !== 0) return;
  let { size, limit } = used();
  if (size < limit * full) return;
  // What looks used may be garbage.
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
  }
  collect();
  ({ size, limit } = used());
  if (size >= limit * full) throw new Failure(`the query needs more memory than the ${Math.round(limit / 2 ** 20)} MB that KQL may take here; filter or summarize earlier`, node?.at);
}
