import { HandoverError } from '@handover/contracts';
import { isConnectionFailure, isSerializationFailure, isUniqueViolation, withTenant } from '@handover/database';
import type { Change } from '@handover/process';
import type { Logger } from '@handover/runtime';
import type { Kysely, Transaction } from 'kysely';
import type { EngineSchema, StoredOutcome } from '../database.js';
import {
  IDEMPOTENCY_KEY,
  findAnswers,
  keepAnswers,
  type Idempotency,
  type KeptAnswer,
} from '../idempotency/idempotency.repository.js';
import { outcomeOf, recall } from '../idempotency/outcome.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { createGroupCommit, type Waiting } from './group-commit.js';
import { loadProcesses, type ProcessInHand } from './stored-process.js';
import { writeProcesses, type ProcessToWrite } from './write-processes.js';

/** What a command makes of a process. */
export interface Decision<Answer> {
  /** What happened, in order; empty when nothing is to be written. */
  readonly changes: readonly Change[];
  /** Its appointment with time is to be made anew, though nothing happened. */
  readonly reschedule?: boolean;
  /** Given, or thrown, once the changes are committed. */
  readonly answer: () => Answer;
}

/** A decision about one process. It may be asked for more than once: after a conflict, on the newer process. */
export interface ProcessCommand<Answer> {
  readonly process: string;
  /** Makes sure that the command is carried out once, however often it is sent. */
  readonly idempotency?: Idempotency | undefined;
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
  stop(): Promise<void>;
}

export interface WritePathPorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly log: Logger;
  /** Told what was written, after the commit. */
  readonly committed: (written: readonly ProcessToWrite[]) => void;
}

type Command = ProcessCommand<unknown>;
type Entry = Waiting<Command>;
type Tx = Transaction<EngineSchema>;

const LIMITS = { batch: 200, queue: 10_000 };
const MOST_ATTEMPTS = 10;

/** The only way into the tables of processes: decisions in, one transaction per batch. */
export function createWritePath(ports: WritePathPorts): WritePath {
  const groups = createGroupCommit<Command>((tenant, batch) => runBatch(ports, tenant, batch), LIMITS);
  return {
    submit: <Answer>(tenant: string, command: ProcessCommand<Answer>) =>
      groups.submit(tenant, command) as Promise<Answer>,
    stop: () => groups.stop(),
  };
}

/** A process that is to be written, and the commands that decided so. */
interface Staged extends ProcessToWrite {
  readonly decided: { readonly entry: Entry; readonly outcome: StoredOutcome }[];
}

/** Carries out a batch; returns the commands that have to be decided again. */
async function runBatch(ports: WritePathPorts, tenant: string, batch: readonly Entry[]): Promise<readonly Entry[]> {
  for (const entry of batch) entry.attempts += 1;
  try {
    const { staged, conflicts } = await withTenant(ports.db, tenant, async (tx) => {
      const open = await recallAnswers(tx, batch);
      const decided = await decideAll(ports, tx, tenant, open);
      const changedMeanwhile = await writeProcesses(tx, tenant, decided);
      await keepAnswers(tx, tenant, answersOf(decided.filter((stage) => !changedMeanwhile.has(stage))));
      return { staged: decided, conflicts: changedMeanwhile };
    });
    ports.committed(staged.filter((stage) => !conflicts.has(stage)));
    return settle(staged, conflicts);
  } catch (error) {
    if (isConnectionFailure(error))
      throw new HandoverError('unavailable', 'The database does not answer', { cause: error, retryAfter: 1 });
    if (isSerializationFailure(error)) return again(batch);
    if (batch.length === 1) {
      // Another replica was carrying out the same key: its answer is there now.
      if (isUniqueViolation(error, IDEMPOTENCY_KEY)) return again(batch);
      throw error;
    }
    // One command's data can spoil a statement for all: each is tried in a transaction of its own.
    ports.log.warn({ err: error, commands: batch.length }, 'a batch failed, its commands are carried out one by one');
    return runOneByOne(ports, tenant, batch);
  }
}

async function runOneByOne(ports: WritePathPorts, tenant: string, batch: readonly Entry[]): Promise<readonly Entry[]> {
  const left: Entry[] = [];
  for (const entry of batch) {
    try {
      left.push(...(await runBatch(ports, tenant, [entry])));
    } catch (error) {
      entry.reject(error);
    }
  }
  return left;
}

/** Lets every command decide, one after the other on what the one before made of the process. */
async function decideAll(ports: WritePathPorts, tx: Tx, tenant: string, batch: readonly Entry[]): Promise<Staged[]> {
  const loaded = await loadProcesses(tx, ports.scenarios, tenant, [
    ...new Set(batch.map(({ command }) => command.process)),
  ]);
  const staged = new Map<string, Staged>();
  for (const entry of batch) {
    const id = entry.command.process;
    const known = staged.get(id);
    try {
      const inHand = known?.inHand ?? loaded.get(id);
      const { changes, answer, reschedule = false } = entry.command.decide(inHand);
      const next = after(inHand, changes);
      if (!next || (changes.length === 0 && !reschedule)) {
        entry.resolve(answer());
        continue;
      }
      const stage = known ?? {
        isNew: inHand === undefined,
        version: inHand?.process.head.count ?? 0,
        inHand: next,
        changes: [],
        decided: [],
      };
      stage.inHand = next;
      stage.changes.push(...changes);
      stage.decided.push({ entry, outcome: outcomeOf(answer) });
      staged.set(id, stage);
    } catch (error) {
      entry.reject(error);
    }
  }
  return [...staged.values()];
}

function after(inHand: ProcessInHand | undefined, changes: readonly Change[]): ProcessInHand | undefined {
  const [first] = changes;
  const last = changes.at(-1);
  if (!first || !last) return inHand;
  return { process: last.process, startedAt: inHand?.startedAt ?? first.event.timestamp };
}

/** Answers the commands that were carried out before; returns the others. */
async function recallAnswers(tx: Tx, batch: readonly Entry[]): Promise<readonly Entry[]> {
  const keys = batch.flatMap(({ command }) => command.idempotency?.key ?? []);
  const kept = await findAnswers(tx, keys);
  const inHand = new Set<string>();
  return batch.filter((entry) => {
    const { idempotency } = entry.command;
    if (!idempotency) return true;
    const { key, fingerprint } = idempotency;
    const answer = kept.get(key);
    if (!answer && !inHand.has(key)) {
      inHand.add(key);
      return true;
    }
    if (!answer) entry.reject(new HandoverError('idempotency_in_flight', 'The same command is being carried out'));
    else if (answer.fingerprint !== fingerprint) {
      entry.reject(new HandoverError('idempotency_mismatch', 'The idempotency key was used for another command'));
    } else give(entry, answer.outcome);
    return false;
  });
}

const answersOf = (written: readonly Staged[]): KeptAnswer[] =>
  written.flatMap(({ decided }) =>
    decided.flatMap(({ entry, outcome }) => {
      const { idempotency } = entry.command;
      return idempotency ? [{ ...idempotency, outcome }] : [];
    }),
  );

function settle(staged: readonly Staged[], conflicts: ReadonlySet<Staged>): readonly Entry[] {
  for (const { decided } of staged.filter((stage) => !conflicts.has(stage))) {
    for (const { entry, outcome } of decided) give(entry, outcome);
  }
  return again([...conflicts].flatMap(({ decided }) => decided.map(({ entry }) => entry)));
}

function give(entry: Entry, outcome: StoredOutcome): void {
  try {
    entry.resolve(recall(outcome));
  } catch (error) {
    entry.reject(error);
  }
}

/** The commands that may be decided once more; those that met too many conflicts are refused. */
function again(entries: readonly Entry[]): readonly Entry[] {
  const hopeless = entries.filter(({ attempts }) => attempts >= MOST_ATTEMPTS);
  for (const entry of hopeless) {
    entry.reject(new HandoverError('version_conflict', 'The process was changed by others again and again'));
  }
  return entries.filter((entry) => !hopeless.includes(entry));
}
