import {
  HandoverError,
  TERMINAL_STATUSES,
  getProcess,
  holds,
  listProcesses,
  stepProcess,
  type Principal,
  type RecordStatus,
  type WorkflowRecord,
} from '@handover/contracts';
import type { Ask } from '../built-in.js';
import { RECORD_FIELDS, agentOf, recordOf, type RecordInHand } from './record.js';
import { stateOf, WORKFLOW_RECORD } from './scenario.js';

/** On whose behalf records are read and moved, and which of them there are for them. */
export interface Desk {
  readonly ask: Ask;
  readonly principal: Principal;
  /** Only the records of this agent instance. */
  readonly instance?: string | undefined;
}

interface Version extends RecordInHand {
  readonly etag: string;
}

const notFound = (): HandoverError => new HandoverError('process_not_found', 'Workflow not found');

/** @throws HandoverError `process_not_found` when there is no such record for the caller */
export async function findRecord({ ask, principal, instance }: Desk, id: string): Promise<Version> {
  const found = await ask(getProcess, { id, fields: [...RECORD_FIELDS] }).catch((error: unknown) => {
    // Somebody else's record, another process, or nothing at all: said in the same words.
    const isHidden = error instanceof HandoverError && ['forbidden', 'process_not_found'].includes(error.code);
    throw isHidden ? notFound() : error;
  });
  const inHand = recordOf(found.process, principal.tenant);
  if (!inHand || (instance !== undefined && inHand.record.instance_id !== instance)) throw notFound();
  return { ...inHand, etag: found.etag };
}

export interface RecordFilter {
  readonly customer_id?: string | undefined;
  readonly workflow_type?: string | undefined;
  readonly status?: RecordStatus | undefined;
  readonly reference?: string | undefined;
}

/** A page of records, the newest first, each with its history. */
export async function listRecords(
  { ask, principal, instance }: Desk,
  { customer_id: customer, workflow_type: type, status, reference }: RecordFilter,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<{ total: number; records: RecordInHand[] }> {
  const tags = [
    ...(instance === undefined ? [] : [agentOf(instance)]),
    ...(customer === undefined ? [] : [`customer:${customer}`]),
    ...(type === undefined ? [] : [`type:${type}`]),
    ...(reference === undefined ? [] : [`reference:${reference}`]),
  ];
  const listed = await ask(listProcesses, {
    scenario: WORKFLOW_RECORD.id,
    tags: ['workflow-record', ...tags],
    ...(status !== undefined && { state: stateOf(status) }),
    all: holds(principal, 'process:super'),
    sort: ['-created'],
    limit,
    page,
    total: true,
    documents: false,
  });
  // A list does not read the past; a record's history is its process's log.
  const documents = await Promise.all(
    listed.processes.map(({ id }) => ask(getProcess, { id, fields: [...RECORD_FIELDS] })),
  );
  const records = documents.flatMap(({ process }) => recordOf(process, principal.tenant) ?? []);
  return { total: listed.total ?? records.length, records };
}

/** What is done to a record. */
export interface Move {
  readonly action: 'advance' | 'suspend' | 'resume' | 'abort';
  readonly response?: unknown;
}

/**
 * Moves a record on from the version it is read in: of two who do so at the same time one wins.
 * @param repeatable the request carries an idempotency key: whether it was carried out already only the engine knows
 * @throws HandoverError `process_not_found`, `state_conflict`, `precondition_failed`
 */
export async function moveRecord(
  desk: Desk,
  id: string,
  { action, response }: Move,
  repeatable: boolean,
): Promise<WorkflowRecord> {
  const { record, etag } = await findRecord(desk, id);
  if (!repeatable) requirePossible(record.status, action);
  try {
    const step = {
      process: id,
      action,
      ifMatch: etag,
      representation: true,
      ...(response !== undefined && { response }),
    };
    const { process = {} } = await desk.ask(stepProcess, step);
    const moved = recordOf(process, desk.principal.tenant);
    if (!moved) throw new Error('a record is no record any more');
    return moved.record;
  } catch (error) {
    if (error instanceof HandoverError && error.code === 'step_refused') requirePossible(record.status, action);
    throw asConflict(error);
  }
}

function requirePossible(status: RecordStatus, action: Move['action']): void {
  const isOver = TERMINAL_STATUSES.some((terminal) => terminal === status);
  const isPossible = !isOver && (action === 'abort' || (action === 'resume') === (status === 'suspended'));
  if (!isPossible) throw new HandoverError('state_conflict', `The workflow is ${status}: it cannot be ${DONE[action]}`);
}

const DONE = { advance: 'advanced', suspend: 'suspended', resume: 'resumed', abort: 'aborted' } as const;

function asConflict(error: unknown): unknown {
  if (!(error instanceof HandoverError)) return error;
  if (error.code === 'precondition_failed') {
    return new HandoverError('state_conflict', 'The workflow was changed at the same time');
  }
  if (error.code === 'step_refused') {
    return new HandoverError('state_conflict', error.reasons?.join('; ') ?? error.message);
  }
  return error;
}
