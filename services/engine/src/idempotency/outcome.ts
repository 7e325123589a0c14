import { fromProblem, problemSchema, toProblem } from '@handover/contracts';
import type { StoredOutcome } from '../database.js';

/** What a command came to, in a form that can be kept: its answer, or the problem it ended with. */
export function outcomeOf(answer: () => unknown): StoredOutcome {
  try {
    return { status: 'ok', body: answer() };
  } catch (error) {
    return { status: 'problem', body: toProblem(error) };
  }
}

/** Gives a kept outcome again. @throws HandoverError the problem, when it was one */
export function recall(outcome: StoredOutcome): unknown {
  if (outcome.status === 'problem') throw fromProblem(problemSchema.parse(outcome.body));
  return outcome.body;
}
