// + - * / % (Microsoft Learn: kusto/query/numerical-operators and datetime-timespan-arithmetic). A null operand gives null.

import { DateTime, Timespan, integer } from './values.mjs';
import { scale, floorDiv } from './time.mjs';

// A decimal is kept as a real: 15 digits, where Azure keeps 34.
const isReal = type => type === 'real' || type === 'decimal';

function whole(node, number, big) {
  if (isReal(node.type)) return (a, b) => number(Number(a), Number(b));
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const r = number(a, b);
      if (Number.isSafeInteger(r)) return r;
    }
    return integer(big(BigInt(a), BigInt(b)));
  };
}

function add(node, left, right) {
  if (node.type === 'datetime') return (a, b) => new DateTime(a.ticks + b.ticks);
  if (node.type === 'timespan') return (a, b) => new Timespan(a.ticks + b.ticks);
  return whole(node, (a, b) => a + b, (a, b) => a + b);
}

function subtract(node, left, right) {
  if (left === 'datetime' && right === 'datetime') return (a, b) => new Timespan(a.ticks - b.ticks);
  if (node.type === 'datetime') return (a, b) => new DateTime(a.ticks - b.ticks);
  if (node.type === 'timespan') return (a, b) => new Timespan(a.ticks - b.ticks);
  return whole(node, (a, b) => a - b, (a, b) => a - b);
}

function multiply(node, left, right) {
  if (left === 'timespan') return (a, b) => new Timespan(scale(a.ticks, Number(b)));
  if (right === 'timespan') return (a, b) => new Timespan(scale(b.ticks, Number(a)));
  return whole(node, (a, b) => a * b, (a, b) => a * b);
}

// [M] unverified: what a division of whole numbers by zero gives; documentation is silent, so that nothing is invented: null.
const dividedByZero = null;

function divide(node, left, right) {
  if (left === 'timespan' && right === 'timespan') return (a, b) => Number(a.ticks) / Number(b.ticks);
  if (left === 'timespan') return (a, b) => Number(b) === 0 ? null : new Timespan(BigInt(Math.trunc(Number(a.ticks) / Number(b))));
  if (isReal(node.type)) return (a, b) => Number(a) / Number(b);
  return (a, b) => {
    if (Number(b) === 0) return dividedByZero;
    return typeof a === 'number' && typeof b === 'number' ? Math.trunc(a / b) + 0 : integer(BigInt(a) / BigInt(b));
  };
}

// The remainder is never negative.
function modulo(node, left) {
  if (left === 'timespan') return (a, b) => b.ticks === 0n ? null : new Timespan(a.ticks - floorDiv(a.ticks, b.ticks) * b.ticks);
  if (left === 'datetime') return (a, b) => b.ticks === 0n ? null : new Timespan(a.ticks % b.ticks);
  return (a, b) => {
    if (Number(b) === 0) return isReal(node.type) ? NaN : dividedByZero;
    if (typeof a === 'number' && typeof b === 'number') {
      const m = Math.abs(b);
      return ((a % m) + m) % m;
    }
    const m = BigInt(b) < 0n ? -BigInt(b) : BigInt(b);
    return integer(((BigInt(a) % m) + m) % m);
  };
}

/** arithmetic is the operator of each kind of node. */
export const arithmetic = {
  AddExpression: add, SubtractExpression: subtract, MultiplyExpression: multiply, DivideExpression: divide, ModuloExpression: modulo,
};
