import { HandoverError } from '@handover/contracts';
import { give, type Stage } from '../processes/decide-batch.js';
import type { ProcessCommand } from '../processes/write-path.js';
import type { Waiting } from '../processes/group-commit.js';
import type { Idempotency, KeptAnswer } from './idempotency.repository.js';

type Keyed = Waiting<ProcessCommand<unknown>>;

/** The keys of a batch. */
export const keysOf = (batch: readonly Keyed[]): string[] =>
  batch.flatMap(({ command }) => command.idempotency?.key ?? []);

/**
 * Sorts out the commands that were carried out before, or are being carried out in this very batch.
 * @param kept what is known of the batch's keys
 * @returns the commands that are to be decided, and how to settle the others once those are
 */
export function sortByKey<Entry extends Keyed>(batch: readonly Entry[], kept: ReadonlyMap<string, KeptAnswer>) {
  const inHand = new Set<string>();
  const others: (() => void)[] = [];
  const open = batch.filter((entry) => {
    const { idempotency } = entry.command;
    if (!idempotency) return true;
    const answer = kept.get(idempotency.key);
    if (!answer && !inHand.has(idempotency.key)) {
      inHand.add(idempotency.key);
      return true;
    }
    others.push(() => settleKnown(entry, idempotency, answer));
    return false;
  });
  return {
    open,
    settleOthers: () => {
      for (const settle of others) settle();
    },
  };
}

function settleKnown(entry: Keyed, { fingerprint }: Idempotency, answer: KeptAnswer | undefined): void {
  if (!answer) entry.reject(new HandoverError('idempotency_in_flight', 'The same command is being carried out'));
  else if (answer.fingerprint === fingerprint) give(entry, answer.outcome);
  else entry.reject(new HandoverError('idempotency_mismatch', 'The idempotency key was used for another command'));
}

/** What the written commands came to, to be kept under their keys. */
export const answersOf = (written: readonly Pick<Stage<Keyed['command']>, 'decided'>[]): KeptAnswer[] =>
  written.flatMap(({ decided }) =>
    decided.flatMap(({ entry, outcome }) => {
      const { idempotency } = entry.command;
      return idempotency ? [{ ...idempotency, outcome }] : [];
    }),
  );
