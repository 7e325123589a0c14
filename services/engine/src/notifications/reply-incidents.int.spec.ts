import { type Notification } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { reportFailure } from '../incidents/report-failure.js';
import { openIncidents, retry } from '../incidents/retry-incident.js';
import { claimFromOutbox, type OutboxEntry } from '../outbox/outbox.repository.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { loadProcess } from '../processes/stored-process.js';
import { applyReply } from './apply-reply.js';
import { createCapabilities, type Capabilities } from './capability.js';

const SCENARIO = `
actors: { actor: ~ }
actions:
  print: { actor: 'service:pdf' }
  note: { actor: actor, update: { set: vars.noted, value: true } }
states:
  initial:
    notify: { service: pdf, trigger: !ref "current.response && abs(current.response.pages) && 'print'" }
    transitions:
      - { on: print, goto: (done) }
      - { on: note, goto: ~ }
vars: { noted: boolean }
`;

const ann = user('ann', { privileges: ['*'] });
let engine: EngineInHand;
let replica: Replica;
let capabilities: Capabilities;
let process: string;
let asked: Notification;
let announcements: number;

const ports = () => ({
  ...replica,
  capabilities,
  log: createLogger('engine', 'silent'),
  announced: () => void announcements++,
});

const outbox = async (): Promise<OutboxEntry[]> =>
  (await claimFromOutbox(replica.db, 1_000, 0)).filter((entry) => entry.process === process);

const incidents = async () => (await openIncidents(replica.db, 'acme', { process })).incidents;
const reply = async () =>
  applyReply(ports(), { capability: await capabilities.sign(asked), response: { pages: 'two' } });
const note = () => performStep(replica.writes, { process, action: 'note', representation: false }, ann);

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  capabilities = createCapabilities(replica.db);
});
afterAll(() => engine.close());

beforeEach(async () => {
  const scenario = await engine.store('acme', SCENARIO);
  process = String((await start(replica, { scenario, actors: { actor: { id: 'ann' } } }, ann)).process.id);
  const [first] = (await outbox()).flatMap(({ outgoing }) =>
    outgoing.kind === 'notification' ? [outgoing.notification] : [],
  );
  if (!first) throw new Error('the state tells nobody');
  asked = first;
  announcements = 0;
});

describe('a reply whose trigger cannot be evaluated', () => {
  it('opens one incident on the process, announced, however often it comes', async () => {
    await expect(reply()).rejects.toMatchObject({ code: 'evaluation_failed' });
    await expect(reply()).rejects.toMatchObject({ code: 'evaluation_failed' });
    const open = await incidents();
    expect(open).toEqual([expect.objectContaining({ process, code: 'expression-failed' })]);
    const told = (await outbox()).flatMap(({ outgoing }) => (outgoing.kind === 'event' ? [outgoing.event] : []));
    const opened = told.filter(({ type }) => type === 'process.incident-opened');
    expect(opened).toMatchObject([{ subject: process, data: { incident: open[0]?.id, reason: open[0]?.message } }]);
    expect(announcements).toBe(1);
  });

  it('is tried again with its incident, which stays open until the reply can be evaluated', async () => {
    await expect(reply()).rejects.toMatchObject({ code: 'evaluation_failed' });
    const [incident] = await incidents();
    expect(await retry(ports(), 'acme', incident?.id ?? '')).toEqual({ closed: false });
    expect(await incidents()).toHaveLength(1);
  });

  it('becomes its step when it can be evaluated at last', async () => {
    const { id, tenant, service, state, entered } = asked;
    const right = { id, tenant, process, service, state, entered };
    const inHand = await withTenant(replica.db, 'acme', (tx) =>
      loadProcess(tx, replica.scenarios, 'acme', process, false),
    );
    // As a version before left it, which could not evaluate this yet.
    await reportFailure(
      ports(),
      'acme',
      inHand!,
      { code: 'expression-failed', message: 'no' },
      {
        right,
        response: { pages: 2 },
      },
    );
    const [incident] = await incidents();
    expect(await retry(ports(), 'acme', incident?.id ?? '')).toEqual({ closed: true });
    expect(await incidents()).toEqual([]);
    const ended = await withTenant(replica.db, 'acme', (tx) =>
      loadProcess(tx, replica.scenarios, 'acme', process, false),
    );
    expect(ended?.current.key).toBe('(done)');
  });

  it('closes with the next move of the process, and another failure opens another incident', async () => {
    await expect(reply()).rejects.toMatchObject({ code: 'evaluation_failed' });
    const [first] = await incidents();
    await note();
    expect(await incidents()).toEqual([]);
    await expect(retry(ports(), 'acme', first?.id ?? '')).rejects.toMatchObject({ code: 'incident_not_found' });
    const inHand = await withTenant(replica.db, 'acme', (tx) =>
      loadProcess(tx, replica.scenarios, 'acme', process, false),
    );
    await reportFailure(ports(), 'acme', inHand!, { code: 'expression-failed', message: 'again' });
    expect(await incidents()).toEqual([expect.objectContaining({ message: 'again' })]);
  });
});
