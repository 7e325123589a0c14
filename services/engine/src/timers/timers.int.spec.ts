import { listProcesses } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { openIncidents, retry } from '../incidents/retry-incident.js';
import { retryMany } from '../incidents/retry-incidents.js';
import { list } from '../lists/list-processes.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { MOST_RESTLESS, timeOut, type TimeoutPorts } from '../processes/time-out-process.js';
import { startScheduler, type Scheduler } from './scheduler.js';
import { claimDueTimers, type DueTimer } from './timer.repository.js';

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
  const fire = async ({ tenant, process, restless }: DueTimer) => {
    await timeOut(ports(of), tenant, process, { restless, isPatient: true });
  };
  schedulers.push(
    startScheduler({ claim: (limit, leaseMs) => claimDueTimers(of.db, limit, leaseMs), log, pollMs: 50, fire }),
  );
}

async function startOf(scenario: string): Promise<string> {
  const { process } = await start(replica, { scenario, actors: { actor: { id: 'ann' } } }, ann);
  return String(process.id);
}

const whole = async (id: string): Promise<ProcessDocument> =>
  (await read(replica, { id }, ann)).process as unknown as ProcessDocument;

/** Lets an hour pass for processes: what they wait for, and since when, moves into the past. */
async function anHourPasses(...ids: string[]): Promise<void> {
  for (const id of ids) await movedBack(id);
  // The rows were changed behind the engine's back: what it remembers is of another time.
  replica = engine.replica();
}

async function movedBack(id: string): Promise<void> {
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
    await anHourPasses(...ids);
    schedule(replica);
    schedule(engine.replica());
    for (const id of ids) {
      await eventually(async () => expect((await whole(id)).current.key).toBe('(expired)'));
      expect((await whole(id)).events).toHaveLength(2);
      expect(await timer(id)).toBeUndefined();
    }
  });

  it('lets commands overtake it, however many are due, and is not held up by commands that never end', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => startOf(waiting)));
    const other = await startOf(waiting);
    await anHourPasses(...ids);
    let left = ids.length;
    const fired = Promise.all(
      ids.map(async (id) => {
        await timeOut(ports(replica), 'acme', id, { isPatient: true });
        left -= 1;
      }),
    );
    const renew = () => performStep(replica.writes, { process: other, action: 'renew', representation: false }, ann);
    await renew();
    expect(left).toBeGreaterThan(ids.length / 2);
    while (left > 0) await renew();
    await fired;
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

describe('a timeout at a time', () => {
  const PLANNED = `
actors: { actor: ~ }
vars: { until: {} }
actions: { plan: { update: vars.until } }
states:
  initial:
    transitions:
      - { on: plan, goto: ~ }
      - { at: !ref vars.until, goto: (due) }
`;
  const plan = (id: string, response: unknown) =>
    performStep(replica.writes, { process: id, action: 'plan', response, representation: false }, ann);

  it('is an appointment at that time, which moves and goes with its variable', async () => {
    const id = await startOf(await engine.store('acme', PLANNED));
    expect(await timer(id)).toBeUndefined();
    await plan(id, '2099-01-01T01:00:00+01:00');
    expect(await timer(id)).toEqual({ due_at: '2099-01-01T00:00:00.000Z' });
    await plan(id, '2098-01-01T00:00:00Z');
    expect(await timer(id)).toEqual({ due_at: '2098-01-01T00:00:00.000Z' });
    await plan(id, null);
    expect(await timer(id)).toBeUndefined();
  });

  it('fires at once when it has passed, but is no older than the step that set it', async () => {
    const id = await startOf(await engine.store('acme', PLANNED));
    await plan(id, '1999-12-31T23:59:59Z');
    expect(await timer(id)).toEqual({ due_at: (await whole(id)).events.at(-1)?.timestamp });
    schedule(replica);
    await eventually(async () => expect((await whole(id)).current.key).toBe('(due)'));
    expect((await whole(id)).events).toHaveLength(3);
    expect(await timer(id)).toBeUndefined();
  });

  it('that is none is the caller’s to know, and changes nothing', async () => {
    const id = await startOf(await engine.store('acme', PLANNED));
    await expect(plan(id, 'tomorrow')).rejects.toMatchObject({
      code: 'evaluation_failed',
      message: `Timeout of state 'initial' is not at a time with its zone: "tomorrow"`,
    });
    expect((await whole(id)).events).toHaveLength(1);
  });
});

describe('a timeout that cannot be evaluated', () => {
  it('opens one incident, does not loop, and goes on when the cause is mended and it is retried', async () => {
    const id = await startOf(await engine.store('acme', BROKEN));
    await anHourPasses(id);
    schedule(replica);
    const incident = await eventually(async () => {
      const { incidents } = await openIncidents(replica.db, 'acme', { process: id });
      expect(incidents).toEqual([expect.objectContaining({ process: id, code: 'expression-failed' })]);
      return incidents[0]?.id ?? '';
    });
    expect(await timer(id)).toBeUndefined();

    expect(await retry(ports(replica), 'acme', incident)).toEqual({ closed: false });
    await performStep(replica.writes, { process: id, action: 'mend', representation: false }, ann);

    await eventually(async () => expect((await whole(id)).current.key).toBe('late'));
    expect(await openIncidents(replica.db, 'acme', { process: id })).toEqual({ incidents: [] });
    await expect(retry(ports(replica), 'acme', incident)).rejects.toMatchObject({ code: 'incident_not_found' });
  });

  it('is one of many that are listed in pages, and retried at once with exact counts', async () => {
    const broken = await engine.store('acme', BROKEN);
    const ids = await Promise.all([1, 2, 3].map(() => startOf(broken)));
    for (const id of ids) {
      await anHourPasses(id);
      await timeOut(ports(replica), 'acme', id);
    }
    const first = await openIncidents(replica.db, 'acme', { code: 'expression-failed', limit: 2 });
    const second = await openIncidents(replica.db, 'acme', { code: 'expression-failed', limit: 2, cursor: first.next });
    expect([...first.incidents, ...second.incidents].map(({ process }) => process).sort()).toEqual([...ids].sort());
    expect([first.incidents.length, second.next]).toEqual([2, undefined]);

    const failed = await retryMany(ports(replica), 'acme', { code: 'expression-failed', limit: 2 });
    expect(failed).toMatchObject({ taken: 2, closed: 0, failed: 2, open: 3 });
    expect(failed.failures).toEqual([
      expect.objectContaining({ process: ids[0], code: 'expression-failed', message: expect.any(String) }),
      expect.objectContaining({ process: ids[1] }),
    ]);
    const listed = await list(replica, listProcesses.body.parse({ all: true, incident: true }), ann);
    expect(listed.processes.map(({ id, incident }) => [id, incident]).sort()).toEqual(
      ids.map((id) => [id, true]).sort(),
    );
  });

  it('is not another tenant’s to see or retry', async () => {
    expect(await openIncidents(replica.db, 'rival', {})).toEqual({ incidents: [] });
  });
});

describe('a process that goes round by timeouts alone', () => {
  const ROUND = `
actors: { actor: ~ }
states:
  initial:
    transitions:
      - { on: rest, goto: ~ }
      - { after: 0, goto: next }
  next: { after: 0, goto: initial }
`;
  const restless = async (id: string): Promise<number | undefined> => {
    const row = await withTenant(replica.db, 'acme', (tx) =>
      tx.selectFrom('timers').select('restless').where('process', '=', id).executeTakeFirst(),
    );
    return row?.restless;
  };

  it('is stopped by an incident, and not while anything else happens', async () => {
    const id = await startOf(await engine.store('acme', ROUND));
    for (const times of [1, 2]) {
      await timeOut(ports(replica), 'acme', id, { restless: await restless(id) });
      expect(await restless(id)).toBe(times);
    }
    await performStep(replica.writes, { process: id, action: 'rest', representation: false }, ann);
    expect(await restless(id)).toBe(0);

    await withTenant(replica.db, 'acme', (tx) =>
      tx
        .updateTable('timers')
        .set({ restless: MOST_RESTLESS - 1 })
        .where('process', '=', id)
        .execute(),
    );
    schedule(replica);
    await eventually(async () => {
      const { incidents } = await openIncidents(replica.db, 'acme', { process: id });
      expect(incidents).toEqual([expect.objectContaining({ code: 'endless-transitions' })]);
    });
    expect(await restless(id)).toBeUndefined();
    expect((await whole(id)).events).toHaveLength(5);
  });
});
