import { withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { openIncidents, retry } from '../incidents/retry-incident.js';
import { retryMany } from '../incidents/retry-incidents.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { startScheduler, type Scheduler } from '../timers/scheduler.js';
import { claimEngineActions } from './engine-action.repository.js';
import { performAction } from './perform-action.js';

const CHILD = `
title: child
actors: { actor: ~ }
vars: { base: { type: integer, default: 1 } }
actions: { add: { response: integer, update: { set: result, value: !ref 'sum([vars.base, current.response])' } } }
states: { initial: { on: add, goto: (done) } }
`;
const parentOf = (message: string, more = ''): string => `
title: parent
actors: { actor: ~ }
vars: { answer: {}, target: {} }
actions:
  begin: { update: vars.target }
  take: { actor: service:engine, update: vars.answer }
states:
  initial: { on: begin, goto: asking }
  asking:
    on: take
    by: service:engine
    goto: (answered)
    notify: { service: engine, message: ${message} }
${more}`;

const ann = user('ann', { privileges: ['*'] });
const log = createLogger('test', 'silent');
const schedulers: Scheduler[] = [];
let engine: EngineInHand;
let replica: Replica;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
});
afterEach(() => Promise.all(schedulers.splice(0).map((scheduler) => scheduler.stop())));
afterAll(() => engine.close());

const LIMITS = { depth: 3, perRoot: 20 };
const ports = (of: Replica) => ({ ...of, log, announced: () => undefined, limits: LIMITS });
function schedule(of: Replica = replica): void {
  schedulers.push(
    startScheduler({
      claim: (limit, leaseMs) => claimEngineActions(of.db, limit, leaseMs),
      log,
      pollMs: 50,
      fire: (due) => performAction(ports(of), due),
    }),
  );
}
const step = (process: string, action: string, response?: unknown) =>
  performStep(replica.writes, { process, action, response, representation: false }, ann);
async function startOf(scenario: string): Promise<string> {
  const { process } = await start(replica, { scenario, actors: { actor: { id: 'ann' } } }, ann);
  return String(process.id);
}
const whole = async (id: string): Promise<ProcessDocument> =>
  (await read(replica, { id }, ann)).process as unknown as ProcessDocument;
const childrenOf = (parent: string): Promise<string[]> =>
  withTenant(replica.db, 'acme', async (tx) => {
    const rows = await tx.selectFrom('processes').select(['id', 'snapshot']).execute();
    return rows.filter(({ snapshot }) => snapshot.tags.includes(`parent:${parent}`)).map(({ id }) => id);
  });
const theChildOf = (parent: string): Promise<string> =>
  eventually(async () => {
    const children = await childrenOf(parent);
    expect(children).toHaveLength(1);
    return children[0] ?? '';
  });
const timeouts = () => ({ db: replica.db, writes: replica.writes, log, announced: () => undefined });
const incidentOf = (id: string) =>
  eventually(async () => {
    const { incidents } = await openIncidents(replica.db, 'acme', { process: id });
    expect(incidents).toHaveLength(1);
    return incidents[0] ?? { id: '', message: '' };
  });

describe('a sub-process', () => {
  it('is started once among replicas; the parent waits for its end and gets its result', async () => {
    const child = await engine.store('acme', CHILD);
    const message = `{ start: { scenario: ${child}, actors: { actor: { id: ann } }, vars: { base: 40 } } }`;
    const parent = await startOf(await engine.store('acme', parentOf(message)));
    schedule();
    schedule(engine.replica());
    await step(parent, 'begin');

    const sub = await theChildOf(parent);
    expect((await whole(parent)).current.key).toBe('asking');
    await step(sub, 'add', 2);
    await eventually(async () => expect((await whole(parent)).current.key).toBe('(answered)'));
    const { vars, events } = await whole(parent);
    expect(vars.answer).toBe(42);
    expect(events.at(-1)).toMatchObject({ action: 'take', actor: { key: 'service:engine' }, response: 42 });
    expect(await childrenOf(parent)).toEqual([sub]);
  });

  it('may end at once', async () => {
    const child = await engine.store('acme', 'states: { initial: { on: ~, goto: (done) } }\nresult: { default: 7 }');
    const parent = await startOf(await engine.store('acme', parentOf(`{ start: { scenario: ${child} } }`)));
    schedule();
    await step(parent, 'begin');
    await eventually(async () => expect((await whole(parent)).vars.answer).toBe(7));
  });

  it('started again after a crash is the same one', async () => {
    const child = await engine.store('acme', CHILD);
    const parent = await startOf(await engine.store('acme', parentOf(`{ start: { scenario: ${child} } }`)));
    await step(parent, 'begin');
    const [action] = await claimEngineActions(replica.db, 10, 30_000);
    if (!action) throw new Error('nothing is due');
    await performAction(ports(replica), action);
    await performAction(ports(engine.replica()), action);
    expect(await childrenOf(parent)).toHaveLength(1);
  });

  it.each([
    [
      'its retry',
      async (incident: string) => expect(await retry(timeouts(), 'acme', incident)).toEqual({ closed: true }),
    ],
    [
      'a retry of many',
      async (_: string, process: string) =>
        expect(await retryMany(timeouts(), 'acme', { process, limit: 10 })).toMatchObject({
          taken: 1,
          closed: 1,
          open: 0,
        }),
    ],
  ])(
    'of a scenario that another tenant has becomes an incident, which %s closes once it is there',
    async (by, retried) => {
      const yaml = `title: theirs before ${by}\n${CHILD.replace('title: child\n', '')}`;
      const child = await engine.store('rival', yaml);
      const parent = await startOf(await engine.store('acme', parentOf(`{ start: { scenario: ${child} } }`)));
      schedule();
      await step(parent, 'begin');
      const incident = await incidentOf(parent);
      expect(incident.message).toContain(`Scenario ${child} not found`);
      await engine.store('acme', yaml);
      await retried(incident.id, parent);
      await theChildOf(parent);
      expect(await openIncidents(replica.db, 'acme', { process: parent })).toEqual({ incidents: [] });
    },
  );

  it('that starts the like of itself, and so on, comes to an end', async () => {
    // A process tells its sub-process which scenario to start: the same.
    const yaml = `
title: endless
vars: { self: {} }
states:
  initial:
    on: take
    by: service:engine
    goto: (done)
    notify: { service: engine, message: { start: { scenario: !ref vars.self, vars: { self: !ref vars.self } } } }
actions: { take: { actor: service:engine } }
`;
    const scenario = await engine.store('acme', yaml);
    schedule();
    const { process } = await start(replica, { scenario, vars: { self: scenario } }, ann);
    const chain = [String(process.id)];
    for (let depth = 0; depth < LIMITS.depth; depth++) chain.push(await theChildOf(chain.at(-1) ?? ''));
    expect((await incidentOf(chain.at(-1) ?? '')).message).toContain('More than 3 processes have started each other');
    expect(await childrenOf(chain.at(-1) ?? '')).toEqual([]);
  });
});

describe('an action of the engine', () => {
  it('steps another process as service:engine, and gives back where that led', async () => {
    const other = await startOf(
      await engine.store(
        'acme',
        'title: other\nactions: { poke: { actor: service:engine } }\nstates: { initial: { on: poke, by: service:engine, goto: (poked) } }',
      ),
    );
    const parent = await startOf(
      await engine.store('acme', parentOf(`{ step: { process: !ref vars.target, action: poke } }`)),
    );
    schedule();
    await step(parent, 'begin', other);
    await eventually(async () => expect((await whole(parent)).current.key).toBe('(answered)'));
    expect((await whole(parent)).vars.answer).toMatchObject({ process: other, state: '(poked)' });
    expect((await whole(other)).events).toHaveLength(2);
  });

  it('that the other process refuses is an incident of the one that asked', async () => {
    const other = await startOf(await engine.store('acme', CHILD));
    const parent = await startOf(
      await engine.store('acme', parentOf(`{ step: { process: !ref vars.target, action: add, response: 1 } }`)),
    );
    schedule();
    await step(parent, 'begin', other);
    expect((await incidentOf(parent)).message).toContain("Service 'engine' is not allowed to perform action 'add'");
    expect((await whole(other)).current.key).toBe('initial');
  });

  it('raises an event with a name and data of the scenario, once', async () => {
    const message = `{ raise: { name: order.late, data: { days: !ref vars.target } } }`;
    const parent = await startOf(await engine.store('acme', parentOf(message)));
    schedule();
    await step(parent, 'begin', 3);
    await eventually(async () => expect((await whole(parent)).current.key).toBe('(answered)'));
    const outbox = await withTenant(replica.db, 'acme', (tx) =>
      tx.selectFrom('outbox').select('event').where('process', '=', parent).execute(),
    );
    const raised = outbox.map(({ event }) => event).filter(({ type }) => type === 'process.raised');
    expect(raised).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ name: 'order.late', data: { days: 3 } }) as unknown }),
    ]);
  });

  it('is counted within the hour: a ring is stopped, and what lives for long does not run out', async () => {
    const scenario = await engine.store('acme', parentOf('{ raise: { name: again } }'));
    const [busy, old] = [await startOf(scenario), await startOf(scenario)];
    await withTenant(replica.db, 'acme', (tx) =>
      sql`
        insert into engine_action_counts (tenant, root, count, since)
        values ('acme', ${busy}, ${LIMITS.perRoot}, now()), ('acme', ${old}, ${LIMITS.perRoot}, now() - interval '61 minutes')
      `.execute(tx),
    );
    schedule();
    await step(busy, 'begin');
    await step(old, 'begin');
    expect((await incidentOf(busy)).message).toContain('More than 20 actions of the engine within an hour');
    await eventually(async () => expect((await whole(old)).current.key).toBe('(answered)'));
  });

  it('that is none is an incident that says what there is', async () => {
    const parent = await startOf(await engine.store('acme', parentOf('{ launch: rocket }')));
    schedule();
    await step(parent, 'begin');
    expect((await incidentOf(parent)).message).toContain('{start: {scenario, …}}');
  });
});
