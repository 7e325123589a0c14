import { LimitExceeded, type Limits } from './limits.js';

/** Text is cheap to touch: this many UTF-16 units count as one step of work. */
const UNITS_PER_STEP = 32;

/**
 * The work one evaluation may do. Whoever is about to do work that grows with its input announces it here first, and is
 * stopped when it is too much: hostile input ends in an error instead of a hang.
 */
export class Budget {
  readonly limits: Limits;
  #stepsLeft: number;

  /** @param limits `expressionSteps` is the work in all, `outputSize` the longest text. */
  constructor(limits: Limits) {
    this.limits = limits;
    this.#stepsLeft = limits.expressionSteps;
  }

  /**
   * Counts work: about one step per element touched, half a microsecond.
   *
   * @throws {LimitExceeded} once there have been more than `expressionSteps`.
   */
  charge(steps: number): void {
    this.#stepsLeft -= steps;
    // Written so that NaN and Infinity, from sizes beyond all bounds, count as too much.
    if (!(this.#stepsLeft >= 0)) {
      throw new LimitExceeded('expressionSteps', `Evaluation takes more than ${this.limits.expressionSteps} steps`);
    }
  }

  /**
   * Announces text of so many UTF-16 units that is about to be built or read through.
   *
   * @throws {LimitExceeded} when it is longer than `outputSize`, or its work too much.
   */
  chargeText(units: number): void {
    if (!(units <= this.limits.outputSize)) throw outputTooLarge(this.limits);
    this.charge(Math.ceil(units / UNITS_PER_STEP));
  }
}

/** @returns The error for a result that would be larger than `outputSize`. */
export function outputTooLarge(limits: Limits): LimitExceeded {
  return new LimitExceeded('outputSize', `Output is larger than ${limits.outputSize} characters`);
}

/** Text under construction that stops growing where `outputSize` is. */
export class TextBuilder {
  readonly #budget: Budget;
  #text = '';

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** @throws {LimitExceeded} when the text gets too long, or its work too much. */
  add(part: string): void {
    if (this.#text.length + part.length > this.#budget.limits.outputSize) throw outputTooLarge(this.#budget.limits);
    this.#budget.charge(part.length / UNITS_PER_STEP);
    this.#text += part;
  }

  toString(): string {
    return this.#text;
  }
}
