import { ENGINE_SERVICE, HandoverError } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { instantiate, isActionEvent, step, triggerFor, type Process } from '@handover/process';
import type { Logger, Metrics } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { openIncident } from '../incidents/incident.repository.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { announceIncident, announceRaised } from '../processes/announce.js';
import { explained, notFound, requireAccepted } from '../processes/refusal.js';
import { requireSeparation } from '../processes/separation.js';
import { loadProcess, type ProcessInHand } from '../processes/stored-process.js';
import type { Decision } from '../processes/decide-batch.js';
import type { WritePath } from '../processes/write-path.js';
import { loadArchived } from '../retention/archive.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { findScenario } from '../scenarios/scenario.repository.js';
import {
  awaitChild,
  countAction,
  parentTag,
  placeOf,
  removeAction,
  setAside,
  type EngineAction,
} from './engine-action.repository.js';
import { parseMessage, type EngineMessage } from './message.js';

export interface ActionPorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** Called after a commit that left something in the outbox. */
  readonly announced: () => void;
  /** Of what follows; W3C. */
  readonly traceparent?: string | undefined;
  readonly limits: {
    /** Most processes that may have started each other, one the other. */
    readonly depth: number;
    /** Most actions of the engine within an hour, for one process and all that it started. */
    readonly perRoot: number;
  };
}

const ACTOR = { key: `service:${ENGINE_SERVICE}` };

/**
 * Does what a state asked of the engine, or gives the result of the sub-process back to the process that waits for it. Done
 * again after a crash it comes to the same. What cannot be done becomes an incident of the process that asked.
 * @throws HandoverError `unavailable`, `version_conflict` when it has to be tried again later
 */
export async function performAction(ports: ActionPorts, action: EngineAction): Promise<void> {
  try {
    await (action.started ? giveBack(ports, action) : begin(ports, action));
  } catch (error) {
    if (!(error instanceof HandoverError) || error.retry !== 'never') throw error;
    await report(ports, action, error);
  }
}

async function begin(ports: ActionPorts, action: EngineAction): Promise<void> {
  const { db, scenarios } = ports;
  const { tenant, id } = action;
  const parent = await withTenant(db, tenant, (tx) => loadProcess(tx, scenarios, tenant, action.process, false));
  if (!parent || (action.delayed && !isSameEntry(parent, action))) {
    await withTenant(db, tenant, (tx) => removeAction(tx, id));
    return;
  }
  const message = parseMessage(action.message);
  if (typeof message === 'string') throw refused(message);
  await requireWithinLimits(ports, action, 'start' in message);
  if ('start' in message) await startChild(ports, action, message.start);
  else if ('step' in message) await respond(ports, action, await stepOther(ports, action, message.step));
  else await raise(ports, action, parent, message.raise);
}

async function requireWithinLimits({ db, limits }: ActionPorts, action: EngineAction, isStart: boolean): Promise<void> {
  await withTenant(db, action.tenant, async (tx) => {
    const { root, depth } = await placeOf(tx, action.process);
    if (isStart && depth >= limits.depth) throw refused(`More than ${limits.depth} processes have started each other`);
    const count = await countAction(tx, action, root, depth + 1);
    if (count > limits.perRoot)
      throw refused(`More than ${limits.perRoot} actions of the engine within an hour for process ${root}`);
  });
}

type Start = Extract<EngineMessage, { start: unknown }>['start'];

async function startChild(ports: ActionPorts, action: EngineAction, start: Start): Promise<void> {
  const { db, scenarios, writes, traceparent } = ports;
  const { tenant, child } = action;
  const scenario = await withTenant(db, tenant, async (tx) => {
    const found = await findScenario(tx, start.scenario);
    if (!found) throw new HandoverError('unknown_scenario', `Scenario ${start.scenario} not found`);
    if (found.disabled) throw new HandoverError('scenario_disabled', `Scenario ${start.scenario} is disabled`);
    return scenarios.compiled(tx, tenant, found.id);
  });
  const { actors = {}, vars = {}, tags = [] } = start;
  await writes.submit(tenant, {
    process: child,
    traceparent,
    decide: (inHand) => {
      if (inHand) return { changes: [], answer: () => undefined };
      const request = { id: child, now: new Date().toISOString(), actors, vars };
      const change = explained(() => instantiate(scenario, { ...request, tags: [...tags, parentTag(action.process)] }));
      return { changes: [change], answer: () => undefined };
    },
  });
  await withTenant(db, tenant, (tx) => awaitChild(tx, action));
}

type Step = Extract<EngineMessage, { step: unknown }>['step'];

async function stepOther(
  { writes, traceparent }: ActionPorts,
  { tenant, id }: EngineAction,
  { process, action, response }: Step,
) {
  const given = response === undefined ? {} : { response };
  return writes.submit(tenant, {
    process,
    traceparent,
    idempotency: { key: `engine:${id}`, fingerprint: id },
    decide: (inHand) => {
      if (!inHand) throw notFound();
      requireSeparation(inHand.process, action, ACTOR);
      const now = new Date().toISOString();
      const change = explained(() => step(inHand.process, { action, actor: ACTOR, now, ...given }));
      return {
        changes: [change],
        answer: () => {
          requireAccepted(change.event);
          return { process, state: change.process.current.key, etag: change.process.head.hash };
        },
      };
    },
  });
}

async function raise(
  ports: ActionPorts,
  action: EngineAction,
  parent: Process,
  { name, data }: Extract<EngineMessage, { raise: unknown }>['raise'],
): Promise<void> {
  const event = announceRaised(action.tenant, parent, action.id, action.entered, { name, data: data ?? null });
  await withTenant(ports.db, action.tenant, async (tx) => {
    const locked = await tx.selectFrom('engine_actions').select('id').where('id', '=', action.id).forUpdate().execute();
    if (locked.length === 0) return;
    await appendToOutbox(tx, [event]);
    // It stays until the process was told; a second time finds that it was raised.
    await tx.updateTable('engine_actions').set({ started: true }).where('id', '=', action.id).execute();
  });
  ports.announced();
  await respond(ports, action, { event: event.id });
}

/** A sub-process has ended: its result is the response. */
async function giveBack(ports: ActionPorts, action: EngineAction): Promise<void> {
  const { tenant, child } = action;
  const message = parseMessage(action.message);
  if (typeof message !== 'string' && 'raise' in message) {
    await respond(ports, action, { event: `${action.id}:process.raised` });
    return;
  }
  const ended = await withTenant(
    ports.db,
    tenant,
    async (tx) =>
      (await loadProcess(tx, ports.scenarios, tenant, child, false)) ??
      (await loadArchived(tx, ports.scenarios, tenant, child)),
  );
  if (!ended) throw refused(`The process ${child} that was started is gone`);
  await respond(ports, action, ended.result ?? null);
}

/** Gives a response to the process that asked, if its state still is the one that did and its trigger names an action. */
async function respond(
  { db, writes, traceparent }: ActionPorts,
  action: EngineAction,
  response: unknown,
): Promise<void> {
  const { tenant, id, process } = action;
  await writes.submit(tenant, {
    process,
    traceparent,
    idempotency: { key: `engine:${id}:response`, fingerprint: id },
    decide: (inHand) => decideResponse(inHand, action, response),
  });
  await withTenant(db, tenant, (tx) => removeAction(tx, id));
}

function decideResponse(inHand: ProcessInHand | undefined, action: EngineAction, response: unknown): Decision<null> {
  const nothing: Decision<null> = { changes: [], answer: () => null };
  if (!inHand || !isSameEntry(inHand.process, action)) return nothing;
  const { process } = inHand;
  const name = explained(() => triggerFor(process, ENGINE_SERVICE, response));
  if (name === null) return nothing;
  requireSeparation(process, name, ACTOR);
  const now = new Date().toISOString();
  const change = explained(() => step(process, { action: name, actor: ACTOR, now, response }));
  return {
    changes: [change],
    answer: () => {
      if (isActionEvent(change.event)) requireAccepted(change.event);
      return null;
    },
  };
}

const isSameEntry = ({ current, isRunning }: Process, { state, entered }: EngineAction): boolean =>
  isRunning && current.key === state && current.timestamp === entered;

const refused = (reason: string): HandoverError =>
  new HandoverError('step_refused', 'The engine cannot do what the state asks', { reasons: [reason] });

async function report(ports: ActionPorts, action: EngineAction, error: HandoverError): Promise<void> {
  const { db, scenarios, log } = ports;
  const { tenant, id } = action;
  const failure = { code: error.code, message: [error.message, ...(error.reasons ?? [])].join('; ') };
  const incident = await withTenant(db, tenant, async (tx) => {
    await setAside(tx, id);
    const process = await loadProcess(tx, scenarios, tenant, action.process, false);
    const opened = process && (await openIncident(tx, tenant, { id: process.id, etag: process.head.hash }, failure));
    if (process && opened !== undefined) {
      await appendToOutbox(tx, [announceIncident(tenant, process, opened, failure.message)]);
    }
    return opened;
  });
  if (incident !== undefined) ports.metrics?.count('handover_incidents_opened_total', {});
  log.warn({ tenant, processId: action.process, incident, ...failure }, 'an action of the engine failed');
  ports.announced();
}
