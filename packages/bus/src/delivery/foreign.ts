import type {
  ForeignDelivery,
  ForeignHandler,
  ForeignMessage,
  ForeignReply,
  Message,
  MessageHandler,
} from '../port.js';
import type { BusLogger } from '../logger.js';

/** A foreign message and the way back to its sender, as they pass through the intake that all messages share. */
export interface Foreign {
  readonly message: ForeignMessage;
  /** Resolves when the reply is on its way for good. */
  readonly reply: (reply: ForeignReply) => Promise<void>;
}

/**
 * @param id tells this delivery from all others: the sender's own id may be anybody's
 * @param key of the lane it waits in
 */
export const carried = (foreign: Foreign, id: string, key: string | undefined): Message => ({
  id,
  type: foreign.message.name.slice(0, 255) || 'unnamed',
  ...(key !== undefined && { key }),
  headers: {},
  body: foreign,
});

/** A handler of foreign messages as the intake runs it: the reply first, then the outcome. */
export function replying(handler: ForeignHandler, logger: BusLogger): MessageHandler {
  return async (delivery) => {
    const { message, reply } = delivery.body as Foreign;
    const foreign: ForeignDelivery = {
      ...message,
      attempt: delivery.attempt,
      get signal() {
        return delivery.signal;
      },
    };
    const outcome = await handler(foreign);
    if (outcome.kind === 'retry') return outcome;
    try {
      await reply(outcome.reply);
    } catch (error) {
      // What was asked is done: to do it again because nobody hears of it would help nobody.
      logger.warn({ err: error, id: delivery.id }, 'a reply to an outsider could not be sent');
    }
    return outcome.kind === 'done' ? { kind: 'done' } : { kind: 'reject', reason: outcome.reason };
  };
}
