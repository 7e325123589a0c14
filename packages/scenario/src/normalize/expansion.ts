import { LimitExceeded, type Limits } from '../limits.js';

/**
 * Keeps what is written out in proportion to what was written. One wildcard transition becomes one of every state, and
 * one `by: *` every actor of an implicit action: a short document could grow to gigabytes.
 */
export class Expansion {
  #left: number;

  constructor(limits: Limits) {
    // Parts are transitions, notify entries and actors, none of which can be written in fewer characters.
    this.#left = limits.documentLength / 10;
  }

  /** @throws LimitExceeded when that many parts more are too many. */
  charge(parts: number): void {
    this.#left -= parts;
    if (this.#left < 0) throw new LimitExceeded('documentLength', 'Scenario is too large when it is written out');
  }
}
