import { join } from 'node:path';
import { Dealer, Router } from 'zeromq';
import type { Asker, Way } from './way.js';

/** Request and reply as zeromq's users write it: DEALER and ROUTER, one frame of JSON each way. At most once, as with the adapter. */
const addressOf = ({ place }: Way): string => `ipc://${join(place, 'bare')}`;

interface Frame {
  readonly correlation: number;
  readonly body: unknown;
}

export async function answerBareZeromq(way: Way): Promise<void> {
  const router = new Router();
  await router.bind(addressOf(way));
  void (async () => {
    for await (const [asker = '', frame] of router) {
      const { correlation, body } = JSON.parse(String(frame)) as Frame;
      await router.send([asker, JSON.stringify({ correlation, body } satisfies Frame)]);
    }
  })();
}

export async function askBareZeromq(way: Way): Promise<Asker> {
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(addressOf(way));
  const waiting = new Map<number, (body: unknown) => void>();
  let asked = 0;
  // One after the other: the library refuses a send while another waits for room.
  let sending: Promise<void> = Promise.resolve();
  void (async () => {
    for await (const [frame] of dealer) {
      const { correlation, body } = JSON.parse(String(frame)) as Frame;
      waiting.get(correlation)?.(body);
      waiting.delete(correlation);
    }
  })();
  return {
    ask: (body) =>
      new Promise((resolve, reject) => {
        const correlation = ++asked;
        waiting.set(correlation, resolve);
        const frame = JSON.stringify({ correlation, body } satisfies Frame);
        sending = sending.then(() => dealer.send(frame)).catch(reject);
      }),
    async close() {
      dealer.close();
    },
  };
}
