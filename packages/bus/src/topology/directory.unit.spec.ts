import { describe, expect, test } from 'vitest';
import type { Topology } from '../port.js';
import { Directory } from './directory.js';

const topology: Topology = {
  services: ['engine', 'auth'],
  queues: [{ name: 'engine.commands', service: 'engine' }],
  subscriptions: [
    { name: 'notifier.webhooks', service: 'notifier', topics: ['*.process.completed', '*.process.#'] },
    { name: 'engine.audit', service: 'engine', topics: ['#'] },
  ],
};

describe('directory', () => {
  const directory = new Directory(topology, 'engine');

  test('names each matching subscription once', () => {
    const names = (topic: string) => directory.subscribersOf(topic).map(({ name }) => name);
    expect(names('acme.process.completed')).toEqual(['notifier.webhooks', 'engine.audit']);
    expect(names('acme.scenario.stored')).toEqual(['engine.audit']);
  });

  test('knows what a process consumes', () => {
    expect(directory.owned.map(({ name }) => name)).toEqual(['engine.commands', 'engine.audit']);
  });

  test.each([
    ['an unknown queue', () => directory.queue('nothing'), 'nothing'],
    ['an unknown service', () => directory.assertAnswers('notifier'), 'notifier'],
    ['answering for another service', () => directory.assertMayRespond('auth'), 'auth'],
    ['consuming another’s', () => directory.assertMayConsume('subscriptions', 'notifier.webhooks'), 'notifier'],
    [
      'a queue taken for a subscription',
      () => directory.assertMayConsume('subscriptions', 'engine.commands'),
      'engine',
    ],
  ])('refuses %s, naming it', (_, ask, name) => {
    expect(ask).toThrow(
      expect.objectContaining({ code: 'unroutable', message: expect.stringContaining(name) as string }),
    );
  });

  test('refuses a topology that names two things alike', () => {
    const twice = { ...topology, queues: [{ name: 'engine.audit', service: 'engine' }] };
    expect(() => new Directory(twice, 'engine')).toThrow('"engine.audit" is named twice');
  });
});
