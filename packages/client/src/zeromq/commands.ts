import { Dealer } from 'zeromq';
import { Correspondence, type Commander, type Outgoing } from '../commands.js';
import { curveOptions, type Curve } from './socket-options.js';

export interface ZeromqCommanderOptions {
  /** Where the platform takes commands (`ZMQ_COMMANDS`). */
  readonly address: string;
  readonly token: string | (() => string | Promise<string>);
  readonly curve?: Curve;
}

/** How long a command waits for the connection before it is given up, with its own timeout. */
const SEND_TIMEOUT_MS = 30_000;

/**
 * Sends commands over ZeroMQ. A command is the platform's only once it is answered: what was under way when either side ended is to
 * be sent again, with the same id.
 */
export function connectCommander({ address, token, curve }: ZeromqCommanderOptions): Commander {
  const socket = new Dealer({ linger: 0, sendTimeout: SEND_TIMEOUT_MS, ...curveOptions(curve) });
  socket.connect(address);
  const correspondence = new Correspondence();
  let sending: Promise<void> = Promise.resolve();

  const listening = (async () => {
    for await (const [frame] of socket) {
      const answer = JSON.parse(String(frame)) as Readonly<Record<string, unknown>>;
      const { reply, 'correlation-id': id, 'content-type': _type, status, body, ...headers } = answer;
      correspondence.answered(typeof id === 'string' ? id : undefined, reply === 'problem', {
        status: Number(status),
        body,
        headers,
      });
    }
  })();

  const post = async ({ command, id, contentType, headers, body }: Outgoing): Promise<void> => {
    const bearer = typeof token === 'function' ? await token() : token;
    const names = { 'message-id': id, 'correlation-id': id, 'content-type': contentType };
    const frame = JSON.stringify({ ...headers, command, ...names, authorization: `Bearer ${bearer}`, body });
    // A socket takes one frame at a time.
    sending = sending.then(() => socket.send(frame)).catch(() => undefined);
    await sending;
  };

  return {
    send: async (command, body, options = {}) => correspondence.ask(command, body, options, post),
    async close() {
      correspondence.close();
      socket.close();
      await listening.catch(() => undefined);
    },
  };
}
