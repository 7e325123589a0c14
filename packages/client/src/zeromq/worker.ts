import { Pull, Router } from 'zeromq';
import type { Worker, WorkerOptions } from '../worker/handler.js';
import { metadataOf } from '../worker/metadata.js';
import { createWorker, type Take } from '../worker/shift.js';
import { pause } from '../rest/send.js';

export interface ZeromqService {
  /** Where the service's messages arrive; the platform connects to it. */
  readonly address: string;
  /** As the service's `type` says: `reply` waits for an answer, `push` does not. Default `reply`. */
  readonly type?: 'reply' | 'push';
}

export interface ZeromqWorkerOptions extends WorkerOptions {
  readonly services: Readonly<Record<string, ZeromqService>>;
  /** How often a message of type `push`, which nobody sends again, is tried; default 5. */
  readonly attempts?: number;
}

/** Largest message, in bytes. */
const LARGEST = 16 * 1_024 * 1_024;

/**
 * Does the work of services of provider `zeromq`. To a failure of a `reply` service there is no answer, so the platform sends the
 * message again; without a reply an empty frame says that it arrived. ZeroMQ keeps nothing: what a killed worker had in hand of a
 * `push` service is lost.
 */
export function zeromqWorker(options: ZeromqWorkerOptions): Worker {
  const { services, attempts = 5 } = options;
  const sockets: (Router | Pull)[] = [];
  const listening: Promise<void>[] = [];
  const ending = new AbortController();

  const replying = async (socket: Router, service: string, take: Take): Promise<void> => {
    for await (const frames of socket) {
      const end = frames.findIndex((frame, n) => n > 0 && frame.length === 0);
      const envelope = frames.slice(0, end === -1 ? 1 : end + 1);
      void received(service, frames.slice(envelope.length), 1, take).then(async (outcome) => {
        if (outcome.kind !== 'done' || socket.closed) return;
        const reply = outcome.reply === undefined ? '' : JSON.stringify(outcome.reply);
        await socket.send([...envelope, reply]).catch(() => undefined);
      });
    }
  };

  const pulling = async (socket: Pull, service: string, take: Take): Promise<void> => {
    for await (const frames of socket) void untilDone(service, frames, take);
  };

  const untilDone = async (service: string, frames: readonly Buffer[], take: Take): Promise<void> => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const outcome = await received(service, frames, attempt, take);
      if (outcome.kind !== 'retry') return;
      try {
        await pause(outcome.afterMs, ending.signal);
      } catch {
        return;
      }
    }
  };

  return createWorker(
    {
      async open(names, take) {
        for (const name of names) {
          const service = services[name];
          if (!service) throw new Error(`Service '${name}' has no address`);
          const socket = service.type === 'push' ? new Pull(LIMITS) : new Router(LIMITS);
          await socket.bind(service.address);
          sockets.push(socket);
          const loop = socket instanceof Pull ? pulling(socket, name, take) : replying(socket, name, take);
          listening.push(loop.catch(() => undefined));
        }
      },
      async pause() {
        // What is not taken in stays with its sender; the sockets live on for the replies of what is in hand.
        await Promise.allSettled(sockets.map((socket) => socket.unbind(socket.lastEndpoint ?? '')));
      },
      async close() {
        ending.abort();
        for (const socket of sockets) socket.close();
        await Promise.allSettled(listening);
      },
    },
    options,
  );
}

const LIMITS = { maxMessageSize: LARGEST, linger: 1_000 } as const;

/** The message, JSON or else text; behind it, as JSON, what travels beside it. */
function received(service: string, frames: readonly Buffer[], attempt: number, take: Take): ReturnType<Take> {
  const [body = '', second = ''] = frames.map((frame) => frame.toString('utf8'));
  const beside = jsonOf(second);
  const metadata = metadataOf(typeof beside === 'object' && beside !== null ? { ...beside } : {});
  return take(jsonOf(body), { service, ...metadata, attempt });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
