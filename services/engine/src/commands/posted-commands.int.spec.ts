import { HandoverError, type CommandStatus, type PostedCommand, type Principal } from '@handover/contracts';
import { createLogger, dispatcher } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { withEveryTenant } from '../every-tenant.js';
import { createCapabilities } from '../notifications/capability.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import type { Rounds } from '../rounds.js';
import { routes } from '../routes.js';
import { startCarrier, type CarrierPorts } from './carrier.js';
import { MOST_ATTEMPTS } from './passing-failure.js';
import { post } from './post-command.js';
import { claimCommands, forgetCommands } from './posted-command.repository.js';
import { readStatus } from './read-command-status.js';

const COUNTER = `
actors: { player: ~ }
actions:
  add: { actor: player, response: { type: integer, minimum: 0 } }
states:
  initial: { on: add, goto: ~ }
`;

const ann = user('ann');
const log = createLogger('test', 'silent');
const carriers: Rounds[] = [];
let engine: EngineInHand;
let replica: Replica;
let counter: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  counter = await engine.store('acme', COUNTER);
});
const stopCarriers = () => Promise.all(carriers.splice(0).map((carrier) => carrier.stop()));
afterEach(() => stopCarriers());
afterAll(() => engine.close());

const idle = { wake: () => undefined, stop: () => Promise.resolve() };

function dispatchAsOn({ db, scenarios, writes }: Replica): CarrierPorts['dispatchAs'] {
  const announced = () => undefined;
  const timeouts = { db, writes, log, announced };
  const capabilities = createCapabilities(db);
  const parts = {
    db,
    scenarios,
    writes,
    timeouts,
    capabilities,
    migrator: idle,
    log,
    announced,
    isReadOnly: false,
    posted: announced,
    shared: new Map(),
    warnOfServices: async () => [],
  };
  return (principal) => dispatcher(routes({ of: () => Promise.resolve(principal) }, parts));
}

/** An engine's part that carries commands out, on a replica of its own. */
function carry(ports: Partial<CarrierPorts> = {}, on: Replica = engine.replica()): void {
  const isRevoked = () => Promise.resolve(false);
  const defaults = { db: on.db, log, dispatchAs: dispatchAsOn(on), isRevoked, concurrency: 10, pollMs: 50 };
  carriers.push(startCarrier({ ...defaults, ...ports }));
}

const send = (command: PostedCommand, body: unknown, by: Principal = ann, idempotencyKey?: string) =>
  post(replica.db, { command, body }, by, idempotencyKey === undefined ? {} : { idempotencyKey });
const ended = ({ id }: CommandStatus, by: Principal = ann): Promise<CommandStatus> =>
  eventually(async () => {
    const status = await readStatus(replica.db, by, id);
    expect(status.status).not.toBe('pending');
    return status;
  });
const actors = { player: { id: 'ann' } };
const startCounter = async (): Promise<string> =>
  String((await start(replica, { scenario: counter, actors }, ann)).process.id);
const responsesOf = async (id: string): Promise<unknown[]> => {
  const { process } = await read(replica, { id }, ann);
  return (process.events as { response?: unknown }[]).slice(1).map(({ response }) => response);
};

describe('a command that was accepted', () => {
  it('is carried out by the engines that come later, once', async () => {
    const process = await startCounter();
    const sent = await send('process.step', { process, action: 'add', response: 5 });
    expect(sent).toMatchObject({ type: 'process.step', status: 'pending' });

    carry();
    carry();

    const done = await ended(sent);
    expect(done).toMatchObject({ id: sent.id, status: 'done', answer: { status: 204 } });
    expect(done.answer?.headers).toMatchObject({ etag: expect.stringMatching(/^"\w+"$/) as string });
    expect(await responsesOf(process)).toEqual([5]);
  });

  it('is carried out once when an engine died between doing it and saying so', async () => {
    const process = await startCounter();
    const sent = await send('process.step', { process, action: 'add', response: 7 });
    const claimed = await claimCommands(replica.db, 100, 100);
    const row = claimed.find(({ id }) => id === sent.id);
    expect(row).toMatchObject({ id: sent.id, attempts: 1 });
    await dispatchAsOn(replica)(ann)({
      id: sent.id,
      type: 'process.step.v1',
      headers: { idempotencyKey: sent.id },
      body: row?.body,
      attempt: 1,
      signal: new AbortController().signal,
    });

    carry();

    expect(await ended(sent)).toMatchObject({ status: 'done' });
    expect(await responsesOf(process)).toEqual([7]);
  });

  it('is carried out after those of its process that were accepted before', async () => {
    const processes = [await startCounter(), await startCounter()];
    const numbers = Array.from({ length: 15 }, (_, n) => n);
    const sent: CommandStatus[] = [];
    for (const response of numbers) {
      for (const process of processes) sent.push(await send('process.step', { process, action: 'add', response }));
    }

    carry();
    carry();

    for (const each of sent) await ended(each);
    expect(await Promise.all(processes.map(responsesOf))).toEqual([numbers, numbers]);
  });

  it('that is refused says why', async () => {
    carry();
    const process = await startCounter();
    const refused = await ended(await send('process.step', { process, action: 'add', response: -1 }));
    expect(refused).toMatchObject({
      status: 'rejected',
      problem: { code: 'step_refused', error: { reason: ['Response is invalid: data must be >= 0'] } },
    });
    const stranger = user('zoe', { privileges: [] });
    const forbidden = await ended(await send('process.start', { scenario: counter }, stranger), stranger);
    expect(forbidden).toMatchObject({ status: 'rejected', problem: { code: 'forbidden', status: 403 } });
    const malformed = await ended(await send('process.start', {}));
    expect(malformed).toMatchObject({ status: 'rejected', problem: { errors: [{ pointer: '/scenario' }] } });
  });

  it('is the same command under the same idempotency key, and no other', async () => {
    const key = randomUUID();
    const body = { scenario: counter, actors };
    const first = await send('process.start', body, ann, key);
    expect(await send('process.start', body, ann, key)).toEqual(first);
    const other = send('process.start', { scenario: counter }, ann, key);
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    await expect(send('process.start', body, user('bob'), key)).rejects.toMatchObject({ code: 'idempotency_mismatch' });

    carry();
    const done = await ended(first);
    expect(await send('process.start', body, ann, key)).toEqual(done);
  });

  it('is known to its sender, and to those who may do anything with processes', async () => {
    const { id } = await send('process.start', { scenario: counter });
    const key = { id: 'k1', kind: 'user' } as const;
    const restricted = { ...key, processes: [{ scenario: counter }] };
    const everything = { privileges: ['process:super'] } satisfies Partial<Principal>;
    await expect(readStatus(replica.db, ann, id)).resolves.toMatchObject({ id });
    await expect(readStatus(replica.db, user('root', everything), id)).resolves.toMatchObject({ id });
    const others = [
      user('bob'),
      user('ann', { kind: 'key', key }),
      user('root', { ...everything, kind: 'key', key: restricted }),
      user('ann', { ...everything, tenant: 'rival' }),
    ];
    for (const other of others) {
      await expect(readStatus(replica.db, other, id)).rejects.toMatchObject({ code: 'command_not_found' });
    }
  });

  it('is forgotten a while after its end, and not before it', async () => {
    carry();
    const done = await ended(await send('process.start', { scenario: counter, actors }));
    await stopCarriers();
    const waiting = await send('process.step', { process: 'later', action: 'add' });
    await withEveryTenant(replica.db, async (tx) => {
      await sql`update commands set created_at = now() - interval '2 days', finished_at = finished_at - interval '2 days'
        where id in (${done.id}, ${waiting.id})`.execute(tx);
    });

    expect(await forgetCommands(replica.db, 24, 100)).toBe(1);

    await expect(readStatus(replica.db, ann, done.id)).rejects.toMatchObject({ code: 'command_not_found' });
    await expect(readStatus(replica.db, ann, waiting.id)).resolves.toBeDefined();
  });
});

describe('a command of an API key', () => {
  const key = { id: 'k1', kind: 'global' } as const;
  const robot = user('key:k1', { kind: 'key', key, privileges: ['*'] });

  it('is not carried out when the key was revoked meanwhile', async () => {
    const sent = await send('process.start', { scenario: counter, actors }, robot);
    carry({ isRevoked: (tenant, id) => Promise.resolve(tenant === 'acme' && id === 'k1') });
    expect(await ended(sent, robot)).toMatchObject({ status: 'rejected', problem: { code: 'unauthenticated' } });
  });

  it('waits while that cannot be told', async () => {
    const sent = await send('process.start', { scenario: counter, actors }, robot);
    let asked = 0;
    carry({
      isRevoked: async () => {
        asked += 1;
        if (asked < 3) throw new HandoverError('unavailable', 'The auth service does not answer');
        return false;
      },
    });
    expect(await ended(sent, robot)).toMatchObject({ status: 'done', answer: { status: 201 } });
    expect(asked).toBe(3);
  });

  it('is given up when that has been waited for long enough', async () => {
    const sent = await send('process.start', { scenario: counter, actors }, robot);
    await withEveryTenant(replica.db, async (tx) => {
      await sql`update commands set attempts = ${MOST_ATTEMPTS - 1} where id = ${sent.id}`.execute(tx);
    });
    carry({ isRevoked: () => Promise.reject(new HandoverError('unavailable', 'The auth service does not answer')) });
    expect(await ended(sent, robot)).toMatchObject({ status: 'rejected', problem: { code: 'unavailable' } });
  });
});
