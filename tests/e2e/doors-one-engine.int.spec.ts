import type { HandoverEvent } from '@handover/contracts';
import { eventually, startReceiver, type Receiver, type Recording } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSES, openDoorsOver, type DoorsOver } from './src/doors/buses.js';
import { RECORDS, furnish, onboardingData, type Furniture } from './src/doors/furniture.js';
import type { Doors } from './src/doors/world.js';

/** A process that was started through a door, and how it is brought to its end through the same. */
interface Started {
  readonly id: string;
  readonly end: string;
  readonly finish: () => Promise<unknown>;
}

describe.each(BUSES)('over %s', (bus) => {
  let over: DoorsOver;
  let doors: Doors;
  let furniture: Furniture;
  let receiver: Receiver;
  let heard: Recording<HandoverEvent>;

  beforeAll(async () => {
    over = await openDoorsOver(bus);
    ({ doors } = over);
    furniture = furnish(doors);
    receiver = await startReceiver();
    const json = { url: receiver.url, events: ['process.completed'] };
    expect((await doors.send('POST', '/webhooks', doors.admin, json)).status).toBe(201);
    heard = await over.hear('acme.process.completed.#');
    // A ZeroMQ subscription takes a moment to arrive: something is finished until it is heard.
    const nothing = await furniture.nothing();
    await eventually(async () => {
      const { id } = await furniture.run(nothing);
      await heard.first(({ subject }) => subject === id, 200);
    });
  });
  afterAll(async () => {
    await receiver.close();
    await over.close();
  });

  const DOORS: Readonly<Record<string, () => Promise<Started>>> = {
    'asset processes': async () => {
      const { id } = await furniture.instance();
      const finish = async () => {
        for (let step = 0; step < 4; step++) await furniture.advance(id, onboardingData());
      };
      return { id, end: '(completed)', finish };
    },
    'workflow records': async () => {
      const { id } = await furniture.record();
      const done = { action: 'done', status: 'completed' };
      return { id, end: '(completed)', finish: () => doors.send('PATCH', `${RECORDS}/${id}`, doors.agent, done) };
    },
    'case workflows': async () => {
      const { id } = await furniture.run(await furniture.rating());
      const bureau = await doors.key(['process:step'], { service: 'bureau' });
      return { id, end: '(rated)', finish: () => doors.send('POST', `/processes/${id}/rate`, bureau, { score: 1 }) };
    },
  };

  it.each(Object.entries(DOORS))(
    'a process started through %s is one of the engine’s, to its end',
    async (_, start) => {
      const { id, end, finish } = await start();
      const admin = (path: string) => doors.platform.call('GET', path, { token: doors.admin });
      const read = async (path: string): Promise<unknown> => (await admin(path)).json();

      expect(await read('/processes?all=true&limit=100')).toContainEqual(expect.objectContaining({ id }));
      expect(await read(`/processes/${id}`)).toMatchObject({ id, isRunning: true });
      const { scenario } = (await read(`/processes/${id}?fields=scenario`)) as { scenario: { id: string } };
      expect(await read('/scenarios')).toContainEqual(expect.objectContaining({ id: scenario.id }));
      for (const path of [`/processes/${id}/diagram`, `/scenarios/${scenario.id}/diagram`]) {
        const drawn = await admin(path);
        expect(drawn.headers.get('content-type')).toContain('image/svg+xml');
        expect(await drawn.text()).toContain('<svg');
      }

      await finish();

      expect(await read(`/processes/${id}`)).toMatchObject({ isRunning: false, current: { key: end } });
      expect(await read(`/processes/${id}/verify`)).toMatchObject({ valid: true });
      const event = await heard.first(({ subject }) => subject === id);
      expect(event).toMatchObject({ type: 'process.completed', data: { process: id, state: end, endedBy: 'action' } });
      const { body } = await receiver.requestThat((request) => request.body.includes(id));
      expect(JSON.parse(body)).toMatchObject({ type: 'process.completed', data: { process: id, state: end } });
    },
  );
});
