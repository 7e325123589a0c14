import type { Budget } from '../budget.js';

/** An `&expression` passed to a function, together with the variables it sees. */
export class ExpressionReference {
  readonly #evaluate: (current: unknown) => unknown;
  readonly #cost: number;

  /**
   * @param evaluate The expression, as a function of `@`.
   * @param cost The steps one evaluation is worth.
   */
  constructor(evaluate: (current: unknown) => unknown, cost: number) {
    this.#evaluate = evaluate;
    this.#cost = cost;
  }

  /** Evaluates the expression with a value as `@`. */
  evaluate(current: unknown, budget: Budget): unknown {
    budget.charge(this.#cost);
    return this.#evaluate(current);
  }
}
