import { HandoverError } from '@handover/contracts';
import {
  isConnectionFailure,
  isSerializationFailure,
  isUniqueViolation,
  tenantScope,
  withTenant,
  type Database,
  type Returned,
} from '@handover/database';
import { databaseIsAway, isTracing, traced, type Logger, type Metrics } from '@handover/runtime';
import { CompiledQuery, type Transaction } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineSchema } from '../database.js';
import { answersOf, keysOf, sortByKey } from '../idempotency/settle-by-key.js';
import { IDEMPOTENCY_KEY, findAnswers, keepAnswers, type Idempotency } from '../idempotency/idempotency.repository.js';
import type { Relay } from '../outbox/relay.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { decideBatch, give, type Decided, type Decision } from './decide-batch.js';
import { createGroupCommit, type Waiting } from './group-commit.js';
import type { ProcessCache } from './process-cache.js';
import { isVersionConflict } from './process.repository.js';
import { inMemory, readAhead, type KnownProcesses } from './known-processes.js';
import { loadProcesses, type ProcessInHand } from './stored-process.js';
import { writingOf, type ProcessToWrite } from './write-processes.js';

/** What a command comes from. */
export interface Cause {
  /** W3C trace context of what asked for it. */
  readonly traceparent?: string | undefined;
  /** Makes sure that the command is carried out once, however often it is sent. */
  readonly idempotency?: Idempotency | undefined;
}

/** A decision about one process. It may be asked for more than once: after a conflict, on the newer process. */
export interface ProcessCommand<Answer> extends Cause {
  readonly process: string;
  /** Its id was made for this command: there is no such process yet. */
  readonly isNew?: boolean;
  /** Nobody waits for it: it takes the time that commands leave, and always some. */
  readonly isPatient?: boolean;
  /**
   * Pure and quick: it runs inside the batch's transaction.
   * @param inHand undefined when there is no such process
   * @throws to refuse the command without writing anything
   */
  decide(inHand: ProcessInHand | undefined): Decision<Answer>;
}

export interface WritePath {
  /**
   * Resolves after the decision's changes are committed.
   * @throws HandoverError what the decision threw; `version_conflict` or `unavailable`, with nothing written
   */
  submit<Answer>(tenant: string, command: ProcessCommand<Answer>): Promise<Answer>;
  /** For readiness checks. @throws Error while so many commands wait that more are refused */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface WritePathPorts {
  readonly database: Pick<Database<EngineSchema>, 'db' | 'transact'>;
  readonly scenarios: ScenarioStore;
  readonly cache: ProcessCache;
  readonly relay: Pick<Relay, 'id' | 'lease' | 'carry' | 'wake'>;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** Most commands waiting; default 10,000. */
  readonly queue?: number;
  /** Told what was written of a tenant, and which times (ISO 8601) that waits for, after the commit. */
  readonly committed: (tenant: string, written: readonly ProcessToWrite[], dueTimes: readonly string[]) => void;
}

type Command = ProcessCommand<unknown>;
type Entry = Waiting<Command>;

/**
 * One batch of a tenant at a time: what comes in meanwhile shares the next. Two would overlap the disk of one with the
 * decisions of the other, but be half as large, and a transaction costs more than what it writes.
 */
const LIMITS = { batch: 200, queue: 10_000, sideBySide: 1 };
/** So small that what a batch of these keeps busy is soon free for commands. */
const PATIENT_LIMITS = { ...LIMITS, batch: 50 };
const MOST_ATTEMPTS = 10;

/** The only way into the tables of processes: decisions in, one transaction per batch. */
export function createWritePath(ports: WritePathPorts): WritePath {
  const claims = ({ process, idempotency }: Command): string[] =>
    idempotency ? [process, `key ${idempotency.key}`] : [process];
  const run = (tenant: string, batch: readonly Entry[]): Promise<readonly Entry[]> => {
    ports.metrics?.observe('handover_batch_commands', {}, batch.length);
    return isTracing() ? tracedBatch(ports, tenant, batch) : runBatch(ports, tenant, batch);
  };
  const { queue = LIMITS.queue } = ports;
  const groups = createGroupCommit<Command>({ run, claims, limits: { ...LIMITS, queue } });
  let taken = 0;
  // Beside the others, and where there are some with a break after each batch: at least half of the time is theirs.
  const patient = createGroupCommit<Command>({
    run: async (tenant, batch) => {
      const [before, began] = [taken, performance.now()];
      const again = await run(tenant, batch);
      if (taken > before || groups.waiting() > 0) await delay(performance.now() - began);
      return again;
    },
    claims,
    limits: PATIENT_LIMITS,
  });
  ports.metrics?.lookUp('handover_commands_waiting', () => groups.waiting());
  return {
    submit: <Answer>(tenant: string, command: ProcessCommand<Answer>) => {
      if (command.isPatient === true) return patient.submit(tenant, command) as Promise<Answer>;
      taken += 1;
      return groups.submit(tenant, command) as Promise<Answer>;
    },
    async ready() {
      if (groups.waiting() >= queue) throw new Error(`${queue} commands are waiting already`);
    },
    async stop() {
      await patient.stop();
      await groups.stop();
    },
  };
}

/** A batch has as many causes as commands: its span belongs to the trace of the first, and is linked to all. */
function tracedBatch(ports: WritePathPorts, tenant: string, batch: readonly Entry[]): Promise<readonly Entry[]> {
  const links = batch.flatMap(({ command }) => command.traceparent ?? []);
  const options = { parent: links[0], links, attributes: { 'handover.batch.commands': batch.length } };
  return traced('batch', options, () => runBatch(ports, tenant, batch));
}

/** Carries out a batch; returns the commands that have to be decided again. */
async function runBatch(ports: WritePathPorts, tenant: string, batch: readonly Entry[]): Promise<readonly Entry[]> {
  for (const entry of batch) entry.attempts += 1;
  let left = batch;
  try {
    const known = inMemory(ports.cache, tenant, batch) ?? (await readAhead(ports, tenant, batch));
    if (known) left = await fromMemory(ports, tenant, batch, known);
    if (left.length > 0) await fromDatabase(ports, tenant, left);
    return [];
  } catch (error) {
    forget(ports.cache, tenant, left);
    return afterFailure(ports, tenant, left, error);
  }
}

async function afterFailure(
  ports: WritePathPorts,
  tenant: string,
  batch: readonly Entry[],
  error: unknown,
): Promise<readonly Entry[]> {
  if (isConnectionFailure(error)) throw databaseIsAway(error);
  if (isSerializationFailure(error) || isVersionConflict(error)) {
    ports.metrics?.count('handover_version_conflicts_total', {}, batch.length);
    return again(batch);
  }
  if (batch.length === 1) {
    // Another replica was carrying out the same key: its answer is there now.
    if (isUniqueViolation(error, IDEMPOTENCY_KEY)) return again(batch);
    throw error;
  }
  // One command's data can spoil a statement for all: each is tried in a transaction of its own.
  ports.log.warn({ err: error, commands: batch.length }, 'a batch failed, its commands are carried out one by one');
  const left: Entry[] = [];
  for (const entry of batch) {
    try {
      left.push(...(await runBatch(ports, tenant, [entry])));
    } catch (failure) {
      entry.reject(failure);
    }
  }
  return left;
}

/**
 * Decides on what is remembered, and writes in one round trip.
 * @returns commands to be decided on the rows: all of them when something was not as remembered, and then nothing is written
 */
async function fromMemory(
  ports: WritePathPorts,
  tenant: string,
  batch: readonly Entry[],
  known: KnownProcesses,
): Promise<readonly Entry[]> {
  const { open, settleOthers } = sortByKey(batch, new Map());
  const decided = decideBatch(open, known, unforeseen(ports));
  const writing = prepare(ports, tenant, decided);
  if (writing.statements.length > 0) {
    try {
      const commit = () => ports.database.transact(tenantScope(tenant), writing.statements);
      writing.committed(await timed(ports, commit));
    } catch (error) {
      if (isVersionConflict(error)) ports.metrics?.count('handover_version_conflicts_total', {}, batch.length);
      else if (!isUniqueViolation(error, IDEMPOTENCY_KEY)) throw error;
      forget(ports.cache, tenant, batch);
      return batch;
    }
  }
  settleOthers();
  // What wrote nothing was held against nothing, unless its process was written; and its key may have been used before.
  const isProven = ({ command }: Entry): boolean =>
    command.idempotency === undefined && (command.isNew === true || decided.stages.has(command.process));
  for (const { entry, settle } of decided.unwritten) if (isProven(entry)) settle();
  return decided.unwritten.filter(({ entry }) => !isProven(entry)).map(({ entry }) => entry);
}

/** Decides on the rows, which are locked meanwhile, and writes in the same transaction. */
async function fromDatabase(ports: WritePathPorts, tenant: string, batch: readonly Entry[]): Promise<void> {
  const decideAndWrite = async (tx: Transaction<EngineSchema>) => {
    const { open, settleOthers } = sortByKey(batch, await findAnswers(tx, keysOf(batch)));
    const ids = new Set(open.flatMap(({ command }) => (command.isNew === true ? [] : command.process)));
    const decided = decideBatch(
      open,
      await loadProcesses(tx, ports.scenarios, tenant, [...ids], true),
      unforeseen(ports),
    );
    const writing = prepare(ports, tenant, decided);
    const returned: (readonly unknown[])[] = [];
    for (const { sql, parameters } of writing.statements)
      returned.push((await tx.executeQuery(CompiledQuery.raw(sql, [...parameters]))).rows);
    return () => {
      writing.committed(returned);
      settleOthers();
      for (const { settle: settleOne } of decided.unwritten) settleOne();
    };
  };
  const settle = await timed(ports, () => withTenant(ports.database.db, tenant, decideAndWrite));
  settle();
}

/** Times a transaction that commits. */
async function timed<T>({ metrics }: WritePathPorts, transaction: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await transaction();
  metrics?.observe('handover_commit_seconds', {}, (performance.now() - began) / 1_000);
  return result;
}

const unforeseen =
  ({ log }: WritePathPorts) =>
  (error: unknown): void =>
    log.error({ err: error }, 'a command was carried out, and its answer failed');

/** The statements that write what was decided, and what there is to do after their commit. */
function prepare({ cache, relay, committed }: WritePathPorts, tenant: string, { stages }: Decided<Command>) {
  const written = [...stages.values()];
  const takenAt = performance.now();
  const writing = writingOf(tenant, written, { relay: relay.id, leaseMs: relay.lease() });
  return {
    statements: [...writing.statements, ...keepAnswers(tenant, answersOf(written))],
    committed(returned: Returned): void {
      const { taken, left } = writing.announced(returned);
      for (const { inHand } of written) {
        const { id } = inHand.process;
        cache.keep(tenant, { ...inHand, carried: !left.has(id) }, writing.lengths.get(id) ?? 0);
      }
      relay.carry(taken, takenAt);
      if (left.size > 0) relay.wake();
      committed(tenant, written, writing.dueTimes);
      for (const { decided } of written) for (const { entry, outcome } of decided) give(entry, outcome);
    },
  };
}

const forget = (cache: ProcessCache, tenant: string, batch: readonly Entry[]): void =>
  cache.forget(
    tenant,
    batch.map(({ command }) => command.process),
  );

/** The commands that may be decided once more; those that met too many conflicts are refused. */
function again(entries: readonly Entry[]): readonly Entry[] {
  const hopeless = entries.filter(({ attempts }) => attempts >= MOST_ATTEMPTS);
  for (const entry of hopeless) {
    entry.reject(new HandoverError('version_conflict', 'The process was changed by others again and again'));
  }
  return entries.filter((entry) => !hopeless.includes(entry));
}
