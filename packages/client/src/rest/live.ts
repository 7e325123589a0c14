import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ConnectionError, pause, send, type SendOptions } from './send.js';

export interface LiveEvent {
  /** Where to go on from after this one. */
  readonly id: string | undefined;
  readonly type: string;
  readonly data: unknown;
}

export interface LiveOptions {
  readonly signal?: AbortSignal;
  /** Id of the last event known; what came after it is told first. */
  readonly lastEventId?: string;
}

const LONGEST_DELAY_MS = 10_000;

/**
 * Events as they happen (Server-Sent Events), until the signal is aborted or the server says that there will be no more (204).
 * A connection that breaks is made anew and goes on behind the last event seen.
 *
 * @param path of the stream, such as `/processes/{id}/events` with the id filled in
 * @throws ProblemError when the server refuses; what the signal was aborted with
 */
export async function* live(
  options: SendOptions,
  path: string,
  { signal, lastEventId }: LiveOptions = {},
): AsyncGenerator<LiveEvent, void, undefined> {
  let last = lastEventId;
  let delay = 1_000;
  for (;;) {
    const headers = { Accept: 'text/event-stream', ...(last !== undefined && { 'Last-Event-ID': last }) };
    const response = await send(options, { method: 'GET', path, headers, signal, isStream: true });
    if (response.status === 204 || !response.body) return;
    try {
      for await (const event of eventsOf(response.body, (ms) => (delay = Math.min(ms, LONGEST_DELAY_MS)))) {
        last = event.id ?? last;
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SyntaxError) throw new ConnectionError('An event is not JSON', { cause: error });
    }
    signal?.throwIfAborted();
    await pause(delay, signal);
  }
}

async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  onRetry: (ms: number) => void,
): AsyncGenerator<LiveEvent, void, undefined> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(event), onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { id, event = 'message', data } of waiting.splice(0))
        yield { id, type: event, data: JSON.parse(data) };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
