import { HandoverError, toProblem, type AnswerOf, type listEvents } from '@handover/contracts';
import type { Watch } from './watches.js';

type Page = AnswerOf<typeof listEvents>;
/** Reads a page of events from an index on, as far as the caller may see them now. */
export type ReadEvents = (from: number) => Promise<Page>;

/** A comment now and then keeps proxies from closing a stream on which nothing happens. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it comes back, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * The events of a process as server-sent events (WHATWG HTML §9.2), from those on that were read already, until the process
 * has ended and all of them are sent, or the watch is closed. `id` is the index of the event.
 * @param first what was read after the watch began
 * @param read when it fails, the stream ends with the problem as an event
 */
export async function* eventStream(
  watch: Watch,
  { first, from, read }: { first: Page; from: number; read: ReadEvents },
): AsyncGenerator<string, void> {
  yield `retry: ${RETRY_MS}\n\n`;
  let page = first;
  let index = from;
  let heartbeatAt = performance.now() + HEARTBEAT_MS;
  try {
    for (;;) {
      if (page.events.length > 0) {
        yield page.events.map((event, position) => written(index + position, event)).join('');
        heartbeatAt = performance.now() + HEARTBEAT_MS;
        index += page.events.length;
      }
      if (page.events.length === 0 || index >= page.total) {
        if (!page.running) return;
        await watch.changed(heartbeatAt - performance.now());
      }
      if (watch.isClosed) return;
      if (performance.now() >= heartbeatAt) {
        yield ': still here\n\n';
        heartbeatAt = performance.now() + HEARTBEAT_MS;
      }
      page = await read(index);
    }
  } catch (error) {
    if (!(error instanceof HandoverError)) throw error;
    yield `event: problem\ndata: ${JSON.stringify(toProblem(error))}\n\n`;
  } finally {
    watch.close();
  }
}

const written = (index: number, event: Readonly<Record<string, unknown>>): string =>
  `id: ${index}\ndata: ${JSON.stringify(event)}\n\n`;

/** Chunks as they are asked for: nothing is read ahead of a slow client. @param watch closed when the client has gone */
export function streamed(chunks: AsyncGenerator<string, void>, watch: Watch): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      watch.close();
      await chunks.return();
    },
  });
}
