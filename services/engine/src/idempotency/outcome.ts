import { HandoverError, fromProblem, problemSchema, toProblem } from '@handover/contracts';
import type { StoredOutcome } from '../database.js';

/**
 * What a command came to, in a form that can be kept: its answer, or the problem it ended with.
 * @param unforeseen told of an error that is no problem of the catalogue: whoever waits is told nothing of it
 */
export function outcomeOf(answer: () => unknown, unforeseen: (error: unknown) => void): StoredOutcome {
  try {
    return { status: 'ok', body: answer() };
  } catch (error) {
    if (!(error instanceof HandoverError) || error.code === 'internal') unforeseen(error);
    return { status: 'problem', body: toProblem(error) };
  }
}

/** Gives a kept outcome again. @throws HandoverError the problem, when it was one */
export function recall(outcome: StoredOutcome): unknown {
  if (outcome.status === 'problem') throw fromProblem(problemSchema.parse(outcome.body));
  return outcome.body;
}
