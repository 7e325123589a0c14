import { describe, expect, it } from 'vitest';

import { acted, at, ref, started } from '../test/process-builder.js';
import { actorFor, actorsOf, messageFor, notifications, triggerFor } from './index.js';

describe('messages to services', () => {
  const process = started({
    states: {
      initial: {
        notify: [
          { service: 'mail', after: '1 hour', message: { subject: ref('title') } },
          { service: 'quiet', if: false },
        ],
        instructions: { 'service:pdf': 'Print it', actor: 'Wait' },
        transitions: [
          { on: 'print', by: 'service:pdf', goto: '(done)' },
          { on: 'cancel', by: 'actor', goto: '(cancelled)' },
        ],
      },
    },
    title: 'Letter',
  });

  it('name the process, its version, and what the service can do', () => {
    const message = messageFor(process, 'pdf');

    expect(message).toMatchObject({ process: process.id, etag: process.head.hash, instructions: 'Print it' });
    expect(message.actions.map(({ key }) => key)).toEqual(['print']);
    expect(messageFor(process, 'service:pdf')).toEqual(message);
    expect(messageFor(process, 'toString')).toEqual({ process: process.id, etag: process.head.hash, actions: [] });
  });

  it('are due some time after the state was entered, in the words of the scenario if it has some', () => {
    expect(notifications(process)).toEqual([
      { service: 'mail', dueAt: at(3600), message: { subject: 'Letter' } },
      { service: 'pdf', dueAt: at(0), message: messageFor(process, 'pdf') },
    ]);
  });
});

describe('triggerFor', () => {
  const process = started({
    states: {
      initial: {
        notify: {
          service: 'check',
          trigger: {
            '<select>': { $: ref('current.response.score'), '1': 'accept', '*': ref('current.response.other') },
          },
        },
        transitions: [
          { on: 'accept', by: 'service:check', goto: '(done)' },
          { on: 'print', by: 'service:pdf', goto: '(done)' },
        ],
      },
    },
  });

  it.each([
    ['check', { score: 1 }, 'accept'],
    ['service:check', { other: 'accept' }, 'accept'],
    ['check', null, null],
    ['pdf', 'anything', 'print'],
    ['nobody', {}, null],
  ])('given a response of %s: %j, finds the action %j', (service, response, action) => {
    expect(triggerFor(process, service, response)).toBe(action);
  });
});

describe('what a user may act as', () => {
  const process = acted(
    started({
      actors: { owner: {}, clerk: { role: ['desk', 'back'] }, nobody: {} },
      actions: {
        claim: { actor: 'nobody', update: { set: 'actors.owner.id', value: 'u1' } },
        sign: { actor: ['clerk', 'owner'] },
      },
      states: {
        initial: {
          transitions: [
            { on: 'claim', goto: null },
            { on: 'sign', goto: '(done)' },
          ],
        },
      },
    }),
    'claim',
    'nobody',
  );

  it.each([
    ['by id', { id: 'u1' }, ['owner']],
    ['by role', { id: 'u2', roles: ['back'] }, ['clerk']],
    ['by both', { id: 'u1', roles: ['desk'] }, ['owner', 'clerk']],
    ['by nothing', { id: 'u3', roles: ['other'] }, []],
  ])('is decided %s', (_, user, actors) => {
    expect(actorsOf(process, user)).toEqual(actors);
  });

  it('is for one action the first in its list', () => {
    expect(actorFor(process, 'sign', { id: 'u1', roles: ['desk'] })).toBe('clerk');
    expect(actorFor(process, 'sign', { id: 'u3' })).toBeUndefined();
    expect(actorFor(process, 'fly', { id: 'u1' })).toBeUndefined();
  });
});
