import { ExpressionError } from '../error.js';
import { number, numbers } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';

/** Functions of numbers. Source: jmespath.md §3. */
export const NUMBER_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  abs: defineFunction([number], ([value]) => Math.abs(value)),
  ceil: defineFunction([number], ([value]) => Math.ceil(value)),
  floor: defineFunction([number], ([value]) => Math.floor(value)),
  sum: defineFunction([numbers], ([values]) => total(values)),
  avg: defineFunction([numbers], ([values]) => (values.length === 0 ? null : total(values) / values.length)),
};

function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  if (!Number.isFinite(sum)) throw new ExpressionError('not-a-number: out of range');
  return sum;
}
