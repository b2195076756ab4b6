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
