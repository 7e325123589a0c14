import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { once } from 'node:events';
import { startReceiver, type Answer, type Receiver } from '@handover/testkit';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { standardSignature } from '../signing/sign-message.js';
import { newSecret } from '../webhooks/secret.js';
import { createSender, type Outgoing, type Sender } from './sender.js';

const secret = newSecret();
const body = JSON.stringify({ type: 'process.completed', data: { title: 'Quöte' } });
const never = (): AbortSignal => new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function sender(options: { allowLoopback?: boolean; timeoutMs?: number; lookup?: LookupFunction } = {}): Sender {
  const { allowLoopback = true, timeoutMs = 5_000, lookup } = options;
  const created = createSender({ policy: { allowLoopback }, timeoutMs, ...(lookup && { lookup }) });
  closers.push(() => created.close());
  return created;
}

async function receiver(...script: Answer[]): Promise<Receiver> {
  const started = await startReceiver({ script });
  closers.push(() => started.close());
  return started;
}

const message = (url: string): Outgoing => ({
  url,
  body,
  sign: async (at) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': standardSignature([secret], 'msg_1', at, body),
  }),
});

/** A server that answers in ways no decent one does. */
async function misbehaving(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A resolver that gives these answers, one after the other; the last one repeats. */
function resolver(...answers: string[][]): LookupFunction {
  let calls = 0;
  return (_hostname, _options, callback) => {
    const addresses = answers[Math.min(calls++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

describe('an attempt', () => {
  it('is a signed POST that the public library verifies', async () => {
    const target = await receiver({ status: 202, body: 'thanks' });
    const result = await sender().send(message(`${target.url}/hook?a=1`), never());
    const request = await target.request(1);
    expect(request).toMatchObject({ method: 'POST', path: '/hook?a=1', body });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Handover-Webhooks/1',
      'webhook-id': 'msg_1',
    });
    expect(new Webhook(secret).verify(request.body, request.headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(newSecret()).verify(request.body, request.headers)).toThrow();
    expect(result).toMatchObject({ status: 202, error: null, answer: 'thanks' });
  });

  it('follows no redirect', async () => {
    const inner = await receiver();
    const target = await receiver({ status: 307, headers: { location: inner.url } });
    const result = await sender().send(message(target.url), never());
    expect(result).toMatchObject({ status: 307, error: 'answered 307; redirects are not followed' });
    expect(inner.requests).toHaveLength(0);
  });

  it('says how long the receiver asks to wait', async () => {
    const target = await receiver({ status: 429, headers: { 'retry-after': '7' } });
    const result = await sender().send(message(target.url), never());
    expect(result).toMatchObject({ status: 429, retryAfterMs: 7_000 });
  });

  it('ends when the receiver hangs, breaks off, or cannot be reached', async () => {
    const target = await receiver('hang', 'reset');
    const send = (timeoutMs: number) => sender({ timeoutMs }).send(message(target.url), never());
    expect(await send(150)).toMatchObject({ status: null, error: 'no answer within 150 ms' });
    expect(await send(5_000)).toMatchObject({ status: null, error: 'other side closed' });
    await target.close();
    expect(await send(5_000)).toMatchObject({ status: null, error: expect.stringContaining('ECONNREFUSED') });
  });

  it('ends at once when aborted', async () => {
    const target = await receiver('hang');
    const aborter = new AbortController();
    const sent = sender({ timeoutMs: 60_000 }).send(message(target.url), aborter.signal);
    await target.request(1);
    aborter.abort();
    expect(await sent).toMatchObject({ status: null });
  });
});

describe('an answer', () => {
  it('is read up to 2 KiB, however much comes', async () => {
    let written = 0;
    const url = await misbehaving((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && written < 2 ** 30) {
          written += 65_536;
          if (!response.write('x'.repeat(65_536))) return void response.once('drain', pour);
        }
      };
      pour();
    });
    const result = await sender().send(message(url), never());
    expect(result).toMatchObject({ status: 200, error: null, answer: 'x'.repeat(2_048) });
    expect(written).toBeLessThan(2 ** 25);
  });

  it('that drips byte by byte takes no longer than the time limit, and its status counts', async () => {
    const url = await misbehaving((_request, response) => {
      const timer = setInterval(() => response.write('.'), 10);
      response.once('close', () => clearInterval(timer));
    });
    const result = await sender({ timeoutMs: 1_000 }).send(message(url), never());
    expect(result).toMatchObject({ status: 200, error: null, answer: expect.stringMatching(/^\.+$/) });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it('that breaks off in the body still counts by its status', async () => {
    const url = await misbehaving((_request, response) => {
      response.writeHead(500, { 'content-length': '100' });
      response.write('oops', () => response.destroy());
    });
    const result = await sender().send(message(url), never());
    expect(result).toMatchObject({ status: 500, error: 'answered 500' });
  });

  it('may hold any bytes; what is kept is text a database takes', async () => {
    const url = await misbehaving((_request, response) => response.end(Buffer.from([0x61, 0x00, 0xff, 0x62])));
    const result = await sender().send(message(url), never());
    expect(result.answer).toBe('a\uFFFD\uFFFDb');
  });
});

describe('the address of a receiver', () => {
  const refused = { status: null, error: 'the host has no public address' };

  it('is refused before connecting when it is private, as a number or by name', async () => {
    const target = await receiver();
    const port = new URL(target.url).port;
    const send = (host: string, lookup?: LookupFunction) =>
      sender({ allowLoopback: false, ...(lookup && { lookup }) }).send(message(`http://${host}:${port}/`), never());
    expect(await send('127.0.0.1')).toMatchObject(refused);
    expect(await send('[::ffff:127.0.0.1]')).toMatchObject(refused);
    expect(await send('localhost')).toMatchObject(refused);
    expect(await send('receiver.example', resolver(['127.0.0.1']))).toMatchObject(refused);
    expect(await send('receiver.example', resolver(['10.0.0.1', 'fd00::1', '64:ff9b::7f00:1']))).toMatchObject(refused);
    expect(target.requests).toHaveLength(0);
  });

  it('is refused for https too', async () => {
    const from = sender({ allowLoopback: false, lookup: resolver(['192.168.1.1']) });
    expect(await from.send(message('https://receiver.example/'), never())).toMatchObject(refused);
  });

  it('is checked at every connection: a name that turns private later is refused then', async () => {
    const target = await receiver({ status: 200, headers: { connection: 'close' } });
    const url = `http://receiver.example:${new URL(target.url).port}/`;
    const from = sender({ allowLoopback: true, lookup: resolver(['127.0.0.1'], ['169.254.169.254']) });
    expect(await from.send(message(url), never())).toMatchObject({ status: 200 });
    expect(await from.send(message(url), never())).toMatchObject(refused);
  });

  it('is one of the allowed ones when a name has both kinds', async () => {
    const target = await receiver();
    const url = `http://receiver.example:${new URL(target.url).port}/`;
    const from = sender({ allowLoopback: true, lookup: resolver(['10.0.0.1', '127.0.0.1']) });
    expect(await from.send(message(url), never())).toMatchObject({ status: 200 });
  });
});
