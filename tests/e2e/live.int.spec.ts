import { eventually } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

const SCENARIO = `
actors: { player: ~ }
states:
  initial:
    transitions:
      - { on: again, goto: initial }
      - { on: finish, goto: (done) }
`;
/** Without a hint nobody looks before a test is over: what comes sooner came by the hint. */
const BY_HINTS = { WATCH_LOOK_MS: '60000', WATCHES: '4', WATCHES_TENANT: '3' };
let platform: InProcess;
/** Hints are lost here. */
let deaf: InProcess;
const streams: Stream[] = [];

interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** Everything received so far. */
  readonly text: () => string;
  readonly ended: Promise<void>;
  readonly leave: () => void;
}

async function follow(on: InProcess, token: string, path: string, headers = {}): Promise<Stream> {
  const leaving = new AbortController();
  const answer = await fetch(`${on.urls[0] ?? ''}${path}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  });
  let received = '';
  const receive = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) received += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  const stream: Stream = {
    status: answer.status,
    headers: answer.headers,
    text: () => received,
    ended: receive().catch(() => undefined),
    leave: () => leaving.abort(),
  };
  streams.push(stream);
  return stream;
}

const ids = ({ text }: Stream): string[] => [...text().matchAll(/^id: (\d+)$/gm)].map(([, id = '']) => id);

const tokenOf = (on: InProcess) => on.jwt({ id: 'ann', roles: ['admin'], tenant: 'acme' });

async function startOne(
  on: InProcess,
  by?: string,
): Promise<{ token: string; path: string; step: (action: string) => Promise<void> }> {
  const token = by ?? (await tokenOf(on));
  const body = SCENARIO;
  const stored = await on.call('POST', '/scenarios', { token, body, headers: { 'content-type': 'application/yaml' } });
  const { id: scenario } = (await stored.json()) as { id: string };
  const json = { scenario, actors: { player: { id: 'ann' } } };
  const started = await on.call('POST', '/processes', { token, json });
  const path = started.headers.get('location') ?? `none: ${await started.text()}`;
  const step = async (action: string): Promise<void> => {
    const { status } = await on.call('POST', `${path}/${action}`, { token });
    if (status !== 204) throw new Error(`${action} was answered with ${status}`);
  };
  return { token, path, step };
}

beforeAll(async () => {
  platform = await startInProcess({ gateway: BY_HINTS });
  deaf = await startInProcess({
    gateway: { WATCH_LOOK_MS: '100' },
    wire: (service, bus) =>
      service === 'engine'
        ? new Proxy(bus, {
            get: (target, name) => {
              if (name === 'broadcast') return async () => undefined;
              const member: unknown = Reflect.get(target, name);
              return typeof member === 'function' ? member.bind(target) : member;
            },
          })
        : bus,
  });
});
afterAll(async () => {
  for (const stream of streams) stream.leave();
  await platform.stop();
  await deaf.stop();
});

describe('the events of a process, as a stream', () => {
  it('come as they happen, and end with the process', async () => {
    const { token, path, step } = await startOne(platform);
    const stream = await follow(platform, token, `${path}/events`);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await eventually(() => expect(ids(stream)).toEqual(['0']));
    await step('again');
    await eventually(() => expect(ids(stream)).toEqual(['0', '1']));
    await step('finish');
    await stream.ended;
    expect(ids(stream)).toEqual(['0', '1', '2']);
    const { events } = (await (await platform.call('GET', path, { token })).json()) as { events: unknown[] };
    const sent = [...stream.text().matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as unknown);
    expect(sent).toEqual(events);
  });

  it('go on after the last one received, and say when none will come', async () => {
    const { token, path, step } = await startOne(platform);
    await step('again');
    await step('finish');
    const later = await follow(platform, token, `${path}/events?from=1`);
    await later.ended;
    expect(ids(later)).toEqual(['1', '2']);
    const resumed = await follow(platform, token, `${path}/events?from=0`, { 'last-event-id': '1' });
    await resumed.ended;
    expect(ids(resumed)).toEqual(['2']);
    expect((await follow(platform, token, `${path}/events`, { 'last-event-id': '2' })).status).toBe(204);
  });

  it('are of no process that the caller may not see', async () => {
    const { path } = await startOne(platform);
    const eve = await platform.jwt({ id: 'eve', roles: [], tenant: 'acme' });
    expect((await follow(platform, eve, `${path}/events`)).status).toBe(403);
  });

  it('end when the key is revoked', async () => {
    const { token, path, step } = await startOne(platform);
    const json = { name: 'looks', privileges: ['process:super'] };
    const issued = (await (await platform.call('POST', '/apikey', { token, json })).json()) as {
      id: string;
      token: string;
    };
    const stream = await follow(platform, issued.token, `${path}/events`);
    await eventually(() => expect(ids(stream)).toEqual(['0']));
    expect((await platform.call('DELETE', `/apikey/${issued.id}`, { token })).status).toBe(204);
    await step('again');
    await stream.ended;
    expect(ids(stream)).toEqual(['0']);
    expect(stream.text()).toContain('event: problem\ndata: {"type":"urn:handover:error:unauthenticated"');
  });

  it('are followed by so many at a time; who leaves makes room', async () => {
    const { token, path } = await startOne(platform);
    const inHand = await Promise.all([1, 2, 3].map(() => follow(platform, token, `${path}/events`)));
    expect(inHand.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await follow(platform, token, `${path}/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    inHand[0]?.leave();
    await eventually(async () => expect((await follow(platform, token, `${path}/events`)).status).toBe(200));
    for (const { leave } of streams) leave();
    // Left ones are forgotten before the next test counts.
    await eventually(async () => {
      const again = await Promise.all([1, 2, 3].map(() => follow(platform, token, `${path}/events`)));
      for (const { leave } of again) leave();
      expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
    });
  });

  it('are followed by so many of all tenants together', async () => {
    const { token, path } = await startOne(platform);
    const rival = await platform.jwt({ id: 'ann', roles: ['admin'], tenant: 'rival' });
    const other = await startOne(platform, rival);
    // Streams that were left a moment ago may still count.
    await eventually(async () => {
      for (const { leave } of streams) leave();
      const ours = await Promise.all([1, 2, 3].map(() => follow(platform, token, `${path}/events`)));
      const theirs = await follow(platform, rival, `${other.path}/events`);
      expect([...ours, theirs].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });
    const refused = await follow(platform, rival, `${other.path}/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    for (const { leave } of streams) leave();
    // The next test finds room.
    await eventually(async () => {
      const again = await follow(platform, token, `${path}/events`);
      again.leave();
      expect(again.status).toBe(200);
    });
  });

  it('come though hints are lost', async () => {
    const { token, path, step } = await startOne(deaf);
    const stream = await follow(deaf, token, `${path}/events`);
    await eventually(() => expect(ids(stream)).toEqual(['0']));
    await step('finish');
    await stream.ended;
    expect(ids(stream)).toEqual(['0', '1']);
  });
});

describe('a process that is waited for', () => {
  it.each([
    ['as soon as it changes', () => platform],
    ['though hints are lost', () => deaf],
  ])('is answered %s', async (_, on) => {
    const { token, path, step } = await startOne(on());
    const etag = (await on().call('GET', path, { token })).headers.get('etag') ?? '';
    const headers = { 'if-none-match': etag, prefer: 'wait=50' };
    const waiting = on().call('GET', path, { token, headers });
    await step('again');
    const answer = await waiting;
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'wait=50']);
    expect(answer.headers.get('etag')).not.toBe(etag);
    // What is known to be old is not waited for.
    expect((await on().call('GET', path, { token, headers })).status).toBe(200);
  });

  it('is answered with 304 when the time is over', async () => {
    const { token, path } = await startOne(platform);
    const etag = (await platform.call('GET', path, { token })).headers.get('etag') ?? '';
    const headers = { 'if-none-match': etag, prefer: 'wait=1' };
    const answer = await platform.call('GET', path, { token, headers });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([304, 'wait=1']);
  });
});

it('a platform that stops ends streams and waits', async () => {
  const stopping = await startInProcess({ gateway: { WATCH_LOOK_MS: '60000' } });
  const { token, path } = await startOne(stopping);
  const stream = await follow(stopping, token, `${path}/events`);
  await eventually(() => expect(ids(stream)).toEqual(['0']));
  await stopping.stop();
  await stream.ended;
  expect(ids(stream)).toEqual(['0']);
});
