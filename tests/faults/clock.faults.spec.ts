import { createTestDatabase, eventually, startInstallation, startRabbitMq } from '@handover/testkit';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from './src/client.js';
import { fakedClock } from './src/faked-clock.js';
import { removeNames } from './src/platform.js';
import { tell } from './src/size.js';

const HOUR_S = 3_600;
const STEPS = 10;

const WAITING = `
title: Waiting
actors: { player: ~ }
actions: { add: { actor: player } }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { after: 10 minutes, goto: (late) }
`;

interface Document {
  readonly isRunning: boolean;
  readonly events: readonly { readonly action?: string; readonly skipped?: boolean }[];
}

/** The clock of the engine alone jumps: others then find its times wrong, and it theirs. */
it('the clock of an engine jumps by an hour, and back', { timeout: 180_000 }, async ({ skip }) => {
  const clock = await fakedClock();
  if (!clock) {
    process.stdout.write('clock: skipped, libfaketime is not installed and installing it takes root on Debian\n');
    return skip();
  }
  onTestFinished(() => clock.remove());
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const server = await startRabbitMq();
  const broker = { url: server.url, prefix: `faults-${randomUUID()}` };
  onTestFinished(async () => {
    await removeNames(broker);
    await server.stop();
  });
  const platform = await startInstallation({
    adminUrl: database.adminUrl,
    rolePrefix: database.prefix,
    broker,
    envOf: { engine: clock.env, gateway: { REQUEST_TIMEOUT_MS: '3000' } },
  });
  onTestFinished(async () => expect(await platform.stop()).toEqual([]));
  const token = await new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('6h')
    .sign(platform.jwtSecret);
  const client = createClient({ url: await platform.url(), token });
  const scenario = await client.store(WAITING);
  const { id } = (await client.insist('/processes', { scenario, actors: { player: { id: 'ann' } } })).body as {
    id: string;
  };

  const step = async () => (await client.send('POST', `/processes/${id}/add`)).status;
  let acknowledged = 0;
  const figures: Record<string, number> = {};
  for (const [name, offset] of [
    ['right', 0],
    ['an hour fast', HOUR_S],
    ['an hour slow', -HOUR_S],
    ['right again', 0],
  ] as const) {
    await clock.set(offset);
    // Whatever the answers are, what they say is true: that is counted below.
    const answers = await Promise.all(Array.from({ length: STEPS }, step));
    const accepted = answers.filter((status) => status === 204).length;
    acknowledged += accepted;
    figures[`accepted while ${name}`] = accepted;
  }

  await eventually(async () => expect(await step()).toBe(204), { withinMs: 30_000, everyMs: 200 });
  acknowledged += 1;
  const process_ = await client.read<Document>(`/processes/${id}`);
  const done = process_.events.filter(({ action, skipped }) => action === 'add' && skipped !== true).length;
  const chain = await client.read<{ valid: boolean }>(`/processes/${id}/verify`);
  const refused = JSON.stringify(Object.fromEntries(client.refused));
  tell('clock moved', { ...figures, acknowledged, lost: acknowledged - done, duplicated: 0, refused });
  expect(done).toBe(acknowledged);
  expect(chain.valid).toBe(true);
  // Timers are due by the clock of the database, which was right all the time.
  expect(process_.isRunning).toBe(true);
  expect(figures['accepted while right']).toBeGreaterThan(0);
});
