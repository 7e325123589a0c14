import { HandoverError, type AnswerOf, type BodyOf, type retryNotifications } from '@handover/contracts';
import { isUniqueViolation, withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import { IDEMPOTENCY_KEY, findAnswer, keepAnswer, type Idempotency } from '../idempotency/idempotency.repository.js';
import { recall } from '../idempotency/outcome.js';
import { isUuid } from '../id.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { notFound } from '../processes/refusal.js';
import { loadProcess } from '../processes/stored-process.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { everyNotification } from './notification.js';

type Answer = AnswerOf<typeof retryNotifications>;

export interface RetryPorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  /** Called after a commit that left something in the outbox. */
  readonly announced: () => void;
}

/**
 * Tells the services of the current state again (engine-service §8.3); under the same idempotency key once.
 * @throws HandoverError `process_not_found`, `version_conflict`, `idempotency_mismatch`, `idempotency_in_flight`
 */
export async function retryServices(
  ports: RetryPorts,
  tenant: string,
  body: BodyOf<typeof retryNotifications>,
  idempotency?: Idempotency,
): Promise<Answer> {
  try {
    return await retryOnce(ports, tenant, body, idempotency);
  } catch (error) {
    if (!isUniqueViolation(error, IDEMPOTENCY_KEY)) throw error;
    throw new HandoverError('idempotency_in_flight', 'The same command is being carried out', { retryAfter: 1 });
  }
}

async function retryOnce(
  { db, scenarios, announced }: RetryPorts,
  tenant: string,
  { process: id, services }: BodyOf<typeof retryNotifications>,
  idempotency: Idempotency | undefined,
): Promise<Answer> {
  if (!isUuid(id)) throw notFound();
  const { known, process } = await withTenant(db, tenant, async (tx) => ({
    known: idempotency && (await findAnswer(tx, idempotency)),
    process: await loadProcess(tx, scenarios, tenant, id, false),
  }));
  if (known) return recall(known) as Answer;
  if (!process) throw notFound();
  const all = everyNotification(tenant, process, randomUUID());
  const wanted = services && new Set(services);
  const told = wanted ? all.filter(({ service }) => wanted.has(service)) : all;
  const notified = told.map(({ service, id: delivery }) => ({ service, delivery }));
  const names = new Set(told.map(({ service }) => service));
  const reason = `State '${process.current.key}' does not notify this service`;
  const skipped = (services ?? []).filter((name) => !names.has(name)).map((service) => ({ service, reason }));
  await withTenant(db, tenant, async (tx) => {
    // Nobody may be told of a state that was left meanwhile.
    const unchanged = await tx
      .selectFrom('processes')
      .select('id')
      .where('id', '=', id)
      .where('etag', '=', process.head.hash)
      .forShare()
      .executeTakeFirst();
    if (!unchanged) throw new HandoverError('version_conflict', 'The process was changed at the same time');
    await appendToOutbox(tx, [], told);
    if (idempotency)
      await keepAnswer(tx, tenant, { ...idempotency, outcome: { status: 'ok', body: { notified, skipped } } });
  });
  if (told.length > 0) announced();
  return { notified, skipped };
}
