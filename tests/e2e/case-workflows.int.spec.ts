import { httpWorker, type Worker } from '@handover/client/http';
import { zeromqWorker } from '@handover/client/zeromq';
import { Recording, freePort, startReceiver, type ReceivedRequest } from '@handover/testkit';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { furnish, type Furniture } from './src/doors/furniture.js';
import { openDoors, type Answer, type Doors } from './src/doors/world.js';

const CREDIT_CHECK = resolve(import.meta.dirname, '../../deploy/examples/background/credit-check.yaml');
const ADA = { firstName: 'Ada', lastName: 'Byron', personalNumber: '80010112345', email: 'ada@example.com' };

let doors: Doors;
let furniture: Furniture;
let creditCheck: string;
/** What the services were asked. */
const asked = new Recording<{ service: string; message: unknown }>('messages');
const workers: Worker[] = [];

beforeAll(async () => {
  doors = await openDoors();
  furniture = furnish(doors);
  const stored = await doors.platform.call('POST', '/scenarios', {
    token: doors.admin,
    body: await readFile(CREDIT_CHECK, 'utf8'),
    headers: { 'content-type': 'application/yaml' },
  });
  creditCheck = ((await stored.json()) as { id: string }).id;
  await hireWorkers();
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await doors.platform.stop();
});

const backend = (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
  doors.send(method, path, doors.backend, json, headers);
const run = async (workflowDefinitionId: string, parametersId?: string, details: object = ADA) => {
  const { caseId } = await furniture.caseOf(details);
  const body = { caseId, workflowDefinitionId, ...(parametersId !== undefined && { parametersId }) };
  const answer = await backend('POST', '/workflows/run', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
/** Polls until the workflow is over. */
async function ended(id: string): Promise<Answer['body']> {
  for (;;) {
    const { body } = await backend('GET', `/workflows/${id}?wait=20`);
    if (!['RUNNING', 'AWAITING'].includes(body.status)) return body;
  }
}

/** Of people with these numbers. */
const UNCLEAR = '66010112345';
const POOR = '99010112345';
/** Whoever has this number is screened when the test says so. */
const HELD = '70010112345';
let release = (): void => undefined;
const released = new Promise<void>((done) => (release = done));

interface Applicant {
  readonly name?: string;
  readonly personalNumber: string;
}

/** One service works over HTTP, the other over ZeroMQ. */
async function hireWorkers(): Promise<void> {
  const screening = httpWorker({ port: 0, trust: { bearer: 'a token of the service' } });
  screening.on<Applicant>('screening', async (message) => {
    asked.record({ service: 'screening', message });
    if (message.personalNumber === HELD) await released;
    return message.personalNumber === UNCLEAR ? { clear: false, reason: 'on a list' } : { clear: true };
  });
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const bureau = zeromqWorker({ services: { bureau: { address } } });
  bureau.on<Applicant>('bureau', async (message) => {
    asked.record({ service: 'bureau', message });
    return { score: message.personalNumber === POOR ? 480 : 720 };
  });
  workers.push(screening, bureau);
  for (const worker of workers) await worker.start();
  const headers = { authorization: 'Bearer a token of the service' };
  for (const [name, json] of [
    ['screening', { provider: 'webhook', url: `${screening.url}/screening`, headers }],
    ['bureau', { provider: 'zeromq', type: 'reply', address }],
  ] as const) {
    const put = await doors.send('PUT', `/services/${name}`, doors.admin, json);
    expect(put.status, JSON.stringify(put.body)).toBeLessThan(300);
  }
}

describe('a workflow of two service tasks', () => {
  it('runs from case and parameters to its result without a person', async () => {
    const parameters = await furniture.parameters(creditCheck, { threshold: 700 });
    const { id, caseId, status } = await run('credit-check', parameters.id);
    expect(status).toBe('AWAITING');
    expect(await ended(id)).toEqual({ id, caseId, status: 'COMPLETED' });

    // The services get what the scenario says, and of the case no more than it names.
    expect(asked.items.filter(({ message }) => (message as Applicant).personalNumber === ADA.personalNumber)).toEqual([
      { service: 'screening', message: { name: 'Ada Byron', personalNumber: ADA.personalNumber } },
      { service: 'bureau', message: { personalNumber: ADA.personalNumber } },
    ]);
    const { partyDetails, createdDate, partyId } = (await backend('GET', `/cases/${caseId}`)).body;
    expect((await backend('GET', `/workflows/${id}/result`)).body).toEqual({
      createdDate,
      caseId,
      partyId,
      partyDetails,
      workflowId: id,
      workflowDefinitionId: creditCheck,
      status: 'COMPLETED',
      result: { score: 720, approved: true },
    });
    const process = await doors.send('GET', `/processes/${id}`, doors.admin);
    expect(process.body).toMatchObject({ actors: { case: { firstName: 'Ada' } }, vars: { threshold: 700 } });
    expect(process.body.actors.case).not.toHaveProperty('email');
  });

  it('says what its end says', async () => {
    const poor = await run(creditCheck, undefined, { ...ADA, personalNumber: POOR });
    expect((await ended(poor.id)).status).toBe('COMPLETED');
    const { body } = await backend('GET', `/workflows/${poor.id}/result`);
    expect(body.result).toEqual({ score: 480, approved: false });
    const unclear = await run(creditCheck, undefined, { ...ADA, personalNumber: UNCLEAR });
    expect((await ended(unclear.id)).status).toBe('FAILED');
    expect((await backend('GET', `/workflows/${unclear.id}/result`)).body).toMatchObject({ status: 'FAILED' });
  });

  it('is polled: the answer waits for the status to change, and not for ever', async () => {
    const { id } = await run(creditCheck, undefined, { ...ADA, personalNumber: HELD });
    expect((await backend('GET', `/workflows/${id}`)).body.status).toBe('AWAITING');
    expect((await backend('GET', `/workflows/${id}?wait=1`)).body.status).toBe('AWAITING');
    expect((await backend('GET', `/workflows/${id}/result`)).status).toBe(409);
    const waiting = backend('GET', `/workflows/${id}?wait=60`);
    release();
    expect((await waiting).body.status).toBe('COMPLETED');
  });
});

describe('the status of a workflow', () => {
  const ending = (end: object, how: object = { on: null }) => ({
    title: `Ends ${JSON.stringify([end, how])}`,
    states: { initial: { ...how, goto: '(end)' }, '(end)': { title: 'End', ...end } },
  });

  it.each([
    ['COMPLETED', ending({})],
    ['FAILED', ending({ tag: 'failed' })],
    ['CANCELLED', ending({ tag: 'cancelled' })],
    ['EXPIRED', ending({}, { at: '2020-01-01T00:00:00Z' })],
    ['FAILED', ending({ tag: 'failed' }, { at: '2020-01-01T00:00:00Z' })],
  ])('is %s at the end of %j', async (status, scenario) => {
    const { body } = await doors.send('POST', '/scenarios', doors.admin, scenario);
    const { id } = await run(body.id);
    expect(await ended(id)).toMatchObject({ id, status });
    expect((await backend('GET', `/workflows/${id}/result`)).body).toMatchObject({ status, result: null });
  });

  it('is AWAITING until the service that was asked has answered, also when that leads nowhere', async () => {
    const { body } = await doors.send('POST', '/scenarios', doors.admin, {
      title: 'Noted',
      actions: { note: { actor: 'service:notary', update: 'vars.noted' } },
      vars: { noted: 'string' },
      states: {
        initial: {
          notify: 'notary',
          transitions: [
            { on: 'note', goto: null },
            { after: '1 day', goto: '(done)' },
          ],
        },
      },
    });
    const { id, status } = await run(body.id);
    expect(status).toBe('AWAITING');
    const notary = await doors.key(['process:step'], { service: 'notary' });
    expect((await doors.send('POST', `/processes/${id}/note`, notary, 'seen')).status).toBe(204);
    expect((await backend('GET', `/workflows/${id}`)).body.status).toBe('RUNNING');
  });

  it('is RUNNING while only time is waited for', async () => {
    const { body } = await doors.send('POST', '/scenarios', doors.admin, ending({}, { after: '1 day' }));
    expect((await run(body.id)).status).toBe('RUNNING');
  });
});

describe('a case', () => {
  it('is shown as it was made', async () => {
    const phone = { countryCode: '+48', number: '600 100 200' };
    const company = { companyName: 'Acme', companyNumber: '5260001246', companyAddress: 'Main Street 1' };
    const made = await furniture.caseOf({ ...ADA, phone, ...company });
    expect(made.partyDetails).toEqual({
      personal: { ...ADA, phone },
      business: company,
    });
    expect((await backend('GET', `/cases/${made.caseId}`)).body).toEqual(made);
  });

  it('is of the same party as another of the same person, or else of the same company, in the same tenant', async () => {
    const person = { personalNumber: crypto.randomUUID() };
    const companyNumber = crypto.randomUUID();
    const [one, ...others] = await Promise.all(
      Array.from({ length: 5 }, () => furniture.caseOf({ ...person, companyNumber })),
    );
    for (const { partyId } of others) expect(partyId).toBe(one?.partyId);
    const company = await furniture.caseOf({ companyNumber });
    expect(company.partyId).not.toBe(one?.partyId);
    expect((await furniture.caseOf({ companyNumber, companyName: 'Acme' })).partyId).toBe(company.partyId);
    const elsewhere = await doors.send('POST', '/cases', doors.rival, person);
    expect(elsewhere.body.partyId).not.toBe(one?.partyId);
    expect((await furniture.caseOf({})).partyId).not.toBe((await furniture.caseOf({})).partyId);
  });
});

describe('what belongs to another tenant', () => {
  it('is not there for a workflow of one’s own: a case, parameters, a definition', async () => {
    const rival = (path: string, json: object) => doors.send('POST', path, doors.rival, json);
    const workflowDefinitionId = String(
      (await rival('/scenarios', { title: 'Ours', states: { initial: { on: null, goto: '(done)' } } })).body.id,
    );
    const { caseId } = (await rival('/cases', {})).body;
    const foreign = {
      caseId: (await furniture.caseOf()).caseId,
      workflowDefinitionId: creditCheck,
      parametersId: (await furniture.parameters(creditCheck)).id,
    };
    expect((await rival('/workflows/run', { caseId, workflowDefinitionId })).status).toBe(200);
    for (const [name, id] of Object.entries(foreign)) {
      const answer = await rival('/workflows/run', { caseId, workflowDefinitionId, [name]: id });
      expect([name, answer.status]).toEqual([name, 404]);
    }
  });
});

describe('a run', () => {
  it('that is asked for again with its key is the first', async () => {
    const { caseId } = await furniture.caseOf();
    const body = { caseId, workflowDefinitionId: await furniture.nothing() };
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all([1, 2].map(() => backend('POST', '/workflows/run', body, headers)));
    const settled = answers.filter(({ status }) => status === 200);
    const again = await backend('POST', '/workflows/run', body, headers);
    for (const { body: answered } of settled) expect(answered).toEqual(again.body);
    expect(again.status).toBe(200);
  });

  it('checks the parameters anew: a definition of the same name may have become another', async () => {
    const named = (threshold: object) => ({
      name: 'changing',
      version: '1.0',
      title: JSON.stringify(threshold),
      vars: { threshold },
      states: { initial: { on: null, goto: '(done)' } },
    });
    await doors.send('POST', '/scenarios', doors.admin, named({ type: 'integer' }));
    const { id } = await furniture.parameters('changing', { threshold: 5 });
    expect((await run('changing', id)).status).toBe('COMPLETED');
    await doors.send('POST', '/scenarios', doors.admin, named({ type: 'integer', minimum: 10 }));
    const { caseId } = await furniture.caseOf();
    const refused = await backend('POST', '/workflows/run', {
      caseId,
      workflowDefinitionId: 'changing',
      parametersId: id,
    });
    expect(refused).toMatchObject({ status: 400, body: { details: [{ field: 'parametersId' }] } });
  });
});

describe('the completion webhook', () => {
  /** What a receiver makes of a message, knowing nothing but the platform's address. */
  async function verified({ headers, body }: ReceivedRequest): Promise<unknown> {
    const [header, , signature] = headers['jws-signature']?.split('.') ?? [];
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', doors.platform.urls[0]));
    const compact = `${header}.${Buffer.from(body).toString('base64url')}.${signature}`;
    const { payload, protectedHeader } = await compactVerify(compact, keys, { algorithms: ['RS256'] });
    expect(protectedHeader.kid).toEqual(expect.any(String));
    return JSON.parse(Buffer.from(payload).toString()) as unknown;
  }

  it('tells, signed, that a service was asked, and how it ended, of its own tenant’s workflows', async () => {
    const [receiver, rivals] = [await startReceiver(), await startReceiver()];
    try {
      for (const [token, { url }] of [
        [doors.admin, receiver],
        [doors.rival, rivals],
      ] as const) {
        const json = { url, events: ['workflow.status-changed'] };
        const hook = await doors.send('POST', '/webhooks', token, json);
        expect(hook).toMatchObject({ status: 201, body: { signing: 'jws' } });
      }
      const { id: workflowId, caseId } = await run(creditCheck);
      const own = (status: string) => ({ workflowId, caseId, status, referenceName: 'credit-check' });
      const told = async (n: number) => verified(await receiver.request(n));
      expect([await told(1), await told(2), await told(3)]).toEqual(['AWAITING', 'AWAITING', 'COMPLETED'].map(own));

      const late = { title: 'Late', states: { initial: { at: '2020-01-01T00:00:00Z', goto: '(late)' } } };
      const { body } = await doors.send('POST', '/scenarios', doors.admin, late);
      const expired = await run(body.id);
      const status = { workflowId: expired.id, caseId: expired.caseId, status: 'EXPIRED', referenceName: 'Late' };
      expect(await told(4)).toEqual(status);
      expect(rivals.requests).toEqual([]);
    } finally {
      await receiver.close();
      await rivals.close();
    }
  });
});
