import { expect } from 'vitest';
import type { Defects } from './defect.js';
import { ARNOLD, errand, type Ground } from './ground.js';

const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** A process whose only action is the bank's. */
async function bankErrand(ground: Ground, title: string): Promise<string> {
  const actions = { pay: { actor: 'service:bank' } };
  const states = { initial: { on: 'pay', goto: '(paid)' } };
  return ground.start({ scenario: await ground.store(errand(title, { actions, states })), actors: ARNOLD });
}

/** Who is known as what, and who may do what. */
export const accessDefects: Defects = {
  E1: {
    fact: 'users who have the privilege are refused, those who lack it pass',
    async shown({ send, user }) {
      const nobody = await user('nobody');
      expect((await send('GET', '/scenarios')).status).toBe(200);
      expect((await send('GET', '/scenarios', { as: nobody })).status).toBe(403);
      // No privilege is declared for this one: whoever is known may ask.
      expect((await send('GET', '/processes')).status).toBe(200);
      expect((await send('GET', '/processes', { as: nobody })).status).toBe(200);
    },
  },
  E2: {
    fact: 'a role that the role map does not have is a 500, and its entry for everybody is never applied',
    async shown({ send, user }) {
      const as = await user('ann', ['unheard-of', 'constructor']);
      expect((await send('GET', '/scenarios', { as })).status).toBe(403);
      // `process:start` is everybody's: the start gets as far as its scenario.
      const started = await send('POST', '/processes', { as, json: { scenario: NOWHERE } });
      expect(started).toMatchObject({ status: 400, body: { code: 'unknown_scenario' } });
    },
  },
  E3: {
    fact: 'roles that are a text are a 500',
    async shown({ send, user }) {
      expect((await send('GET', '/scenarios', { as: await user('ann', 'admin') })).status).toBe(200);
    },
  },
  E4: {
    fact: 'tokens of the demo accounts do not hold the roles that are listed',
    async shown({ platform, send }) {
      const accounts = (await (await platform.call('GET', '/demo-accounts')).json()) as {
        id: string;
        roles: string[];
        token: string;
      }[];
      expect(accounts.map(({ id }) => id)).toEqual(['alice', 'bob', 'claire', 'david', 'admin']);
      for (const { id, roles, token } of accounts) {
        const [, claims = ''] = token.split('.');
        expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ id, roles });
      }
      expect((await send('GET', '/scenarios', { as: accounts[4]?.token ?? '' })).status).toBe(200);
    },
  },
  E5: {
    fact: 'the issuer of a token is never looked at',
    async shown({ send, user }) {
      const stranger = await user('arnold', ['admin'], { iss: 'https://elsewhere.example.com' });
      expect((await send('GET', '/scenarios', { as: stranger })).status).toBe(401);
    },
  },
  E6: {
    fact: 'keys may not do everything by `*`, and nothing where no privilege is declared',
    async shown({ key, send, start, store }) {
      const as = await key({ privileges: ['*'] });
      const process = await start({ scenario: await store(errand('E6')), actors: ARNOLD });
      for (const path of ['/scenarios', '/processes', process, '/apikey']) {
        expect((await send('GET', path, { as })).status, path).toBe(200);
      }
    },
  },
  E7: {
    fact: 'the key of a service acts as anybody but this service',
    async shown(ground) {
      const { key, send } = ground;
      const process = await bankErrand(ground, 'E7');
      const as = await key({ service: 'bank', privileges: ['process:step'] });
      for (const actor of ['user', 'service:mail']) {
        expect((await send('POST', `${process}/pay`, { as, headers: { 'as-actor': actor } })).status).toBe(403);
      }
      const own = { 'as-actor': 'service:bank' };
      expect((await send('POST', `${process}/pay`, { as, headers: own })).status).toBe(204);
    },
  },
  E8: {
    fact: 'a key of no service acts as `service:undefined`',
    async shown(ground) {
      const process = await bankErrand(ground, 'E8');
      const as = await ground.key({ privileges: ['process:step'] });
      expect((await ground.send('POST', `${process}/pay`, { as })).status).toBe(403);
      expect((await ground.send('GET', process)).body.events).toHaveLength(1);
    },
  },
  E9: {
    fact: 'the actor a user asks to act as is ignored',
    async shown({ send, start, store }) {
      const actors = { user: {}, other: {}, third: {} };
      const actions = { go: { actor: ['user', 'other', 'third'] } };
      const scenario = await store(errand('E9', { actors, actions, states: { initial: { on: 'go', goto: null } } }));
      const process = await start({ scenario, actors: { user: { id: 'arnold' }, other: { id: 'arnold' } } });
      const as = (actor: string) => send('POST', `${process}/go`, { headers: { 'as-actor': actor } });
      expect((await as('other')).status).toBe(204);
      expect((await as('third')).status).toBe(403);
      expect((await send('GET', process)).body.events.at(-1)).toMatchObject({ actor: { key: 'other' } });
    },
  },
  E10: {
    fact: 'every user is taken for every actor that is known by its role alone',
    async shown({ send, start, store, user }) {
      const actors = { user: {}, clerk: { role: 'clerk' } };
      const process = await start({ scenario: await store(errand('E10', { actors })), actors: ARNOLD });
      expect((await send('GET', process, { as: await user('eve', ['guest']) })).status).toBe(403);
      expect((await send('GET', process, { as: await user('carl', ['clerk']) })).status).toBe(200);
    },
  },
  E20: {
    fact: 'a key that asks for all processes gets a 500',
    async shown({ key, send }) {
      const ask = async (privileges: string[]) =>
        (await send('GET', '/processes?all=true', { as: await key({ privileges }) })).status;
      expect([await ask(['process:super']), await ask(['process:step'])]).toEqual([200, 403]);
    },
  },
  E24: {
    fact: 'a new key shows what the database calls it, and has no description unless given',
    async shown({ send }) {
      const { body } = await send('POST', '/apikey', { json: { name: 'plain' } });
      expect(body).toMatchObject({ name: 'plain', description: '', token: expect.stringMatching(/^lfl_/) });
      expect(body).not.toHaveProperty('_id');
    },
  },
};
