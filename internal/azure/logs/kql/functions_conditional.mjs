// Microsoft Learn: kusto/query/scalar-functions, "Conditional functions" and the predicates on null.

import { lazy, nulls } from './functions_kinds.mjs';
import { empty } from './values.mjs';
import { to } from './convert.mjs';

// A branch may be of a narrower type than the result: iff(true, 1, 2.0) is a real.
const typed = node => node.type && node.type !== 'dynamic' && node.type !== 'string' ? v => v === null ? null : to(node.type, v) : v => v;

function choose([test, yes, no], node) {
  const as = typed(node);
  return (r, i, all) => as(test(r, i, all) === true ? yes(r, i, all) : no(r, i, all));
}

function cases(args, node) {
  const as = typed(node), last = args.length - 1;
  return (r, i, all) => {
    for (let at = 0; at < last; at += 2) if (args[at](r, i, all) === true) return as(args[at + 1](r, i, all));
    return as(args[last](r, i, all));
  };
}

function coalesce(args, node) {
  const as = typed(node), none = empty(node.type);
  return (r, i, all) => {
    for (const a of args) {
      const v = a(r, i, all);
      if (v !== null && !(v === '' && none === '')) return as(v);
    }
    return none;
  };
}

const isEmpty = v => v === null || v === '';
const ticks = v => v?.ticks ?? v;

export const conditional = {
  iff: lazy(choose),
  iif: lazy(choose),
  case: lazy(cases),
  coalesce: lazy(coalesce),
  isnull: nulls(v => v === null),
  isnotnull: nulls(v => v !== null),
  notnull: nulls(v => v !== null),
  isempty: nulls(isEmpty),
  isnotempty: nulls(v => !isEmpty(v)),
  notempty: nulls(v => !isEmpty(v)),
  not: v => !v,
  // Nulls take no part in max_of and min_of, unless nothing else is there.
  max_of: nulls((...v) => v.filter(x => x !== null).reduce((a, b) => ticks(a) >= ticks(b) ? a : b, v.find(x => x !== null) ?? null)),
  min_of: nulls((...v) => v.filter(x => x !== null).reduce((a, b) => ticks(a) <= ticks(b) ? a : b, v.find(x => x !== null) ?? null)),
  assert: lazy(([test, message]) => (r, i, all) => {
    if (test(r, i, all) !== true) throw new Error(`assert: ${message(r, i, all)}`);
    return true;
  }),
};
