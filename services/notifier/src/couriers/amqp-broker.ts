import { AddressRefused, bareHost, guardedLookup, isAllowed, type AddressPolicy } from '@handover/runtime/egress';
import { connect, type ChannelModel } from 'amqplib';
import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';

/** The brokers of services: one connection per URL, made when it is needed and again when it broke. */
export interface Brokers {
  /** @param trusted whether it may be anywhere; otherwise its address must be public */
  connection(url: string, trusted: boolean): Promise<ChannelModel>;
  close(): Promise<void>;
}

const HANDSHAKE_MS = 10_000;
const CLOSE_MS = 2_000;

export function createBrokers(policy: AddressPolicy): Brokers {
  const connections = new Map<string, Promise<ChannelModel>>();
  let closed = false;

  const open = async (key: string, url: string, trusted: boolean): Promise<ChannelModel> => {
    const host = bareHost(new URL(url).hostname);
    if (!trusted && isIP(host) !== 0 && !isAllowed(host, policy)) throw new AddressRefused();
    const model = await connect(withHeartbeat(url), {
      timeout: HANDSHAKE_MS,
      noDelay: true,
      clientProperties: { connection_name: 'handover-notifier' },
      ...(!trusted && { lookup: guardedLookup(systemLookup, policy) }),
    });
    model.on('error', () => undefined); // 'close' follows
    model.on('close', () => connections.delete(key));
    return model;
  };

  return {
    connection(url, trusted) {
      if (closed) return Promise.reject(new Error('stopped'));
      const key = JSON.stringify([url, trusted]);
      let known = connections.get(key);
      if (!known) {
        known = open(key, url, trusted);
        known.catch(() => connections.delete(key));
        connections.set(key, known);
      }
      return known;
    },
    async close() {
      closed = true;
      const all = [...connections.values()];
      connections.clear();
      await Promise.all(all.map((each) => each.then(closeQuickly, () => undefined)));
    },
  };
}

/** A broker that does not answer must not hold up the stop. */
function closeQuickly(model: ChannelModel): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_MS);
    model
      .close()
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}

/** Without heartbeats a peer that vanished is noticed by nobody. */
function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', '15');
  return parsed.toString();
}
