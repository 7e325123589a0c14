import { ROOT, createTestDatabase, startInstallation } from '@handover/testkit';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ownBroker } from './broker.js';

const EXAMPLES = resolve(import.meta.dirname, '../../../deploy/examples/scenarios');

/**
 * The installation that the tests are played against, unless `HANDOVER_URL` names another: the program `setup` and the four services as they were
 * built, as bare processes with a real Postgres and RabbitMQ.
 */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  const stop = process.env.HANDOVER_URL === undefined ? await start() : undefined;
  await storeExamples(process.env.HANDOVER_URL ?? '');
  return stop;
}

async function start(): Promise<() => Promise<void>> {
  const database = await createTestDatabase();
  const broker = await ownBroker();
  const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
  const platform = await startInstallation({
    adminUrl: database.adminUrl,
    rolePrefix: database.prefix,
    broker: { url, prefix },
    builtIn: ROOT,
    env: { NODE_ENV: 'development' },
    envOf: { auth: { DEMO_ACCOUNTS: 'true' }, notifier: { WEBHOOK_SCHEDULE: '0s,1s,1s,1s' } },
  });
  process.env.HANDOVER_URL = await platform.url();
  process.env.HANDOVER_JWT_SECRET = platform.secrets.jwt;
  const pids = platform.processes.map(({ service, child }) => `${service} ${child.pid}`);
  process.stdout.write(`installation: ${process.env.HANDOVER_URL}, node services/*/dist/main.js: ${pids.join(', ')}\n`);
  return async () => {
    const ends = await platform.stop();
    await broker.remove();
    await database.drop();
    if (ends.length > 0) throw new Error(ends.join('\n'));
  };
}

/** The manual's tour finds them: the launcher stores them where it starts the platform. */
async function storeExamples(url: string): Promise<void> {
  const accounts = (await (await fetch(`${url}/demo-accounts`)).json()) as {
    readonly id: string;
    readonly token: string;
  }[];
  const authorization = `Bearer ${accounts.find(({ id }) => id === 'admin')?.token ?? ''}`;
  for (const name of await readdir(EXAMPLES)) {
    const body = await readFile(join(EXAMPLES, name), 'utf8');
    const headers = { authorization, 'content-type': 'application/yaml' };
    const { status } = await fetch(`${url}/scenarios`, { method: 'POST', headers, body });
    if (status >= 300) throw new Error(`${name} could not be stored: ${status}`);
  }
}
