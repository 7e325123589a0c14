import { ExpressionError } from '../error.js';

/** @throws {ExpressionError} with the reference's message unless the argument is a whole number. */
export function integer(value: number): number {
  if (!Number.isInteger(value)) throw new ExpressionError('invalid-value: expecting an integer.');
  return value;
}

/** @throws {ExpressionError} with the reference's message unless the argument is a whole number of at least 0. */
export function nonNegativeInteger(value: number): number {
  if (!Number.isInteger(value) || value < 0) {
    throw new ExpressionError('invalid-value: expecting a non-negative integer.');
  }
  return value;
}
