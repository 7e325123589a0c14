import type { HandoverError } from '@handover/contracts';
import { type Notification } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { everyTenantScope } from '../every-tenant.js';
import { claimFromOutbox, removeFromOutbox } from '../outbox/outbox.repository.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { applyReply } from './apply-reply.js';
import { createCapabilities, type Capabilities } from './capability.js';
import { claimDueNotifications } from './delayed.repository.js';
import { fireNotification } from './fire-notification.js';
import { retryServices } from './retry-notifications.js';

const SCENARIO = `
name: letter
version: '1'
actors: { actor: ~ }
actions: { note: { update: { set: vars.noted, value: true } } }
states:
  initial:
    instructions: { 'service:pdf': 'Print it' }
    notify:
      - { service: mail, message: { subject: Hello } }
      - { service: quiet, if: !ref vars.noted }
      - { service: engine }
    transitions:
      - { on: print, by: 'service:pdf', goto: waiting }
      - { on: note, by: actor, goto: ~ }
  waiting:
    notify:
      - { service: reminder, after: 1 hour }
    transitions:
      - { on: note, by: actor, goto: ~ }
      - { on: again, by: actor, goto: waiting }
      - { on: remind, by: 'service:reminder', goto: (done) }
vars: { noted: boolean }
`;

const ann = user('ann', { privileges: ['*'] });
let engine: EngineInHand;
let replica: Replica;
let capabilities: Capabilities;
let scenario: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  capabilities = createCapabilities(replica.db);
  scenario = await engine.store('acme', SCENARIO);
});
afterAll(() => engine.close());

async function started(): Promise<string> {
  const actors = { actor: { id: 'ann' } };
  return String((await start(replica, { scenario, actors }, ann)).process.id);
}

const act = (process: string, action: string) =>
  performStep(replica.writes, { process, action, representation: false }, ann);

/** What the outbox holds for services about a process; taken out of it. */
async function told(process: string): Promise<Notification[]> {
  const entries = (await claimFromOutbox(replica.db, 1_000, 0)).filter((entry) => entry.process === process);
  await replica.database.transact(everyTenantScope, removeFromOutbox(entries.map(({ seq }) => seq)));
  return entries.flatMap(({ outgoing }) => (outgoing.kind === 'notification' ? [outgoing.notification] : []));
}

const ports = () => ({
  ...replica,
  capabilities,
  log: createLogger('engine', 'silent'),
  announced: () => undefined,
});

const reply = async (notification: Notification, response?: unknown) =>
  applyReply(ports(), { capability: await capabilities.sign(notification), response });

const printed = async (process: string): Promise<void> => {
  const pdf = (await told(process)).find(({ service }) => service === 'pdf');
  await reply(pdf!);
};

const delayed = (process: string) =>
  withTenant(replica.db, 'acme', (tx) =>
    tx.selectFrom('delayed_notifications').selectAll().where('process', '=', process).execute(),
  );

const hasten = (process: string) =>
  withTenant(replica.db, 'acme', (tx) =>
    tx
      .updateTable('delayed_notifications')
      .set({ due_at: new Date(Date.now() - 1_000).toISOString() })
      .where('process', '=', process)
      .execute(),
  );

const refusal = (asked: Promise<unknown>): Promise<HandoverError> =>
  asked.then(
    () => expect.fail('was not refused'),
    (error: HandoverError) => error,
  );

describe('entering a state', () => {
  it('leaves a message in the outbox for every service whose condition holds, the initial state included', async () => {
    const process = await started();
    const [mail, pdf, ...others] = await told(process);
    expect(mail).toMatchObject({
      service: 'mail',
      tenant: 'acme',
      process,
      state: 'initial',
      message: { subject: 'Hello' },
    });
    expect(pdf).toMatchObject({
      id: expect.stringMatching(/^ntf_[0-9a-f]{32}$/),
      service: 'pdf',
      scenario: { name: 'letter' },
      message: { process, etag: pdf?.etag, instructions: 'Print it', actions: [{ key: 'print' }] },
    });
    expect(others).toEqual([]);
  });

  it('is not what an action does that stays in the state', async () => {
    const process = await started();
    await told(process);
    await act(process, 'note');
    expect(await told(process)).toEqual([]);
  });
});

describe('a delayed notification', () => {
  it('waits for its time and then tells of the process as it is', async () => {
    const process = await started();
    await printed(process);
    expect(await told(process)).toEqual([]);
    const { etag } = await act(process, 'note');
    expect(await delayed(process)).toHaveLength(1);
    await hasten(process);
    const due = (await claimDueNotifications(replica.db, 100, 60_000)).filter((each) => each.process === process);
    expect(due).toHaveLength(1);
    expect((await claimDueNotifications(replica.db, 100, 60_000)).filter((each) => each.process === process)).toEqual(
      [],
    );
    for (const each of due) await fireNotification({ ...replica, announced: () => undefined }, each);
    expect(await told(process)).toMatchObject([{ service: 'reminder', state: 'waiting', message: { etag } }]);
    expect(await delayed(process)).toEqual([]);
  });

  it('is due by the end of the year 9999, however long it is to wait', async () => {
    const scenario = await engine.store(
      'acme',
      'states: { initial: { notify: { service: mail, after: 1e15 }, on: go, goto: (done) } }\nactions: { go: ~ }\nactors: { actor: ~ }',
    );
    const { process } = await start(replica, { scenario, actors: { actor: { id: 'ann' } } }, ann);
    expect(await delayed(String(process.id))).toMatchObject([{ due_at: '9999-12-31T23:59:59.999Z' }]);
  });

  it('is dropped when the state is left, be it for the same state again', async () => {
    const process = await started();
    await printed(process);
    await hasten(process);
    const [due] = (await claimDueNotifications(replica.db, 100, 60_000)).filter((each) => each.process === process);
    await act(process, 'again');
    if (due) await fireNotification({ ...replica, announced: () => undefined }, due);
    expect(await told(process)).toEqual([]);
    const [next, ...others] = await delayed(process);
    expect(next?.id).not.toBe(due?.id);
    expect(others).toEqual([]);
  });
});

describe('a reply', () => {
  it('is a step of the service by the trigger, once, however often it comes', async () => {
    const process = await started();
    const [, pdf] = await told(process);
    const first = await reply(pdf!, { pages: 2 });
    expect(first.action).toBe('print');
    expect(await reply(pdf!, { pages: 2 })).toEqual(first);
  });

  it('to a state that was left is refused, and so is one that performs no action', async () => {
    const process = await started();
    const [mail, pdf] = await told(process);
    expect(await refusal(reply(mail!, 'sent'))).toMatchObject({
      code: 'step_refused',
      reasons: ["Service 'mail' gave a response, but unable to determine which action was executed"],
    });
    await reply(pdf!);
    expect(await refusal(reply(pdf!, 'another'))).toMatchObject({
      code: 'step_refused',
      reasons: ["The process has left the state 'initial' that the service was told of"],
    });
  });

  it('needs the right that the engine signed, for this service and no other', async () => {
    const process = await started();
    const [mail] = await told(process);
    const capability = await capabilities.sign(mail!);
    const [key, right = '', mac] = capability.split('.');
    const asPdf = Buffer.from(Buffer.from(right, 'base64url').toString().replace('"mail"', '"pdf"')).toString(
      'base64url',
    );
    for (const forged of [
      `${key}.${asPdf}.${mac}`,
      `other.${right}.${mac}`,
      `${key}.${right}`,
      'x',
      `${capability}.x`,
    ]) {
      const refused = await refusal(applyReply(ports(), { capability: forged, response: 1 }));
      expect(refused).toMatchObject({ code: 'unauthenticated' });
    }
  });
});

describe('telling the services again', () => {
  it('makes new deliveries for those asked for, and says whom it skipped', async () => {
    const process = await started();
    const [, first] = await told(process);
    const ports = { ...replica, announced: () => undefined };
    const answer = await retryServices(ports, 'acme', { process, services: ['pdf', 'nobody'] });
    expect(answer).toEqual({
      notified: [{ service: 'pdf', delivery: expect.stringMatching(/^ntf_/) }],
      skipped: [{ service: 'nobody', reason: "State 'initial' does not notify this service" }],
    });
    const again = await eventually(async () => {
      const found = await told(process);
      expect(found).toHaveLength(1);
      return found[0];
    });
    expect(again?.id).not.toBe(first?.id);
    await reply(again!);
  });

  it('tells it once under the same idempotency key, also at the same time, and refuses the key of another command', async () => {
    const process = await started();
    await told(process);
    const ports = { ...replica, announced: () => undefined };
    const body = { process, services: ['pdf'] };
    const key = { key: process, fingerprint: 'retry of pdf' };
    const both = await Promise.allSettled([1, 2].map(() => retryServices(ports, 'acme', body, key)));
    const answers = both.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    expect(answers.length).toBeGreaterThan(0);
    const [answer] = answers;
    for (const other of answers) expect(other).toEqual(answer);
    for (const one of both)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'idempotency_in_flight' });
    expect(await retryServices(ports, 'acme', body, key)).toEqual(answer);
    const deliveries = (await told(process)).map(({ id }) => id);
    expect(deliveries).toEqual(answer?.notified.map(({ delivery }) => delivery));
    const other = retryServices(ports, 'acme', body, { ...key, fingerprint: 'another' });
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  });
});
