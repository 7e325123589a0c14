import { describe, expect, it } from 'vitest';

import { compiled } from '../test/process-builder.js';
import { etag, instantiate, lastModified, step, timeout, toDocument } from './index.js';

/** The run of process-semantics §6, hash by hash. */
const scenario = compiled({
  title: 'Trace',
  actors: { client: { properties: { name: 'string' } }, team: { role: 'team' } },
  actions: {
    ask: {
      title: 'Ask',
      actor: 'client',
      response: { properties: { q: 'string' }, required: ['q'] },
      update: [
        { set: 'vars.q', value: { '<ref>': 'current.response.q' } },
        { set: 'current.actor.name', value: 'Zoe' },
      ],
    },
  },
  states: {
    initial: { on: 'ask', goto: 'wait' },
    wait: {
      title: { '<tpl>': 'Q: {{ vars.q }}' },
      transitions: [
        { on: 'answer', by: 'team', goto: '(answered)' },
        { after: '1 hour', goto: '(expired)' },
      ],
    },
  },
  vars: { q: 'string' },
});

const second = (n: number): string => new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString();

const born = instantiate(scenario, { id: 'b2d39a1f-88bb-450e-95c5-feeffe95abe6', now: second(0) }).process;
const refused = step(born, { action: 'ask', actor: 'client', response: {}, now: second(1) });
const asked = step(refused.process, {
  action: 'ask',
  actor: { key: 'client', name: 'Zed' },
  response: { q: 'Why?' },
  now: second(2),
}).process;

describe('the run of the specification', () => {
  it('starts with the id of the scenario and the hash of the first event', () => {
    expect(scenario.id).toBe('947a7212-b3b9-5643-860f-3bf0ca24d983');
    expect(etag(born)).toBe('e19cb24508d6807f99b34ce68f43687252d8077da027a81c1b3e1099177a7138');
    expect(lastModified(born)).toBe('Mon, 01 Jan 2024 00:00:00 GMT');
  });

  it('records a refusal and changes nothing else', () => {
    expect(refused.event.errors).toEqual(["Response is invalid: data must have required property 'q'"]);
    expect(etag(refused.process)).toBe('1a30672b99cd1fb7ef55bc536cc78ab8b72606ed486aa3e9436cb9cf0e0accec');
    expect({ ...toDocument(refused.process), events: [] }).toEqual({ ...toDocument(born), events: [] });
  });

  it('takes a step', () => {
    expect(etag(asked)).toBe('fb0b7cb0b401cae8301557064931549a80f62e8670d802651c6c9d5aee40429c');
    expect(asked.current).toMatchObject({ key: 'wait', title: 'Q: Why?' });
    expect(asked.actors.client).toEqual({ title: 'client', name: 'Zoe' });
    expect(toDocument(asked).previous[0]).toMatchObject({ title: 'Ask', actor: { key: 'client', name: 'Zed' } });
  });

  it('records the user but not the roles, and null as null', () => {
    const actor = { key: 'team', id: 'u1', roles: ['team'] };
    const answered = step(asked, { action: 'answer', actor, response: null, now: second(3) });

    expect(answered.event).toMatchObject({ actor: { key: 'team', id: 'u1' }, response: null });
    expect(answered.event.actor).not.toHaveProperty('roles');
    expect(etag(answered.process)).toBe('a929e282ce1e9187561654984338d40c5537afcf0065182b0bbc54c652a10c1d');
    expect(answered.process).toMatchObject({ isRunning: false, tags: ['(answered)'] });
  });

  it('times out instead', () => {
    const expired = timeout(asked, { now: second(4), timePassed: 3600 })?.process ?? born;

    expect(etag(expired)).toBe('447fadea49543eac32be38bc2b37b4309482d5f6299d4089dc3c22b2a2ce0328');
    expect(expired).toMatchObject({ isRunning: false, current: { key: '(expired)' } });
    expect(toDocument(expired).previous).toHaveLength(1);
  });
});
