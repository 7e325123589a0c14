import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { startRabbitMq } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amqpWorld } from '../../test/amqp-world.js';
import { message, silent } from '../../test/world.js';
import { type AmqpConfig, createBus } from '../index.js';

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);

let certificate: string;
let server: Server;
let world: Awaited<ReturnType<typeof amqpWorld>>;

function config(): AmqpConfig {
  const plain = { ...world.config('worker'), logger: silent } as AmqpConfig;
  const url = new URL(plain.url.replace(/^amqp:/, 'amqps:'));
  url.host = `localhost:${(server.address() as AddressInfo).port}`;
  return { ...plain, url: url.href };
}

describe.skipIf(!hasOpenssl)('TLS (needs the command openssl)', () => {
  /** A broker behind TLS, as a load balancer or RabbitMQ itself would offer it. */
  beforeEach(async () => {
    const broker = new URL((await startRabbitMq()).url);
    world = await amqpWorld(broker.href);
    const directory = await mkdtemp(join(tmpdir(), 'tls-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    await run('openssl', [...request, '-keyout', key, '-out', cert, ...subject]);
    certificate = await readFile(cert, 'utf8');
    server = createServer({ key: await readFile(key), cert: certificate }, (near) => {
      const far = connect(Number(broker.port || 5672), broker.hostname);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => socket.destroy());
    }).listen(0);
    await once(server, 'listening');
    await rm(directory, { recursive: true });
  });
  afterEach(async () => {
    server.close();
    await world.dispose();
  });

  test('speaks to a broker whose certificate it trusts', async () => {
    const bus = createBus({ ...config(), tls: { ca: certificate } });
    await bus.start();
    await bus.respond('worker', async ({ body }) => ({ status: 'ok', body }));
    await expect(bus.request('worker', message('private'), { timeoutMs: 5_000 })).resolves.toMatchObject({
      body: 'private',
    });
    await bus.stop();
  });

  test('does not speak to one it does not trust', async () => {
    const bus = createBus({ ...config(), connectMs: 500 });
    await expect(bus.start()).rejects.toThrow('self-signed');
    await bus.stop();
  });
});
