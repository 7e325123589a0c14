import { pause } from '../rest/send.js';
import { perform, type Delivery, type Handler, type Outcome, type Worker, type WorkerOptions } from './handler.js';

/** What a transport brings: how to listen for the services, and to stop listening. */
export interface Transport {
  open(services: readonly string[], take: Take): Promise<void>;
  /** No message is taken in any more; replies still leave. */
  pause(): Promise<void>;
  close(): Promise<void>;
}

/** Has a message done; never rejects. */
export type Take = (message: unknown, delivery: Omit<Delivery, 'signal'>) => Promise<Outcome>;

/** A worker over a transport: knows the handlers, and what is in hand. */
export function createWorker(transport: Transport, { graceMs = 10_000, onError = report }: WorkerOptions): Worker {
  const handlers = new Map<string, Handler<never>>();
  const inHand = new Set<Promise<unknown>>();
  const ending = new AbortController();

  const take: Take = (message, delivery) => {
    const handler = handlers.get(delivery.service);
    const work = handler
      ? perform(handler, message, { ...delivery, signal: ending.signal })
      : Promise.resolve<Outcome>({
          kind: 'refused',
          error: new Error(`Nobody does the work of '${delivery.service}'`),
        });
    const done = work.then((outcome) => {
      const { service, process, id } = delivery;
      if (outcome.kind !== 'done') onError(outcome.error, { service, process, id });
      return outcome;
    });
    inHand.add(done);
    return done.finally(() => inHand.delete(done));
  };

  return {
    on(service, handler) {
      if (handlers.has(service)) throw new Error(`Service '${service}' has a handler already`);
      handlers.set(service, handler);
      return this;
    },
    start: () => transport.open([...handlers.keys()], take),
    async stop() {
      await transport.pause();
      await Promise.race([Promise.allSettled([...inHand]), pause(graceMs, ending.signal).catch(() => undefined)]);
      ending.abort(new Error('The worker stops'));
      await transport.close();
    },
  };
}

function report(error: unknown, { service, process, id }: { service: string; process: string; id: string }): void {
  const reason = error instanceof Error ? error.message : String(error);
  globalThis.process.stderr.write(
    `${JSON.stringify({ level: 'error', msg: 'work failed', service, process, id, reason })}\n`,
  );
}
