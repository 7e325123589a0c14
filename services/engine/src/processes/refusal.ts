import { HandoverError } from '@handover/contracts';
import { ProcessError, type ActionEvent } from '@handover/process';

export const notFound = (): HandoverError => new HandoverError('process_not_found', 'Process not found');

/** The answer to an action the process refused. @throws HandoverError `step_refused` with the process's reasons */
export function requireAccepted(event: ActionEvent): void {
  if (!event.skipped) return;
  throw new HandoverError('step_refused', 'Failed to execute action', { reasons: event.errors ?? [] });
}

/** Runs pure code of the language on a caller's behalf; what it cannot carry out is the caller's or the author's to know. */
export function explained<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof ProcessError && error.code !== 'history-required') {
      throw new HandoverError('evaluation_failed', error.message, { cause: error });
    }
    throw error;
  }
}
