import { withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { openIncidents, retry } from '../incidents/retry-incident.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { timeOut, type TimeoutPorts } from '../processes/time-out-process.js';
import { startScheduler, type Scheduler } from './scheduler.js';

const WAITING = `
actors: { actor: ~ }
states:
  initial:
    transitions:
      - { on: renew, goto: initial }
      - { after: 1 hour, goto: (expired) }
`;

/** The state that follows the timeout cannot be entered until the limit is a number. */
const BROKEN = `
actors: { actor: ~ }
actions: { mend: { update: { set: vars.limit, value: 5 } } }
states:
  initial:
    transitions:
      - { on: mend, goto: ~ }
      - { after: 1 hour, goto: late }
  late:
    title: !ref 'to_string(abs(vars.limit))'
    on: finish
    goto: (done)
vars: { limit: {} }
`;

const ann = user('ann', { privileges: ['*'] });
const log = createLogger('test', 'silent');
const schedulers: Scheduler[] = [];
let engine: EngineInHand;
let replica: Replica;
let waiting: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  waiting = await engine.store('acme', WAITING);
});
afterEach(() => Promise.all(schedulers.splice(0).map((scheduler) => scheduler.stop())));
afterAll(() => engine.close());

const ports = (of: Replica): TimeoutPorts => ({ db: of.db, writes: of.writes, log, announced: () => undefined });

function schedule(of: Replica): void {
  const fire = async ({ tenant, process }: { tenant: string; process: string }) => {
    await timeOut(ports(of), tenant, process);
  };
  schedulers.push(startScheduler({ db: of.db, log, pollMs: 50, fire }));
}

async function startOf(scenario: string): Promise<string> {
  const { process } = await start(replica, { scenario, actors: { actor: { id: 'ann' } } }, ann);
  return String(process.id);
}

const whole = async (id: string): Promise<ProcessDocument> =>
  (await read(replica, { id }, ann)).process as unknown as ProcessDocument;

/** Lets an hour pass for a process: what it waits for, and since when, moves into the past. */
async function anHourPasses(id: string): Promise<void> {
  await withTenant(replica.db, 'acme', async (tx) => {
    const row = await tx.selectFrom('processes').select('snapshot').where('id', '=', id).executeTakeFirstOrThrow();
    const { current } = row.snapshot;
    const earlier = new Date(Date.parse(current.timestamp) - 3_600_000).toISOString();
    const snapshot = JSON.stringify({ ...row.snapshot, current: { ...current, timestamp: earlier } });
    await tx.updateTable('processes').set({ snapshot }).where('id', '=', id).execute();
    await sql`update timers set due_at = due_at - interval '1 hour' where process = ${id}`.execute(tx);
  });
}

const timer = (id: string) =>
  withTenant(replica.db, 'acme', (tx) =>
    tx.selectFrom('timers').select('due_at').where('process', '=', id).executeTakeFirst(),
  );

describe('a timeout', () => {
  it('is an appointment an hour from the entry of the state, and a new one when it is entered again', async () => {
    const id = await startOf(waiting);
    const first = await timer(id);
    expect(first?.due_at).toBe(new Date(Date.parse((await whole(id)).current.timestamp) + 3_600_000).toISOString());
    await performStep(replica.writes, { process: id, action: 'renew', representation: false }, ann);
    expect(await timer(id)).not.toEqual(first);
  });

  it('fires when its time has come, after downtime too, once among two replicas', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => startOf(waiting)));
    for (const id of ids) await anHourPasses(id);
    schedule(replica);
    schedule(engine.replica());
    for (const id of ids) {
      await eventually(async () => expect((await whole(id)).current.key).toBe('(expired)'));
      expect((await whole(id)).events).toHaveLength(2);
      expect(await timer(id)).toBeUndefined();
    }
  });

  it('that is looked at too early is left alone', async () => {
    const id = await startOf(waiting);
    const before = await timer(id);
    expect(await timeOut(ports(replica), 'acme', id)).toBe(true);
    expect((await whole(id)).events).toHaveLength(1);
    expect(await timer(id)).toEqual(before);
  });

  it('is not held back by an action that was refused', async () => {
    const id = await startOf(waiting);
    const before = await timer(id);
    const refused = performStep(replica.writes, { process: id, action: 'dance', representation: false }, ann);
    await expect(refused).rejects.toMatchObject({ code: 'step_refused' });
    expect(await timer(id)).toEqual(before);
  });
});

describe('a timeout that cannot be evaluated', () => {
  it('opens one incident, does not loop, and goes on when the cause is mended and it is retried', async () => {
    const id = await startOf(await engine.store('acme', BROKEN));
    await anHourPasses(id);
    schedule(replica);
    const incident = await eventually(async () => {
      const { incidents } = await openIncidents(replica.db, 'acme', id);
      expect(incidents).toEqual([expect.objectContaining({ process: id, code: 'expression-failed' })]);
      return incidents[0]?.id ?? '';
    });
    expect(await timer(id)).toBeUndefined();

    expect(await retry(ports(replica), 'acme', incident)).toEqual({ closed: false });
    await performStep(replica.writes, { process: id, action: 'mend', representation: false }, ann);

    await eventually(async () => expect((await whole(id)).current.key).toBe('late'));
    expect(await openIncidents(replica.db, 'acme', id)).toEqual({ incidents: [] });
    await expect(retry(ports(replica), 'acme', incident)).rejects.toMatchObject({ code: 'incident_not_found' });
  });

  it('is not another tenant’s to see or retry', async () => {
    expect(await openIncidents(replica.db, 'rival', undefined)).toEqual({ incidents: [] });
  });
});
