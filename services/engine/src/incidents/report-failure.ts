import { withTenant } from '@handover/database';
import type { Process } from '@handover/process';
import type { Logger, Metrics } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { EngineSchema, HeldReply } from '../database.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { announceIncident } from '../processes/announce.js';
import { openIncident, type Failure } from './incident.repository.js';

export interface IncidentPorts {
  readonly db: Kysely<EngineSchema>;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** Called after a commit that left an announcement in the outbox. */
  readonly announced: () => void;
}

/**
 * Opens an incident on a process for what failed with nobody waiting, and announces it (decision 6); not if it moved on meanwhile, or
 * has one already.
 * @param process as it was when it failed
 * @param reply to be tried again with the incident
 */
export async function reportFailure(
  { db, log, metrics, announced }: IncidentPorts,
  tenant: string,
  process: Process,
  failure: Failure,
  reply?: HeldReply,
): Promise<void> {
  const opened = await withTenant(db, tenant, async (tx) => {
    const incident = await openIncident(tx, tenant, { id: process.id, etag: process.head.hash }, failure, reply);
    if (incident !== undefined) {
      await appendToOutbox(tx, [announceIncident(tenant, process, incident, failure.message)]);
    }
    return incident;
  });
  if (opened === undefined) return;
  metrics?.count('handover_incidents_opened_total', {});
  log.warn({ tenant, processId: process.id, incident: opened, ...failure }, 'an incident was opened');
  announced();
}
