import { eventually } from '@handover/testkit';
import { expect } from 'vitest';
import type { Defects, Elsewhere } from './defect.js';
import { ARNOLD, errand, type Ground } from './ground.js';

const couriers = (test: string, because: string): Elsewhere => ({
  file: 'services/notifier/src/services/services.int.spec.ts',
  test,
  because,
});

/** A process whose first state tells a service, which may answer by `told`. */
async function telling(ground: Ground, name: string): Promise<string> {
  await ground.serve(name, `/${name}`);
  const actions = { told: { actor: `service:${name}`, update: 'vars.said' }, stop: { actor: 'user' } };
  const states = {
    initial: {
      notify: { service: name, trigger: 'told' },
      transitions: [
        { on: 'told', goto: 'answered' },
        { on: 'stop', goto: '(done)' },
      ],
    },
    answered: { on: 'stop', goto: '(done)' },
  };
  return ground.start({ scenario: await ground.store(errand(name, { actions, states })), actors: ARNOLD });
}

const toldTo = (ground: Ground, name: string) => ground.receiver.requestThat(({ path }) => path === `/${name}`);

/** Services, and what they are told. */
export const serviceDefects: Defects = {
  E11: {
    fact: 'no service is ever told anything',
    async shown(ground) {
      ground.receiver.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"sum":7}' });
      const process = await telling(ground, 'e11');
      await toldTo(ground, 'e11');
      await eventually(async () => {
        expect((await ground.send('GET', process)).body).toMatchObject({
          current: { key: 'answered' },
          vars: { said: { sum: 7 } },
        });
      });
      ground.receiver.answer(204);
    },
  },
  E13: {
    fact: 'what is to be told later is told at once',
    shown: {
      file: 'services/engine/src/notifications/notifications.int.spec.ts',
      test: 'waits for its time and then tells of the process as it is',
      because: 'that nothing is told before the time can be seen in the outbox only',
    },
  },
  E14: {
    fact: 'nothing is told of the initial state',
    async shown(ground) {
      await telling(ground, 'e14');
      expect(JSON.parse((await toldTo(ground, 'e14')).body)).toMatchObject({ actions: [{ key: 'told' }] });
    },
  },
  E31: {
    fact: 'a message over AMQP is encoded twice',
    shown: couriers('gets the message once encoded, with every id beside it', 'it needs a broker'),
  },
  E32: {
    fact: 'replies over AMQP get mixed up, and every message adds a consumer',
    shown: couriers('answers through a durable queue, and the answer is handed in once', 'it needs a broker'),
  },
  E33: {
    fact: 'over ZeroMQ it asks by a socket that can only answer, waits 30 ms and does not decode',
    shown: couriers('replies within its time; one that is late is asked again', 'it needs a worker’s socket'),
  },
  E34: {
    fact: 'a webhook is a GET with a body, its content type sticks, and an empty answer counts as one',
    async shown(ground) {
      // 204 is no answer: the service tells its step later, or never.
      const process = await telling(ground, 'e34');
      const { method, headers } = await toldTo(ground, 'e34');
      expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
      await eventually(async () => {
        const id = process.split('/').at(-1) ?? '';
        expect((await ground.send('GET', `/deliveries?process=${id}`)).body).toMatchObject([{ status: 'delivered' }]);
      });
      expect((await ground.send('GET', process)).body.events).toHaveLength(1);
    },
  },
  E35: {
    fact: 'the message to a service does not say which process it is about',
    async shown(ground) {
      const process = await telling(ground, 'e35');
      const { headers } = await ground.send('GET', process);
      expect(JSON.parse((await toldTo(ground, 'e35')).body)).toMatchObject({
        process: process.split('/').at(-1),
        etag: headers.get('etag')?.replaceAll('"', ''),
      });
    },
  },
  E36: {
    fact: 'services cannot be told again',
    async shown(ground) {
      const process = await telling(ground, 'e36');
      await toldTo(ground, 'e36');
      const again = async (json?: unknown) =>
        (await ground.send('POST', `${process}/notifications/retry`, { json })).body;
      expect(await again()).toMatchObject({ notified: [{ service: 'e36' }] });
      expect(await again({ services: ['e36'] })).toMatchObject({ notified: [{ service: 'e36' }] });
      await eventually(() => {
        expect(ground.receiver.requests.filter(({ path }) => path === '/e36')).toHaveLength(3);
      });
    },
  },
};
