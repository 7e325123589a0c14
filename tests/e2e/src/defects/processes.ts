import { eventually } from '@handover/testkit';
import { expect } from 'vitest';
import type { Defects } from './defect.js';
import { ARNOLD, errand, type Ground } from './ground.js';

const started = async ({ start, store }: Ground, scenario: Record<string, unknown>): Promise<string> =>
  start({ scenario: await store(scenario), actors: ARNOLD });

/** Processes: stepped, listed, timed out. */
export const processDefects: Defects = {
  E12: {
    fact: 'timeouts never happen',
    async shown(ground) {
      const states = {
        initial: {
          transitions: [
            { on: 'go', goto: '(done)' },
            { after: 1, goto: '(late)' },
          ],
        },
      };
      const process = await started(ground, errand('E12', { states }));
      await eventually(async () => {
        expect((await ground.send('GET', process)).body).toMatchObject({ current: { key: '(late)' } });
      });
    },
  },
  E15: {
    fact: 'actions that a state describes itself are unknown to the step',
    async shown(ground) {
      const states = {
        initial: { actions: { wave: { title: 'Wave', actor: 'user' } }, on: 'wave', goto: '(waved)' },
      };
      const process = await started(ground, errand('E15', { states }));
      expect((await ground.send('POST', `${process}/wave`)).status).toBe(204);
      expect((await ground.send('GET', process)).body.current.key).toBe('(waved)');
    },
  },
  E16: {
    fact: 'the first page of a list is never shown',
    async shown(ground) {
      const process = await started(ground, errand('E16', { tags: ['E16'] }));
      const ids = async (page: number) =>
        (await ground.send('GET', `/processes?all=true&tag=E16&page=${page}`)).body.map(({ id }: { id: string }) => id);
      expect(await ids(1)).toEqual([process.split('/').at(-1)]);
      expect(await ids(2)).toEqual([]);
      expect((await ground.send('GET', '/processes?page=0')).status).toBe(400);
    },
  },
  E17: {
    fact: 'the list is a 500 as soon as there is a process',
    async shown(ground) {
      const process = await started(ground, errand('E17', { tags: ['E17'] }));
      const { status, body } = await ground.send('GET', '/processes?tag=E17');
      expect(status).toBe(200);
      expect(body).toMatchObject([{ id: process.split('/').at(-1), title: 'E17', scenario: { title: 'E17' } }]);
    },
  },
  E18: {
    fact: 'a service finds none of the processes that wait for it',
    async shown(ground) {
      const actions = { pay: { actor: 'service:e18' } };
      const states = { initial: { on: 'pay', goto: '(paid)' } };
      await started(ground, errand('E18', { actions, states }));
      const as = await ground.key({ service: 'e18', privileges: ['process:step'] });
      expect((await ground.send('GET', '/processes', { as })).body).toMatchObject([{ title: 'E18' }]);
    },
  },
  E19: {
    fact: 'the list does not say which processes run',
    async shown(ground) {
      const process = await started(ground, errand('E19', { tags: ['E19'] }));
      const running = async () => (await ground.send('GET', '/processes?tag=E19')).body[0].isRunning as unknown;
      expect(await running()).toBe(true);
      await ground.send('POST', `${process}/stop`);
      expect(await running()).toBe(false);
    },
  },
  E29: {
    fact: 'ids that are none are a 500',
    async shown({ send }) {
      for (const id of ['1', 'not-a-uuid', '%00', '__proto__', 'zz']) {
        expect((await send('GET', `/processes/${id}`)).status, id).toBe(404);
        expect((await send('POST', `/processes/${id}/go`)).status, id).toBe(404);
        expect((await send('DELETE', `/apikey/${id}`)).status, id).toBe(404);
      }
    },
  },
  E30: {
    fact: 'of steps at the same time some are lost, and none can be made on condition',
    async shown(ground) {
      const process = await started(ground, errand('E30'));
      const { headers } = await ground.send('GET', process);
      const steps = Array.from({ length: 10 }, (_, n) => ground.send('POST', `${process}/go`, { json: n }));
      expect((await Promise.all(steps)).map(({ status }) => status)).toEqual(Array(10).fill(204));
      const { body } = await ground.send('GET', process);
      const said = body.events.slice(1).map(({ response }: { response: number }) => response);
      expect(said.sort((one: number, other: number) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const late = { 'if-match': headers.get('etag') ?? '' };
      expect((await ground.send('POST', `${process}/go`, { headers: late })).status).toBe(412);
    },
  },
  E37: {
    fact: 'some failures are text, some JSON, in several forms',
    async shown(ground) {
      const process = await started(ground, errand('E37'));
      const eve = await ground.user('eve');
      const failures = [
        await ground.send('GET', '/processes/1'),
        await ground.send('GET', '/scenarios/1'),
        await ground.send('GET', process, { as: eve }),
        await ground.send('GET', '/scenarios', { as: eve }),
        await ground.send('GET', '/scenarios', { as: 'a.b.c' }),
        await ground.send('POST', '/scenarios', { json: {} }),
        await ground.send('POST', '/processes', { json: {} }),
        await ground.send('POST', `${process}/fly`),
        await ground.send('GET', '/nowhere'),
        await ground.send('PUT', '/scenarios'),
      ];
      expect(failures.map(({ status }) => status)).toEqual([404, 404, 403, 403, 401, 400, 400, 400, 404, 405]);
      for (const { status, headers, body } of failures) {
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(body).toMatchObject({ status, code: expect.any(String), error: { message: expect.any(String) } });
      }
    },
  },
  E38: {
    fact: 'a start that is refused leaves a process behind',
    async shown(ground) {
      const actions = { go: { actor: 'user', response: 'number' }, stop: { actor: 'user' } };
      const scenario = await ground.store(errand('E38', { actions, tags: ['E38'] }));
      const json = { scenario, actors: ARNOLD, action: { key: 'go', response: 'no number' } };
      expect((await ground.send('POST', '/processes', { json })).status).toBe(400);
      expect((await ground.send('GET', '/processes?all=true&tag=E38')).body).toEqual([]);
    },
  },
  E39: {
    fact: '`predict=false` foretells, `prediction` does not',
    async shown(ground) {
      const process = await started(ground, errand('E39'));
      const foretells = async (query: string) => 'next' in (await ground.send('GET', `${process}?${query}`)).body;
      expect(await foretells('predict=false')).toBe(false);
      expect(await foretells('predict=0')).toBe(false);
      expect(await foretells('predict=true')).toBe(true);
      expect(await foretells('prediction=true')).toBe(true);
    },
  },
};
