// An error of a query: what, and where in its text.

export class Failure extends Error {
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}

/** refuse names what this evaluator does not do; nothing is skipped in silence. */
export function refuse(what, node) {
  throw new Failure(`${what} is not supported here`, node?.at);
}

/** mostWritten is how much of an expression an error repeats. */
const mostWritten = 60;

/** written is a node as the reader wrote it, on one line. */
export function written(node) {
  const text = tokens(node).join(' ').replace(/ ?([.(),[\]]) ?/g, '$1');
  return text.length > mostWritten ? `${text.slice(0, mostWritten)}…` : text;
}

const notWritten = new Set(['kind', 'type', 'value', 'symbol', 'columns', 'group', 'body', 'parameters', 'all', 'left', 'over']);

function tokens(node) {
  if (typeof node === 'string') return [node];
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([k, v]) => notWritten.has(k) ? [] : tokens(v));
}
