import { SERVICES, startReceiver, type Installation } from '@handover/testkit';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, type Client } from './src/client.js';
import { startLoad } from './src/load.js';
import { startOwnInstallation, type OwnInstallation } from './src/own-installation.js';
import { inFull, tell } from './src/size.js';
import { versionBefore, type VersionBefore } from './src/version-before.js';

/** Acknowledgements between two changes. */
const BETWEEN = inFull(400, 40);
/** Codes whose answers say `Retry-After`. */
const TOLD_TO_COME_AGAIN = new Set(['unavailable', 'idempotency_in_flight']);
const PATIENCE_MS = 30_000;

let before: VersionBefore | string;
let platform: OwnInstallation;
let next: Installation | undefined;
let client: Client;

beforeAll(async () => {
  before = await versionBefore();
  if (typeof before === 'string') return;
  platform = await startOwnInstallation({ builtIn: before.folder });
  client = createClient(platform);
}, 300_000);
afterAll(async () => {
  if (typeof before === 'string') return;
  expect((await next?.stop()) ?? []).toEqual([]);
  expect(await platform.stop()).toEqual([]);
}, 60_000);

/** The new ones are ready beside the old ones before those are told to stop, one after the other. */
async function replace(from: Installation, to: Installation, eachTime: () => Promise<unknown>): Promise<void> {
  const added = await Promise.all(SERVICES.map((name) => to.add(name).ready()));
  platform.url = added.find(({ http }) => http !== undefined)?.http ?? '';
  await eachTime();
  for (const name of SERVICES) {
    for (const process of from.of(name)) expect(await from.remove(process)).toBeUndefined();
    await eachTime();
  }
}

const storeVersion = (version: string): Promise<string> =>
  client.store(`
name: of-many-versions
version: '${version}'
title: Of many versions
actors: { player: ~ }
actions: { go: { actor: player } }
states: { initial: { on: go, goto: (gone) } }
`);
const startWaiting = async (): Promise<string> => {
  const scenario = await client.store(`
title: Waiting
states: { initial: { after: 5 seconds, goto: (late) } }
`);
  return ((await client.insist('/processes', { scenario })).body as { id: string }).id;
};

it(
  'the version before works on the new schema, beside the new version and after it',
  { timeout: 900_000 },
  async ({ skip }) => {
    if (typeof before === 'string') {
      process.stdout.write(`upgrade: skipped, the version before cannot be built: ${before}\n`);
      return skip();
    }
    const { folder, lastMigration } = before;
    const migrations = await readdir(join(folder, 'services/engine/src/migrations'));
    expect(
      migrations
        .filter((name) => /^\d{4}-[^.]+\.ts$/.test(name))
        .sort()
        .at(-1),
    ).toBe(`${lastMigration}.ts`);
    const receiver = await startReceiver();
    const load = await startLoad(platform, receiver);
    const more = () => load.next(BETWEEN);
    await client.insist('/webhooks', { url: `${receiver.url}/timers`, events: ['process.completed'] });
    await more();

    next = await platform.setUpOther();
    await more();
    // The engine before, on the schema that is ahead of it.
    const timers = [await startWaiting()];
    const stored = [await storeVersion('1.10')];

    await replace(platform.services, next, more);
    timers.push(await startWaiting());
    stored.push(await storeVersion('1.9'));
    expect(await client.read('/scenarios/of-many-versions')).toMatchObject({ version: '1.10' });

    await replace(next, platform.services, more);
    timers.push(await startWaiting());
    stored.push(await storeVersion('1.8'));
    for (const scenario of stored) {
      const actors = { player: { id: 'ann' } };
      const { status } = await client.send('POST', '/processes', { body: { scenario, actors, action: 'go' } });
      expect(status).toBe(201);
    }
    for (const timer of timers) {
      await receiver.requestThat(({ path, body }) => path === '/timers' && body.includes(timer), PATIENCE_MS);
      expect(await client.read(`/processes/${timer}/verify`)).toMatchObject({ valid: true, events: 2 });
    }

    const { refused, ...figures } = await load.end();
    tell('upgraded, and back', { ...figures, refused });
    await receiver.close();
    expect(figures).toMatchObject({ lost: 0, duplicated: 0, unannounced: 0, unanswered: 0 });
    const failed = Object.keys(JSON.parse(refused) as object).filter((code) => !TOLD_TO_COME_AGAIN.has(code));
    expect(failed).toEqual([]);
  },
);
