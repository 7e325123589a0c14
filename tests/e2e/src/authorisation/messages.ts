import * as contracts from '@handover/contracts';
import type { RequestContract } from '@handover/contracts';

/** What the services answer without asking who wants to know: nothing of it is a tenant's. */
const PUBLIC = new Set([
  contracts.exchangeToken.type,
  contracts.getSigningKeys.type,
  contracts.listRevocations.type,
  contracts.checkApiKey.type,
  contracts.listDemoAccounts.type,
  contracts.listSharedSchemas.type,
  contracts.getWebhookKeys.type,
]);

const ID = '00000000-0000-4000-8000-000000000000';

/** A well-formed body of every message that only known callers may send. A message without one fails the test. */
export const BODIES: Readonly<Record<string, unknown>> = {
  'scenario.store.v1': { source: '{}', format: 'json' },
  'scenario.list.v1': {},
  'scenario.get.v1': { id: ID },
  'scenario.disable.v1': { id: ID },
  'definition.find.v1': { reference: ID },
  'schema.list.v1': {},
  'schema.get.v1': { id: 'person' },
  'schema.put.v1': { id: 'person', source: '{}', format: 'json' },
  'schema.delete.v1': { id: 'person' },
  'process.start.v1': { scenario: ID },
  'process.step.v1': { process: ID, action: 'go' },
  'process.get.v1': { id: ID },
  'process.list.v1': {},
  'process.rebuild.v1': { process: ID },
  'process.events.v1': { process: ID },
  'process.verify.v1': { process: ID },
  // No principal opens this one, only what the engine signed: to everybody else it is closed.
  'notification.reply.v1': { capability: 'made.up.right', response: {} },
  'process.retry.v1': { process: ID },
  'command.post.v1': { command: 'process.step', body: { process: ID, action: 'go' } },
  'command.get.v1': { id: ID },
  'process.migrate.v1': { selection: { scenario: ID }, to: ID },
  'migration.list.v1': {},
  'migration.get.v1': { id: ID },
  'migration.processes.v1': { id: ID },
  'incident.list.v1': {},
  'incident.retry-many.v1': {},
  'incident.retry.v1': { id: ID },
  'apikey.issue.v1': { name: 'new' },
  'apikey.list.v1': {},
  'apikey.revoke.v1': { id: 'f'.repeat(24) },
  'service.list.v1': {},
  'service.get.v1': { name: 'mail' },
  'service.put.v1': { name: 'mail', config: { provider: 'webhook', url: 'https://example.com/' } },
  'service.delete.v1': { name: 'mail' },
  'service.unknown.v1': { names: ['mail'] },
  'delivery.list.v1': {},
  'delivery.get.v1': { id: ID },
  'delivery.retry.v1': { id: ID },
  'delivery.retry-many.v1': {},
  'webhook.create.v1': { url: 'https://example.com/', events: ['*'] },
  'webhook.list.v1': {},
  'webhook.get.v1': { id: ID },
  'webhook.update.v1': { id: ID, enabled: false },
  'webhook.rotate-secret.v1': { id: ID },
  'webhook.delete.v1': { id: ID },
  'webhook.ping.v1': { id: ID },
};

/** Every message of the contracts that is not for everybody. */
export const GUARDED: readonly RequestContract[] = Object.values(contracts as Record<string, unknown>)
  .filter(isRequest)
  .filter(({ type }) => !PUBLIC.has(type));

function isRequest(value: unknown): value is RequestContract {
  return typeof value === 'object' && value !== null && 'type' in value && 'service' in value && 'answer' in value;
}
