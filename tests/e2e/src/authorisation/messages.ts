import * as contracts from '@handover/contracts';
import type { RequestContract } from '@handover/contracts';

/** What the services answer without asking who wants to know: nothing of it is a tenant's. */
const PUBLIC = new Set([
  contracts.exchangeToken.type,
  contracts.getSigningKeys.type,
  contracts.listRevocations.type,
  contracts.listDemoAccounts.type,
]);

const ID = '00000000-0000-4000-8000-000000000000';

/** A well-formed body of every message that only known callers may send. A message without one fails the test. */
export const BODIES: Readonly<Record<string, unknown>> = {
  'scenario.store.v1': { source: '{}', format: 'json' },
  'scenario.list.v1': {},
  'scenario.get.v1': { id: ID },
  'scenario.disable.v1': { id: ID },
  'process.start.v1': { scenario: ID },
  'process.step.v1': { process: ID, action: 'go' },
  'process.get.v1': { id: ID },
  'process.events.v1': { process: ID },
  'process.verify.v1': { process: ID },
  'incident.list.v1': {},
  'incident.retry.v1': { id: ID },
  'apikey.issue.v1': { name: 'new' },
  'apikey.list.v1': {},
  'apikey.revoke.v1': { id: 'f'.repeat(24) },
  'webhook.create.v1': { url: 'https://example.com/', events: ['*'] },
  'webhook.list.v1': {},
  'webhook.delete.v1': { id: ID },
};

/** Every message of the contracts that is not for everybody. */
export const GUARDED: readonly RequestContract[] = Object.values(contracts as Record<string, unknown>)
  .filter(isRequest)
  .filter(({ type }) => !PUBLIC.has(type));

function isRequest(value: unknown): value is RequestContract {
  return typeof value === 'object' && value !== null && 'type' in value && 'service' in value && 'answer' in value;
}
