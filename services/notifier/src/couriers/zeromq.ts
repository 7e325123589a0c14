import type { ServiceConfig } from '@handover/contracts';
import { AddressRefused, bareHost, isAllowed, type AddressPolicy } from '@handover/runtime/egress';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Push, Request } from 'zeromq';
import {
  describe,
  excerpt,
  readReply,
  timed,
  traceparentOf,
  unlessAborted,
  type Courier,
  type Destination,
  type Found,
  type ServiceMessage,
} from './courier.js';

type Zeromq = Extract<ServiceConfig, { provider: 'zeromq' }>;
type Socket = Push | Request;

/** Most idle sockets kept for one service. */
const MOST_IDLE = 8;

/**
 * Services on ZeroMQ (engine-service §8.5, E33). A message has two frames: the message itself, and a JSON object of its ids.
 * `push` ends when a connected peer has taken it; `reply` when the answer came, in time. A socket that failed is thrown away:
 * after a lost answer, a request socket can do nothing else.
 */
export function createZeromqCourier(policy: AddressPolicy): Courier<Zeromq> {
  const idle = new Map<string, Socket[]>();
  const busy = new Set<Socket>();

  const carry = async (message: ServiceMessage, to: Destination<Zeromq>, signal: AbortSignal): Promise<Found> => {
    const key = JSON.stringify([to.trusted, to.config]);
    const socket = idle.get(key)?.pop() ?? (await open(to, policy));
    busy.add(socket);
    try {
      await unlessAborted(
        socket.send(framesOf(message)).catch(explain(`nobody took it within ${to.config.sendTimeout} ms`)),
        signal,
      );
      const found =
        socket instanceof Request
          ? await answerOf(socket, to.config, signal)
          : { status: null, answer: null, error: null };
      const kept = idle.get(key) ?? [];
      if (kept.length < MOST_IDLE) idle.set(key, [...kept, socket]);
      else socket.close();
      return found;
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      busy.delete(socket);
    }
  };

  return {
    send: (message, to, signal) => timed(() => carry(message, to, signal)),
    async close() {
      for (const socket of [...busy, ...[...idle.values()].flat()]) socket.close();
      idle.clear();
    },
  };
}

async function answerOf(socket: Request, { receiveTimeout }: Zeromq, signal: AbortSignal): Promise<Found> {
  const late = explain(`no reply within ${receiveTimeout} ms`);
  const [frame = Buffer.alloc(0)] = await unlessAborted(socket.receive().catch(late), signal);
  const text = frame.toString('utf8');
  const reply = readReply(text, isJson(text));
  return { status: null, answer: excerpt(text), error: null, ...(reply && { reply }) };
}

/** A frame has no content type: what can be read as JSON is JSON (E33). */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const explain =
  (instead: string) =>
  (error: unknown): never => {
    const isLate = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    throw isLate ? new Error(instead) : new Error(describe(error));
  };

function framesOf(message: ServiceMessage): [string, string] {
  const { id, tenant, process, facts, body } = message;
  return [body, JSON.stringify({ id, tenant, process, etag: facts.etag, traceparent: traceparentOf(message) })];
}

async function open({ config, trusted }: Destination<Zeromq>, policy: AddressPolicy): Promise<Socket> {
  const { type, sendTimeout, receiveTimeout, linger = 1_000, sendHighWaterMark } = config;
  const { curveServerKey, curvePublicKey, curveSecretKey, plainUsername, plainPassword } = config;
  const address = trusted ? config.address : await pinned(config.address, policy);
  const options = {
    sendTimeout,
    linger,
    // Only a peer that is there counts: what waits for one that never comes would be called delivered.
    immediate: true,
    ...(sendHighWaterMark !== undefined && { sendHighWaterMark }),
    ...(curveServerKey !== undefined && { curveServerKey }),
    ...(curvePublicKey !== undefined && { curvePublicKey }),
    ...(curveSecretKey !== undefined && { curveSecretKey }),
    ...(plainUsername !== undefined && { plainUsername }),
    ...(plainPassword !== undefined && { plainPassword }),
  };
  const socket = type === 'push' ? new Push(options) : new Request({ ...options, receiveTimeout });
  socket.connect(address);
  return socket;
}

/** ZeroMQ looks names up by itself; so it gets the very address that was checked. */
async function pinned(address: string, policy: AddressPolicy): Promise<string> {
  const { protocol, hostname, port } = new URL(address);
  if (protocol !== 'tcp:') throw new AddressRefused();
  const host = bareHost(hostname);
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
  const allowed = found.find((each) => isAllowed(each.address, policy));
  if (!allowed) throw new AddressRefused();
  return `tcp://${allowed.family === 6 ? `[${allowed.address}]` : allowed.address}:${port}`;
}
