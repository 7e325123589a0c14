import type { Budget } from '../budget.js';
import { ExpressionError } from './error.js';
import type { ArithmeticOperator, ComparisonOperator, Sign } from './syntax.js';
import { isEqual } from './values.js';

/**
 * Applies an operator to two numbers. `//` rounds down, `%` keeps the sign of the dividend. Source: jmespath.md §1.
 *
 * @throws {ExpressionError} `not-a-number…` when an operand is no number, the divisor is 0, or the result is beyond
 * what a number can hold.
 */
export function calculate(operator: ArithmeticOperator, left: unknown, right: unknown): number {
  const result = apply(operator, numberOf(left), numberOf(right));
  if (!Number.isFinite(result)) throw new ExpressionError('not-a-number: out of range');
  return result;
}

function apply(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case 'Plus':
      return left + right;
    case 'Minus':
      return left - right;
    case 'Multiply':
      return left * right;
    case 'Divide':
      return left / divisor(right);
    case 'Div':
      return Math.floor(left / divisor(right));
    case 'Modulo':
      return left % divisor(right);
  }
}

/** Applies a sign. @throws {ExpressionError} `not-a-number…` when the operand is no number. */
export function applySign(sign: Sign, operand: unknown): number {
  return sign === 'Minus' ? -numberOf(operand) : numberOf(operand);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ExpressionError(value === null || value === undefined ? 'not-a-number: undefined' : 'not-a-number');
}

function divisor(value: number): number {
  if (value === 0) throw new ExpressionError('not-a-number: divide by zero');
  return value;
}

/** Compares: any values for equality, numbers for order. @returns null when an order is asked of anything else. */
export function compare(operator: ComparisonOperator, left: unknown, right: unknown, budget: Budget): boolean | null {
  if (operator === 'EQ') return isEqual(left, right, budget);
  if (operator === 'NE') return !isEqual(left, right, budget);
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  switch (operator) {
    case 'LT':
      return left < right;
    case 'LTE':
      return left <= right;
    case 'GT':
      return left > right;
    case 'GTE':
      return left >= right;
  }
}
