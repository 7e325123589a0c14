import { BusError, type Delivery, type Message } from '../port.js';
import { startTimer } from './timer.js';

/**
 * Tells a handler that nobody waits for it any more. The signal and its timer are made when they are asked for: most handlers
 * never do, and making both costs as much as the rest of a small request.
 */
export class Cancellation {
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reason: BusError | undefined;

  /** @param deadline in milliseconds since the epoch; Infinity for none */
  constructor(readonly deadline = Infinity) {}

  get signal(): AbortSignal {
    this.#controller ??= this.#start();
    return this.#controller.signal;
  }

  /** @returns the message as its handler sees it */
  delivery(message: Message, attempt: number): Delivery {
    const signal = (): AbortSignal => this.signal;
    return {
      ...message,
      attempt,
      get signal() {
        return signal();
      },
    };
  }

  cancel(reason: BusError): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** The handler is through: nothing will be cancelled any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): AbortController {
    const controller = new AbortController();
    if (this.#reason) controller.abort(this.#reason);
    else if (Number.isFinite(this.deadline)) {
      const late = () => this.cancel(new BusError('timeout', 'the deadline of the request passed'));
      this.#timer = startTimer(late, this.deadline - Date.now());
    }
    return controller;
  }
}
