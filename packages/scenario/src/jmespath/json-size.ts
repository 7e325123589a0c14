import { outputTooLarge } from '../budget.js';
import { LimitExceeded, type Limits } from '../limits.js';
import { ExpressionError } from './error.js';
import { ExpressionReference } from './reference.js';

/**
 * Measures a value before it is written or handed out. Values share parts, so one of few objects can stand for text
 * without end: `[@, @] | [@, @] | …` doubles with every pipe. The walk stops as soon as a bound is crossed.
 *
 * @returns About the length of the value's JSON text, in UTF-16 units.
 * @throws {LimitExceeded} when that is more than `outputSize`, or the value is deeper than `documentDepth`.
 * @throws {ExpressionError} when an `&expression` is among the data.
 */
export function measureJson(value: unknown, limits: Limits): number {
  const left = new Meter(limits).measure(value, limits.outputSize, 0);
  return limits.outputSize - left;
}

class Meter {
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @returns What is left of the room after the value has taken its part. */
  measure(value: unknown, room: number, depth: number): number {
    if (typeof value === 'object' && value !== null) return this.#measureMembers(value, room, depth);
    const left = room - (typeof value === 'string' ? value.length + 2 : 5);
    if (left < 0) throw outputTooLarge(this.#limits);
    return left;
  }

  #measureMembers(value: object, room: number, depth: number): number {
    if (depth >= this.#limits.documentDepth) {
      throw new LimitExceeded('documentDepth', `Value is nested deeper than ${this.#limits.documentDepth} levels`);
    }
    if (value instanceof ExpressionReference) throw new ExpressionError('Invalid value: an &expression is not data');
    let left = room - 2;
    if (Array.isArray(value)) {
      for (const item of value) left = this.measure(item, left - 1, depth + 1);
    } else {
      for (const key of Object.keys(value)) {
        left = this.measure((value as Record<string, unknown>)[key], left - key.length - 4, depth + 1);
      }
    }
    if (left < 0) throw outputTooLarge(this.#limits);
    return left;
  }
}
