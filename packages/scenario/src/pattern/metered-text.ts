import type { Budget } from '../budget.js';

/**
 * A text that counts how often an engine looks at it. Linear time for one match is not linear for all of them: finding
 * every `a*b|a` in a row of `a` looks to its end each time. Counting looks measures the work actually done, and stops it.
 */
export class MeteredText extends String {
  readonly #text: string;
  readonly #budget: Budget;
  readonly #stepsPerLook: number;

  /** @param stepsPerLook The work the engine does for one look at a character. */
  constructor(text: string, budget: Budget, stepsPerLook: number) {
    super(text);
    this.#text = text;
    this.#budget = budget;
    this.#stepsPerLook = stepsPerLook;
  }

  override charCodeAt(index: number): number {
    this.#budget.charge(this.#stepsPerLook);
    return this.#text.charCodeAt(index);
  }

  /** Engines jump to a literal prefix with it; a native search reads hundreds of characters in the time of a look. */
  override indexOf(searched: string, position = 0): number {
    const found = this.#text.indexOf(searched, position);
    const read = (found < 0 ? this.#text.length : found) - position;
    this.#budget.charge(this.#stepsPerLook + Math.max(read, 0) / 1024);
    return found;
  }
}
