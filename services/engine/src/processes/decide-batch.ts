import type { Change } from '@handover/process';
import type { StoredOutcome } from '../database.js';
import { outcomeOf, recall } from '../idempotency/outcome.js';
import type { Waiting } from './group-commit.js';
import type { ProcessInHand } from './stored-process.js';
import type { ProcessToWrite } from './write-processes.js';

/** What a command makes of a process. */
export interface Decision<Answer> {
  /** What happened, in order; empty when nothing is to be written. */
  readonly changes: readonly Change[];
  /** Its appointment with time is to be made anew, though nothing happened. */
  readonly reschedule?: boolean;
  /** Given, or thrown, once the changes are committed. */
  readonly answer: () => Answer;
}

/** What is decided upon. */
interface Deciding {
  readonly process: string;
  /** W3C trace context of what asked for it. */
  readonly traceparent?: string | undefined;
  decide(inHand: ProcessInHand | undefined): Decision<unknown>;
}

type Entry<Command extends Deciding> = Waiting<Command>;

/** A process that is to be written, and the commands that decided so. */
export interface Stage<Command extends Deciding> extends ProcessToWrite {
  inHand: ProcessInHand;
  readonly changes: Change[];
  readonly causes: Map<Change, string>;
  readonly decided: { readonly entry: Entry<Command>; readonly outcome: StoredOutcome }[];
}

/** What a batch came to. Nobody has been answered yet. */
export interface Decided<Command extends Deciding> {
  /** By process id. */
  readonly stages: ReadonlyMap<string, Stage<Command>>;
  /** Commands that write nothing: refused, or nothing to do. */
  readonly unwritten: readonly { readonly entry: Entry<Command>; readonly settle: () => void }[];
}

/**
 * Lets every command decide, one after the other on what the one before made of the process.
 * @param unforeseen told of errors that no answer was meant to end with
 */
export function decideBatch<Command extends Deciding>(
  batch: readonly Entry<Command>[],
  loaded: ReadonlyMap<string, ProcessInHand>,
  unforeseen: (error: unknown) => void,
): Decided<Command> {
  const stages = new Map<string, Stage<Command>>();
  const unwritten: { entry: Entry<Command>; settle: () => void }[] = [];
  for (const entry of batch) {
    const id = entry.command.process;
    const known = stages.get(id);
    try {
      const inHand = known?.inHand ?? loaded.get(id);
      const { traceparent } = entry.command;
      const { changes, answer, reschedule = false } = entry.command.decide(inHand);
      const next = after(inHand, changes);
      if (!next || (changes.length === 0 && !reschedule)) {
        const outcome = outcomeOf(answer, unforeseen);
        unwritten.push({ entry, settle: () => give(entry, outcome) });
        continue;
      }
      const stage: Stage<Command> = known ?? {
        isNew: inHand === undefined,
        version: inHand?.process.head.count ?? 0,
        before: inHand?.process,
        inHand: next,
        changes: [],
        causes: new Map(),
        decided: [],
      };
      stage.inHand = next;
      stage.changes.push(...changes);
      if (traceparent !== undefined) for (const change of changes) stage.causes.set(change, traceparent);
      stage.decided.push({ entry, outcome: outcomeOf(answer, unforeseen) });
      stages.set(id, stage);
    } catch (error) {
      unwritten.push({ entry, settle: () => entry.reject(error) });
    }
  }
  return { stages, unwritten };
}

function after(inHand: ProcessInHand | undefined, changes: readonly Change[]): ProcessInHand | undefined {
  const [first] = changes;
  const last = changes.at(-1);
  if (!first || !last) return inHand;
  // Of a new one nothing was announced yet.
  const { startedAt = first.event.timestamp, repairs = 0, carried = true } = inHand ?? {};
  return { process: last.process, startedAt, repairs, carried };
}

/** Answers a command with what it came to. */
export function give(entry: Pick<Waiting<unknown>, 'resolve' | 'reject'>, outcome: StoredOutcome): void {
  try {
    entry.resolve(recall(outcome));
  } catch (error) {
    entry.reject(error);
  }
}
