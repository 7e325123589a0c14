import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { pause } from '../rest/send.js';

export interface SessionOptions {
  /** `amqp://` or `amqps://`. */
  readonly url: string;
  /** Unacknowledged messages in hand at most; default 10. */
  readonly prefetch?: number;
}

/** A channel that is made anew, with all that was declared and consumed on it, whenever the connection is lost. */
export interface Session {
  /** The channel of now. @throws Error while there is none */
  readonly channel: ConfirmChannel;
  close(): Promise<void>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Connects, and stays connected.
 *
 * @param setUp declares and consumes; called for every new channel
 * @throws what the first connection fails with; later ones are tried again until it is closed
 */
export async function openSession(
  { url, prefetch = 10 }: SessionOptions,
  setUp: (channel: ConfirmChannel) => Promise<void>,
): Promise<Session> {
  const ending = new AbortController();
  let current: { connection: ChannelModel; channel: ConfirmChannel } | undefined;

  const connectOnce = async (): Promise<void> => {
    const connection = await connect(withHeartbeat(url));
    // An error is followed by a close, which is what counts.
    connection.on('error', () => undefined);
    connection.once('close', () => {
      current = undefined;
      void keepConnecting();
    });
    try {
      const channel = await connection.createConfirmChannel();
      channel.on('error', () => undefined);
      // A channel that the broker closes takes its consumers with it: everything starts anew.
      channel.once('close', () => void connection.close().catch(() => undefined));
      await channel.prefetch(prefetch);
      await setUp(channel);
      current = { connection, channel };
    } catch (error) {
      connection.removeAllListeners('close');
      await connection.close().catch(() => undefined);
      throw error;
    }
  };

  const keepConnecting = async (): Promise<void> => {
    for (let delay = FIRST_DELAY_MS; !ending.signal.aborted; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      try {
        await pause(delay * (0.5 + Math.random() / 2), ending.signal);
        await connectOnce();
        // It was closed while it connected: nobody else knows of this connection.
        if (ending.signal.aborted) await current?.connection.close();
        return;
      } catch {
        continue;
      }
    }
  };

  await connectOnce();
  return {
    get channel() {
      if (!current) throw new Error('There is no connection to the broker');
      return current.channel;
    },
    async close() {
      ending.abort();
      const last = current;
      current = undefined;
      last?.connection.removeAllListeners('close');
      await last?.connection.close().catch(() => undefined);
    },
  };
}

/** A silent connection is found dead after two of these. */
function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', '10');
  return address.href;
}
