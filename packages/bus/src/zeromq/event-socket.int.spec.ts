import { Recording, eventually } from '@handover/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Context, Subscriber } from 'zeromq';
import { EventSocket } from './event-socket.js';

let directory: string;
let events: EventSocket;
const subscribers = new Set<Subscriber>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'events-'));
  events = new EventSocket(new Context(), `ipc://${join(directory, 'events')}`, {});
  await events.open();
});

afterEach(async () => {
  for (const subscriber of subscribers) subscriber.close();
  subscribers.clear();
  await events.close();
  await rm(directory, { recursive: true });
});

/** @returns what a subscriber hears of the topics that begin so, once it hears anything */
async function listener(topics: string): Promise<{ heard: Recording<string>; leave: () => void }> {
  const heard = new Recording<string>(`events under ${topics}`);
  const subscriber = new Subscriber({ linger: 0 });
  subscribers.add(subscriber);
  subscriber.connect(events.address);
  subscriber.subscribe(topics);
  void (async () => {
    for await (const [topic, body] of subscriber) heard.record(`${String(topic)} ${String(body)}`);
  })();
  await eventually(() => {
    events.say(`${topics}.hello`, { body: Buffer.from('') });
    expect(heard.items).not.toHaveLength(0);
  });
  return { heard, leave: () => subscriber.close() };
}

const say = (text: string) => events.say(text, { body: Buffer.from('{}') });

test('whoever subscribes is told, also after everybody had gone', async () => {
  // given one that listened and left
  const first = await listener('acme');
  first.leave();

  // when another comes, of two that ask for the same and of which one leaves
  const [second, third] = [await listener('acme'), await listener('acme')];
  third.leave();
  say('acme.process.completed');
  say('rival.process.completed');
  say('acme.process.started');

  // then it hears all that it asked for and nothing else
  await eventually(() => expect(second.heard.items.at(-1)).toBe('acme.process.started {}'));
  const said = second.heard.items.filter((item) => !item.startsWith('acme.hello'));
  expect(said).toEqual(['acme.process.completed {}', 'acme.process.started {}']);
});

test('what nobody asks for is not kept for later', async () => {
  say('acme.process.completed');
  const { heard } = await listener('acme');
  expect(heard.items.filter((item) => !item.startsWith('acme.hello'))).toEqual([]);
});
