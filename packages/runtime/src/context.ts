import { AsyncLocalStorage } from 'node:async_hooks';

/** Ids that say what a piece of work belongs to. Every log line written within it carries them. */
export interface WorkContext {
  readonly requestId?: string | undefined;
  readonly commandId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly processId?: string | undefined;
  readonly deliveryId?: string | undefined;
  /** W3C trace context: the span this work is, or belongs to. */
  readonly traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** Runs `work` with these ids added to those already in force. */
export function withContext<T>(context: WorkContext, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, work);
}

/** The ids in force here; empty outside of any work. */
export function currentContext(): WorkContext {
  return storage.getStore() ?? {};
}
