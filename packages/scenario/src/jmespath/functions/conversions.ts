import type { Budget } from '../../budget.js';
import { stableJson } from '../../identity/index.js';
import { ExpressionError } from '../error.js';
import { measureJson } from '../json-size.js';
import { any, optional, string } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';
import { isTrue, typeName } from '../values.js';

/** Functions that change or ask the type of a value, and `if`. Source: jmespath.md §3 and §3.1. */
export const CONVERSION_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  type: defineFunction([any], ([value]) => {
    const type = typeName(value);
    if (type === 'expression') throw new ExpressionError('invalid-type');
    return type;
  }),
  to_number: defineFunction([any], ([value]) => toNumber(value)),
  to_string: defineFunction([any], ([value], budget) => (typeof value === 'string' ? value : toJson(value, budget))),
  json_serialize: defineFunction([any], ([value], budget) => {
    chargeJson(value, budget);
    return stableJson(value);
  }),
  json_parse: defineFunction([string], ([text], budget) => {
    budget.chargeText(text.length);
    const value = parseJson(text);
    measureJson(value, budget.limits);
    return value;
  }),
  // JMESPath's truth, as everywhere in an expression; the reference uses JavaScript's here alone.
  if: defineFunction([any, any, optional(any)], ([condition, yes, no]) => (isTrue(condition) ? yes : no)),
};

/** The message is that of the platform, which says what is wrong and where. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ExpressionError(error instanceof Error ? error.message : 'Invalid JSON', { cause: error });
  }
}

/** Decimal numbers only: neither the empty string nor `0x10` or ` 5 ` is one. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !DECIMAL.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function toJson(value: unknown, budget: Budget): string {
  chargeJson(value, budget);
  return JSON.stringify(value);
}

/** Measured before it is written: a value of few objects may have a text without end. */
function chargeJson(value: unknown, budget: Budget): void {
  budget.charge(measureJson(value, budget.limits) / 8);
}
