import { randomBytes } from 'node:crypto';
import type { Delivery } from '@handover/bus';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  type AnswerOf,
  type BodyOf,
  type HandoverError,
  type Principal,
  type RequestContract,
} from '@handover/contracts';
import type { RequestRoute } from '@handover/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigningKeys } from '../signing/signing-keys.js';
import { notifierDatabase, type NotifierDatabase } from '../test/pipeline.js';
import { createVault } from './secret.js';
import { webhookRoutes } from './webhook.routes.js';

const vault = createVault(randomBytes(32));
let database: NotifierDatabase;
let routes: RequestRoute[];

beforeAll(async () => {
  database = await notifierDatabase();
  // Who signed a principal is the runtime's and the app test's business; here it is taken for verified.
  const verifier = { verify: async (signed?: string) => JSON.parse(signed ?? '') as Principal };
  routes = webhookRoutes({
    db: database.db,
    transact: database.transact,
    verifier,
    vault,
    keys: createSigningKeys(database.db, vault),
    policy: { allowLoopback: false },
    changed: () => undefined,
  });
});
afterAll(() => database.close());

const principal = (
  tenant: string,
  privileges: Principal['privileges'] = ['webhooks:read', 'webhooks:write'],
): Principal => ({
  tenant,
  kind: 'user',
  id: 'u1',
  info: {},
  roles: [],
  privileges,
});

async function ask<C extends RequestContract>(contract: C, body: BodyOf<C>, as: Principal): Promise<AnswerOf<C>> {
  const route = routes.find((candidate) => candidate.contract.type === contract.type);
  const headers = { principal: JSON.stringify(as), tenant: 'misleading' };
  const signal = new AbortController().signal;
  const delivery: Delivery = { id: 'm1', type: contract.type, headers, body, attempt: 1, signal };
  return (await route?.handle(body, delivery)) as AnswerOf<C>;
}

const failure = (asked: Promise<unknown>): Promise<HandoverError> =>
  asked.then(
    () => expect.fail('was not refused'),
    (error: HandoverError) => error,
  );

const body = { url: 'https://example.com/hook', events: ['process.completed', 'process.*', 'process.completed'] };

describe('a webhook', () => {
  it('is created with a secret that is shown once, seen and listed without, and deleted', async () => {
    const created = await ask(createWebhook, body, principal('acme'));
    expect(createWebhook.answer.parse(created)).toEqual({
      id: expect.stringMatching(/^wh_[0-9a-f]{32}$/),
      url: body.url,
      events: ['process.completed', 'process.*'],
      signing: 'v1',
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      secret: expect.stringMatching(/^whsec_/),
    });
    const { secret: _, ...shown } = created;
    expect(await ask(listWebhooks, {}, principal('acme'))).toEqual({ webhooks: [shown] });
    expect(await ask(getWebhook, { id: created.id }, principal('acme'))).toEqual({ webhook: shown });
    expect(await ask(deleteWebhook, { id: created.id }, principal('acme'))).toEqual({});
    expect(await ask(listWebhooks, {}, principal('acme'))).toEqual({ webhooks: [] });
    const gone = { code: 'webhook_not_found' };
    expect(await failure(ask(getWebhook, { id: created.id }, principal('acme')))).toMatchObject(gone);
    expect(await failure(ask(deleteWebhook, { id: created.id }, principal('acme')))).toMatchObject(gone);
  });

  it.each(['http://127.0.0.1/', 'http://localhost/', 'http://[fd00::1]/', 'https://me:pw@example.com/'])(
    'cannot point to %s: the answer names the field',
    async (url) => {
      expect(await failure(ask(createWebhook, { ...body, url }, principal('acme')))).toMatchObject({
        code: 'invalid_request',
        errors: [{ pointer: '/url', detail: expect.stringMatching(/^must /) }],
      });
    },
  );

  it('needs the privilege to read or write', async () => {
    const reader = principal('acme', ['webhooks:read']);
    const writer = principal('acme', ['webhooks:write']);
    expect(await failure(ask(createWebhook, body, reader))).toMatchObject({ code: 'forbidden' });
    expect(await failure(ask(deleteWebhook, { id: 'wh_1' }, reader))).toMatchObject({ code: 'forbidden' });
    expect(await failure(ask(listWebhooks, {}, writer))).toMatchObject({ code: 'forbidden' });
    expect(await failure(ask(getWebhook, { id: 'wh_1' }, writer))).toMatchObject({ code: 'forbidden' });
    expect(await ask(listWebhooks, {}, principal('acme', ['*']))).toEqual({ webhooks: [] });
  });

  it('is nobody else’s: another tenant neither sees nor deletes it', async () => {
    const { id } = await ask(createWebhook, body, principal('ours'));
    expect(await ask(listWebhooks, {}, principal('theirs'))).toEqual({ webhooks: [] });
    expect(await failure(ask(getWebhook, { id }, principal('theirs')))).toMatchObject({ code: 'webhook_not_found' });
    expect(await failure(ask(deleteWebhook, { id }, principal('theirs')))).toMatchObject({ code: 'webhook_not_found' });
    expect((await ask(listWebhooks, {}, principal('ours'))).webhooks).toHaveLength(1);
  });
});
