import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  getWebhookKeys,
  listWebhooks,
  pingWebhook,
  rotateWebhookSecret,
  updateWebhook,
  webhookOperations as operations,
} from '@handover/contracts';
import { implement, type Implementation } from '../http/operation.js';

/** Far less than a key is published before it signs. */
const KEYS_MAX_AGE_S = 300;

/** `/webhooks`: who is told of which events, and the public keys they verify by. */
export const webhooks: readonly Implementation[] = [
  implement(operations.create, async ({ body, ask }) => {
    const created = await ask(createWebhook, body);
    return { status: 201, body: created, headers: { Location: `/webhooks/${created.id}` } };
  }),

  implement(operations.list, async ({ ask }) => ({ status: 200, body: (await ask(listWebhooks, {})).webhooks })),

  implement(operations.get, async ({ params, ask }) => ({
    status: 200,
    body: (await ask(getWebhook, params)).webhook,
  })),

  implement(operations.update, async ({ params, body, ask }) => {
    const { webhook } = await ask(updateWebhook, { ...body, ...params });
    return { status: 200, body: webhook };
  }),

  implement(operations.rotateSecret, async ({ params, body, ask }) => ({
    status: 200,
    body: await ask(rotateWebhookSecret, { ...body, ...params }),
  })),

  implement(operations.ping, async ({ params, ask }) => {
    const { delivery } = await ask(pingWebhook, params);
    return { status: 202, body: { delivery }, headers: { Location: `/deliveries/${delivery}` } };
  }),

  implement(operations.delete, async ({ params, ask }) => {
    await ask(deleteWebhook, params);
    return { status: 204 };
  }),

  implement(operations.keys, async ({ ask }) => ({
    status: 200,
    body: await ask(getWebhookKeys, {}),
    headers: { 'Cache-Control': `public, max-age=${KEYS_MAX_AGE_S}` },
  })),
];
