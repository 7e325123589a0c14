import { expect } from 'vitest';
import type { Defects } from './defect.js';
import { ARNOLD, errand } from './ground.js';

/** Scenarios, their schemas, and what the platform is started with. */
export const scenarioDefects: Defects = {
  E21: {
    fact: 'the scenario of a process is another than the stored one, and the process cannot be read later',
    async shown({ send, start, store }) {
      const id = await store(errand('E21'));
      const process = await start({ scenario: id, actors: ARNOLD });
      await send('DELETE', `/scenarios/${id}`);
      expect((await send('POST', `${process}/go`, { json: 'still' })).status).toBe(204);
      const { status, body } = await send('GET', process);
      expect(status).toBe(200);
      expect(body).toMatchObject({ scenario: { id }, vars: { said: 'still' } });
      // What the id stands for can be checked: the same scenario again has the same.
      expect(await store(errand('E21'))).toBe(id);
    },
  },
  E22: {
    fact: 'with scenarios in a database it does not start',
    async shown({ send, store }) {
      const id = await store(errand('E22'));
      expect((await send('GET', `/scenarios/${id}`)).body).toMatchObject({ title: 'E22' });
    },
  },
  E23: {
    fact: 'disabling fails, or is forgotten, and cannot be seen',
    async shown({ send, store }) {
      const id = await store(errand('E23', { tags: ['E23'] }));
      const listed = async () => (await send('GET', '/scenarios?tag=E23')).body.length as number;
      const isMarked = async () => (await send('GET', `/scenarios/${id}`)).headers.get('x-disabled');
      expect([await listed(), await isMarked()]).toEqual([1, null]);
      expect((await send('DELETE', `/scenarios/${id}`)).status).toBe(204);
      expect([await listed(), await isMarked()]).toEqual([0, 'true']);
      const refused = await send('POST', '/processes', { json: { scenario: id, actors: ARNOLD } });
      expect(refused).toMatchObject({ status: 400, body: { error: { message: 'Scenario is disabled' } } });
      await store(errand('E23', { tags: ['E23'] }));
      expect([await listed(), await isMarked()]).toEqual([1, null]);
    },
  },
  E25: {
    fact: 'a scenario in its normalised form cannot be stored, and keeps the platform from starting',
    async shown({ send, store }) {
      const states = { initial: { actions: { wave: { actor: 'user' } }, on: 'wave', goto: '(waved)' } };
      const id = await store(errand('E25', { states }));
      const { body: normalised } = await send('GET', `/scenarios/${id}`);
      expect(normalised).toMatchObject({ states: { initial: { transitions: [{ on: expect.any(String) }] } } });
      expect(await store(normalised)).toBe(id);
      expect((await send('GET', `/scenarios/${id}`)).body).toEqual(normalised);
    },
  },
  E26: {
    fact: 'schemas of the folder do not count, and one that is not there is a 500',
    async shown({ send, store }) {
      const asking = (title: string, $ref: string) =>
        errand(title, { actions: { go: { actor: 'user', response: { $ref } }, stop: { actor: 'user' } } });
      const scenario = await store(asking('E26', 'schema:amount'));
      const tell = async (response: unknown) =>
        (await send('POST', '/processes', { json: { scenario, actors: ARNOLD, action: { key: 'go', response } } }))
          .status;
      expect([await tell(5), await tell(-5)]).toEqual([201, 400]);
      const refused = await send('POST', '/scenarios', { json: asking('E26', 'schema:nowhere') });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/actions/go/response' }] } });
    },
  },
  E27: {
    fact: 'the schemas of the language are known neither to validation nor to /info',
    async shown({ send, store }) {
      const { schemas } = (await send('GET', '/info')).body as { schemas: string[] };
      for (const one of ['scenario', 'actor', 'action', 'state', 'schema', 'fn']) {
        expect(schemas).toContain(`https://schemas.letsflow.io/v1.0/${one}`);
      }
      const response = 'https://schemas.letsflow.io/v1.0/action';
      await store(errand('E27', { actions: { go: { actor: 'user', response }, stop: { actor: 'user' } } }));
    },
  },
  E28: {
    fact: 'a configured folder is looked for below the program, so an absolute one is never found',
    async shown({ send }) {
      // Configuration is variables alone; the one folder there is was given by its absolute path.
      expect((await send('GET', '/info')).body.schemas).toContain('schema:amount');
    },
  },
  E40: {
    fact: 'a process cannot be started by the name of its scenario',
    async shown({ send, store }) {
      const id = await store(errand('E40', { name: 'e40', version: '1.0' }));
      for (const scenario of ['e40', 'e40@1.0']) {
        const { status, body } = await send('POST', '/processes', { json: { scenario, actors: ARNOLD } });
        expect([status, body.scenario.id]).toEqual([201, id]);
      }
    },
  },
};
