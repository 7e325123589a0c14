import {
  HandoverError,
  getProcess,
  holds,
  listProcesses,
  stepProcess,
  type AnswerOf,
  type FieldError,
  type Principal,
  type ProcessInstance,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { GatewaySchema } from '../../database.js';
import { startOf, type Ask } from '../built-in.js';
import { findAsset, followEvent } from './asset.repository.js';
import { INSTANCE_TAG, compileDefinition, needsValue } from './definition.js';
import { definitionsOf, findDefinition, withDefinitions, type StoredDefinition } from './definition.repository.js';
import { INSTANCE_FIELDS, assetTag, definitionTag, instanceOf, originOf } from './instance.js';
import { stepDataFaults } from './step-data.js';

/** On whose behalf instances are read and moved. */
export interface InstanceDesk {
  readonly db: Kysely<GatewaySchema>;
  readonly ask: Ask;
  readonly principal: Principal;
  /** The request's key: whether it was carried out already only the engine knows. */
  readonly idempotencyKey?: string | undefined;
}

interface InHand {
  readonly instance: ProcessInstance;
  readonly stored: StoredDefinition;
  readonly etag: string;
}

const notFound = (what: string): HandoverError => new HandoverError('not_found', `${what} not found`);
const conflict = (words: string): HandoverError => new HandoverError('state_conflict', words);

/**
 * Starts an instance, unless one of the same definition is in progress on the asset. The asset's row is locked meanwhile, so of
 * two starts at once, at whichever gateways, one finds the other's.
 * @throws HandoverError `not_found`, `state_conflict`
 */
export async function startInstance(
  desk: InstanceDesk,
  definitionId: string,
  assetId: string,
): Promise<ProcessInstance> {
  const { db, ask, principal, idempotencyKey } = desk;
  return withDefinitions(db, principal.tenant, async (tx) => {
    const stored = await findDefinition(tx, definitionId);
    if (!stored) throw notFound('Process');
    const asset = await findAsset(tx, assetId, true);
    if (!asset) throw notFound('Asset');
    const tags = [assetTag(asset.id), definitionTag(stored.definition.id)];
    const mark = idempotencyKey === undefined ? [] : [`start:${idempotencyKey.slice(0, 190)}`];
    const repeated = mark.length > 0 ? await listed(desk, { tags: [...tags, ...mark] }) : undefined;
    const [before] = repeated?.processes ?? [];
    if (before) return (await findInstance(desk, before.id)).instance;
    const running = await listed(desk, { tags, running: true });
    if (running.processes.length > 0) {
      throw conflict(`'${stored.definition.name}' is in progress on ${asset.asset_tag} already`);
    }
    const { id, name, asset_tag: tag } = asset;
    const started = await startOf(compileDefinition({ ...stored.definition, steps: stored.steps }), ask, {
      vars: { asset: { id, name, tag }, started_by: nameOf(principal) },
      tags: [...tags, ...mark],
    });
    const { startedAt } = originOf(started.process);
    const { trigger_status: status } = stored.definition;
    if (status !== null) await followEvent(tx, id, status, startedAt);
    const instance = instanceOf(started.process, stored, startedAt);
    if (!instance) throw new Error('what was started is no instance');
    return instance;
  });
}

const nameOf = ({ id, info }: Principal): string =>
  typeof info.name === 'string' && info.name !== '' ? info.name : id;

function listed({ ask, principal }: InstanceDesk, filter: { tags: string[]; running?: boolean }) {
  return ask(listProcesses, {
    ...filter,
    tags: [INSTANCE_TAG, ...filter.tags],
    all: holds(principal, 'process:super'),
    sort: ['-created'],
    limit: 1,
    total: false,
    documents: false,
  });
}

/** @throws HandoverError `not_found` when there is no such instance for the caller */
export async function findInstance({ db, ask, principal }: InstanceDesk, id: string): Promise<InHand> {
  const found = await ask(getProcess, { id, fields: [...INSTANCE_FIELDS] }).catch((error: unknown) => {
    const isHidden = error instanceof HandoverError && ['forbidden', 'process_not_found'].includes(error.code);
    throw isHidden ? notFound('Process instance') : error;
  });
  const { scenario, startedAt } = originOf(found.process);
  const known = await withTenant(db, principal.tenant, (tx) => definitionsOf(tx, [scenario]));
  const stored = known.get(scenario);
  const instance = stored && instanceOf(found.process, stored, startedAt);
  if (!stored || !instance) throw notFound('Process instance');
  return { instance, stored, etag: found.etag };
}

export interface InstanceFilter {
  readonly status?: ProcessInstance['status'] | undefined;
  readonly asset_id?: string | undefined;
  readonly process_id?: string | undefined;
}

const STATUS_FILTERS = {
  in_progress: { running: true },
  completed: { state: '(completed)' },
  cancelled: { state: '(cancelled)' },
} as const;

/** A page of instances, the newest first. */
export async function listInstances(
  { db, ask, principal }: InstanceDesk,
  { status, asset_id: asset, process_id: definition }: InstanceFilter,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<{ total: number; instances: ProcessInstance[] }> {
  const found: AnswerOf<typeof listProcesses> = await ask(listProcesses, {
    tags: [
      INSTANCE_TAG,
      ...(asset === undefined ? [] : [assetTag(asset)]),
      ...(definition === undefined ? [] : [definitionTag(definition)]),
    ],
    ...(status !== undefined && STATUS_FILTERS[status]),
    all: holds(principal, 'process:super'),
    sort: ['-created'],
    limit,
    page,
    total: true,
    documents: true,
  });
  const scenarios = [...new Set(found.processes.map(({ scenario }) => scenario.id))];
  const known = await withTenant(db, principal.tenant, (tx) => definitionsOf(tx, scenarios));
  const instances = found.processes.flatMap(({ scenario, created }, index) => {
    const stored = known.get(scenario.id);
    const document = found.documents?.[index];
    return (stored && document && instanceOf(document.process, stored, created)) ?? [];
  });
  return { total: found.total ?? instances.length, instances };
}

/**
 * Takes over values and moves on by one step, from the version the instance is read in: of two at once one wins.
 * @throws HandoverError `not_found`, `invalid_request` naming every wrong value, `state_conflict`
 */
export async function advanceInstance(
  desk: InstanceDesk,
  id: string,
  stepData: Readonly<Record<string, unknown>>,
): Promise<ProcessInstance> {
  const inHand = await findInstance(desk, id);
  const { instance, stored } = inHand;
  const faults = stepDataFaults(stored.steps, stepData);
  if (faults.length > 0) throw invalid(faults);
  const requirePossible = (): void => {
    requireInProgress(instance);
    const step = stored.steps[instance.current_step];
    if (step && needsValue(step) && !(step.key in instance.step_data) && !(step.key in stepData)) {
      throw invalid([{ pointer: `/step_data/${step.key}`, detail: 'is needed to go on', in: 'body' }]);
    }
  };
  const advanced = await move(desk, inHand, { action: 'advance', response: { step_data: stepData }, requirePossible });
  const { target_status: status } = stored.definition;
  if (advanced.status === 'completed' && advanced.completed_at !== null && status !== null) {
    const { asset_id: asset, completed_at: at } = advanced;
    await withTenant(desk.db, desk.principal.tenant, (tx) => followEvent(tx, asset, status, at));
  }
  return advanced;
}

/** @throws HandoverError `not_found`, `state_conflict` */
export async function cancelInstance(desk: InstanceDesk, id: string): Promise<ProcessInstance> {
  const inHand = await findInstance(desk, id);
  return move(desk, inHand, { action: 'cancel', requirePossible: () => requireInProgress(inHand.instance) });
}

interface Move {
  readonly action: string;
  readonly response?: unknown;
  /** @throws HandoverError saying why the instance, as it was read, cannot be moved so */
  readonly requirePossible: () => void;
}

/** With a key only the engine knows whether it was carried out already: it is asked first, and why not is found out afterwards. */
async function move(
  { ask, idempotencyKey }: InstanceDesk,
  { instance, stored, etag }: InHand,
  { action, response, requirePossible }: Move,
): Promise<ProcessInstance> {
  if (idempotencyKey === undefined) requirePossible();
  const step = { process: instance.id, action, ifMatch: etag, representation: true };
  try {
    const { process } = await ask(stepProcess, { ...step, ...(response !== undefined && { response }) });
    const moved = process && instanceOf(process, stored, instance.started_at);
    if (!moved) throw new Error('an instance is no instance any more');
    return moved;
  } catch (error) {
    if (!(error instanceof HandoverError)) throw error;
    if (error.code === 'precondition_failed') throw conflict('The process was moved on at the same time');
    if (error.code === 'step_refused') requirePossible();
    if (error.code === 'step_refused') throw conflict(error.reasons?.join('; ') ?? error.message);
    throw error;
  }
}

function requireInProgress({ status }: ProcessInstance): void {
  if (status !== 'in_progress') throw conflict(`The process is ${status}`);
}

const invalid = (errors: readonly FieldError[]): HandoverError =>
  new HandoverError('invalid_request', 'The step data is not valid', { errors });
