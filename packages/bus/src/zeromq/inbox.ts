import QuickLRU from 'quick-lru';
import { Intake, type Settle } from '../delivery/intake.js';
import type { BusLogger } from '../logger.js';
import { BusError } from '../port.js';
import type { Respond } from './doorway.js';
import { messageOf, type Call } from './wire.js';

/** Ids of handled messages remembered per queue or subscription, to recognise what is sent again. */
const REMEMBERED = 10_000;
/** Messages kept in memory per queue or subscription for all senders together. */
const CAPACITY = 4_096;

/**
 * What this process has been handed for one queue or subscription. Nobody else keeps a message: its sender does until
 * this process says `acknowledged`, which it does when the handler is through with it.
 */
export class Inbox {
  readonly intake: Intake;
  readonly #handled = new QuickLRU<string, true>({ maxSize: REMEMBERED });

  constructor(
    readonly destination: string,
    readonly maxBodyBytes: number,
    readonly logger: BusLogger,
  ) {
    // The sender's time limit ends the retries; see `expiresAt` below.
    this.intake = new Intake({ name: destination, maxAttempts: Infinity, logger });
  }

  accept(call: Call & { kind: 'delivery' }, body: Buffer, respond: Respond): void {
    const { sequence, destination, envelope, sends, remainingMs } = call;
    if (this.#handled.has(envelope.id)) return respond({ kind: 'acknowledged', sequence, destination });
    const terms = {
      attemptsBefore: sends - 1,
      expiresAt: performance.now() + remainingMs,
      settle: this.#settle(call, respond),
    };
    if (this.intake.adopt(envelope.id, terms)) return;
    if (this.intake.size >= CAPACITY) this.intake.sweep();
    if (this.intake.size >= CAPACITY) {
      const reason = `${destination} holds ${CAPACITY} messages already`;
      return respond({ kind: 'refused', sequence, destination, code: 'overloaded', reason });
    }
    try {
      this.intake.accept({ message: messageOf(envelope, body, this.maxBodyBytes), ...terms });
    } catch (error) {
      const reason = error instanceof BusError ? error.message : 'malformed';
      respond({ kind: 'refused', sequence, destination, code: 'malformed', reason });
    }
  }

  #settle({ sequence, destination, envelope }: Call & { kind: 'delivery' }, respond: Respond): Settle {
    return (settlement) => {
      const { id, type } = envelope;
      if (settlement.kind === 'expired') {
        return this.logger.warn({ id, type, destination }, 'dropped: its sender does not wait any longer');
      }
      if (settlement.kind === 'reject') {
        const { reason, attempts } = settlement;
        this.logger.error(
          { id, type, destination, reason, attempts },
          'rejected; this transport keeps no dead letters',
        );
      } else {
        this.#handled.set(id, true);
      }
      respond({ kind: 'acknowledged', sequence, destination });
    };
  }
}
