import { startTimer } from './timer.js';

/** Whether a connection is there, and a way to wait for it. */
export class Readiness {
  #up = false;
  readonly #waiting = new Set<() => void>();

  get isUp(): boolean {
    return this.#up;
  }

  up(): void {
    this.#up = true;
    this.settle();
  }

  down(): void {
    this.#up = false;
  }

  /** Whoever waits is told how it is now, because waiting longer is of no use. */
  settle(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Resolves true as soon as it is up, false when it is not within `timeoutMs` or {@link settle} is called before. */
  whenUp(timeoutMs: number): Promise<boolean> {
    if (this.#up) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(this.#up);
      };
      const timer = startTimer(settle, timeoutMs);
      this.#waiting.add(settle);
    });
  }
}
