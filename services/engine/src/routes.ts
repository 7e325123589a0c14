import type { Delivery } from '@handover/bus';
import {
  HandoverError,
  deleteSchema,
  disableScenario,
  findDefinition,
  getCommand,
  getMigration,
  getProcess,
  getScenario,
  getSchema,
  listEvents,
  listIncidents,
  listMigrationProcesses,
  listMigrations,
  listProcesses,
  listScenarios,
  listSchemas,
  listSharedSchemas,
  putSchema,
  postCommand,
  replyToNotification,
  rebuildProcess,
  retryIncident,
  retryIncidents,
  retryNotifications,
  startMigration,
  startProcess,
  stepProcess,
  storeScenario,
  verifyProcess,
  type Principal,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { route, type Callers, type Logger, type RequestRoute } from '@handover/runtime';
import type { NormalizedScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { guarded, guardedForTenant, knownTo } from './authorisation.js';
import { post } from './commands/post-command.js';
import { readStatus } from './commands/read-command-status.js';
import type { EngineSchema } from './database.js';
import { fingerprintOf } from './idempotency/fingerprint.js';
import type { Idempotency } from './idempotency/idempotency.repository.js';
import { openIncidents, retry } from './incidents/retry-incident.js';
import { retryMany } from './incidents/retry-incidents.js';
import { begin as beginMigration } from './process-migrations/begin-migration.js';
import { latestMigrations } from './process-migrations/migration.repository.js';
import type { Migrator } from './process-migrations/migrator.js';
import { readMigration, readMigrationProcesses } from './process-migrations/read-migration.js';
import { list } from './lists/list-processes.js';
import { requireMayKeep } from './privileged-roles.js';
import { applyReply } from './notifications/apply-reply.js';
import type { Capabilities } from './notifications/capability.js';
import { retryServices } from './notifications/retry-notifications.js';
import { rebuild } from './processes/rebuild-process.js';
import { readEvents, readVerification } from './processes/read-history.js';
import { read } from './processes/read-process.js';
import { start } from './processes/start-process.js';
import { performStep } from './processes/step-process.js';
import type { TimeoutPorts } from './processes/time-out-process.js';
import type { Cause, WritePath } from './processes/write-path.js';
import { disable } from './scenarios/disable-scenario.js';
import type { ScenarioStore } from './scenarios/scenario-store.js';
import { definition } from './scenarios/find-definition.js';
import { findReferred, listSummaries } from './scenarios/scenario.repository.js';
import * as schemas from './schemas/schemas.js';
import type { RemoteSchemas } from './schemas/remote-schemas.js';
import type { SharedSchemas } from './schemas/shared-schemas.js';
import { store } from './scenarios/store-scenario.js';
import type { WarnOfServices } from './scenarios/unknown-services.js';

/** The parts of the engine that requests are answered with. */
export interface Parts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
  readonly timeouts: TimeoutPorts;
  readonly capabilities: Capabilities;
  /** Called after a commit that left something in the outbox. */
  readonly announced: () => void;
  /** Scenarios are neither stored nor disabled. */
  readonly isReadOnly: boolean;
  /** Schemas that every tenant has. */
  readonly shared: SharedSchemas;
  readonly warnOfServices: WarnOfServices;
  /** Absent: no schema is fetched from elsewhere. */
  readonly remote?: RemoteSchemas | undefined;
  readonly migrator: Migrator;
  /** Called after a commit that left a command to be carried out. */
  readonly posted: () => void;
  readonly log: Logger;
}

/** What the engine answers, and the privilege each question needs; null where the process at hand decides. */
export function routes(callers: Callers, parts: Parts): RequestRoute[] {
  return [
    ...scenarioRoutes(callers, parts),
    ...schemaRoutes(callers, parts),
    ...processRoutes(callers, parts),
    ...incidentRoutes(callers, parts),
    ...notificationRoutes(callers, parts),
    ...migrationRoutes(callers, parts),
    ...commandRoutes(callers, parts),
  ];
}

function requireWritable({ isReadOnly }: Parts): void {
  if (isReadOnly) throw new HandoverError('read_only', 'Read-only mode');
}

function scenarioRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  const { db, announced } = parts;
  const notFound = () => new HandoverError('scenario_not_found', 'Scenario not found');
  return [
    guardedForTenant(callers, storeScenario, null, async (body, principal, { headers }) => {
      const requireAllowed = (scenario: NormalizedScenario): void => {
        requireMayKeep(principal, scenario);
        requireWritable(parts);
      };
      const { id, warnings, scenario } = await store(db, principal, body, requireAllowed, parts);
      announced();
      return { id, warnings: [...warnings, ...(await parts.warnOfServices(scenario, headers))] };
    }),
    guarded(callers, listScenarios, 'scenario:read', async (filter, principal) => {
      return withTenant(db, principal.tenant, (tx) => listSummaries(tx, { ...filter, ids: knownTo(principal) }));
    }),
    guarded(callers, getScenario, 'scenario:read', async ({ id }, principal) => {
      const found = await withTenant(db, principal.tenant, (tx) => findReferred(tx, id, knownTo(principal)));
      if (!found) throw notFound();
      return found;
    }),
    guarded(callers, findDefinition, null, (body, principal) => definition(db, body, principal)),
    guarded(callers, disableScenario, null, async ({ id }, principal) => {
      await disable(db, principal, id, () => {
        requireWritable(parts);
      });
      announced();
      return {};
    }),
  ];
}

function schemaRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  const { db, shared } = parts;
  return [
    // Of no tenant's: `/info` shows them to anybody.
    route(listSharedSchemas, async () => ({ ids: [...shared.keys()].sort() })),
    guarded(callers, listSchemas, 'scenario:read', async (_, { tenant }) => ({
      schemas: await schemas.listOf(db, tenant, shared),
    })),
    guarded(callers, getSchema, 'scenario:read', ({ id }, { tenant }) => schemas.read(db, tenant, shared, id)),
    guardedForTenant(callers, putSchema, 'scenario:write', async (body, { tenant }) => {
      requireWritable(parts);
      return schemas.keep(db, tenant, shared, body);
    }),
    guardedForTenant(callers, deleteSchema, 'scenario:write', async ({ id }, { tenant }) => {
      requireWritable(parts);
      await schemas.forget(db, tenant, shared, id);
      return {};
    }),
  ];
}

function processRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  return [
    guarded(callers, startProcess, null, (body, principal, delivery) =>
      start(parts, body, principal, causeOf(delivery, principal)),
    ),
    guarded(callers, stepProcess, null, async (body, principal, delivery) => {
      const stepped = await performStep(parts.writes, body, principal, causeOf(delivery, principal));
      const { process: id, representation, predict } = body;
      return representation || predict ? read(parts, { id, predict }, principal) : stepped;
    }),
    guarded(callers, getProcess, null, (body, principal) => read(parts, body, principal)),
    guarded(callers, listProcesses, null, (body, principal) => list(parts, body, principal)),
    guardedForTenant(callers, rebuildProcess, 'process:super', ({ process }, { tenant }) =>
      rebuild(parts, tenant, process),
    ),
    guarded(callers, listEvents, null, (body, principal) => readEvents(parts, body, principal)),
    guarded(callers, verifyProcess, null, (body, principal) => readVerification(parts, body, principal)),
  ];
}

function incidentRoutes(callers: Callers, { db, timeouts }: Parts): RequestRoute[] {
  return [
    guardedForTenant(callers, listIncidents, 'process:super', (body, { tenant }) => openIncidents(db, tenant, body)),
    guardedForTenant(callers, retryIncidents, 'process:super', (body, { tenant }) => retryMany(timeouts, tenant, body)),
    guardedForTenant(callers, retryIncident, 'process:super', ({ id }, { tenant }) => retry(timeouts, tenant, id)),
  ];
}

function notificationRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  return [
    // No principal: the capability that the engine itself signed is all the right there is.
    route(replyToNotification, (body, { headers }) =>
      applyReply({ ...parts.timeouts, capabilities: parts.capabilities }, body, headers.traceparent),
    ),
    guardedForTenant(callers, retryNotifications, 'process:super', (body, principal, delivery) =>
      retryServices(parts, principal.tenant, body, idempotencyOf(delivery, principal)),
    ),
  ];
}

function migrationRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  const { db } = parts;
  return [
    guardedForTenant(callers, startMigration, 'process:super', (body, principal, delivery) =>
      beginMigration(parts, body, principal, idempotencyOf(delivery, principal)),
    ),
    guardedForTenant(callers, listMigrations, 'process:super', async (_, { tenant }) => ({
      migrations: await withTenant(db, tenant, (tx) => latestMigrations(tx)),
    })),
    guardedForTenant(callers, getMigration, 'process:super', ({ id }, { tenant }) => readMigration(db, tenant, id)),
    guardedForTenant(callers, listMigrationProcesses, 'process:super', (body, { tenant }) =>
      readMigrationProcesses(db, tenant, body),
    ),
  ];
}

function commandRoutes(callers: Callers, { db, posted }: Parts): RequestRoute[] {
  return [
    guarded(callers, postCommand, null, async (body, principal, delivery) => {
      const accepted = await post(db, body, principal, delivery.headers);
      posted();
      return accepted;
    }),
    guarded(callers, getCommand, null, ({ id }, principal) => readStatus(db, principal, id)),
  ];
}

const causeOf = (delivery: Delivery, principal: Principal): Cause => ({
  traceparent: delivery.headers.traceparent,
  idempotency: idempotencyOf(delivery, principal),
});

/** The caller's key, and what tells this command from another: who asks for what. */
function idempotencyOf({ headers, type, body }: Delivery, { id }: Principal): Idempotency | undefined {
  const key = headers.idempotencyKey;
  if (key === undefined) return undefined;
  return { key, fingerprint: fingerprintOf(type, id, body) };
}
