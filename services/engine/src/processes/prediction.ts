import { ProcessError, predict, type PredictedState, type Process } from '@handover/process';

/**
 * The states a process will probably go through (process-semantics §8), as the member `next` of its document. What cannot be
 * foretold (an expression that needs what only time will tell) is left out: a prediction never fails a request.
 */
export function nextOf(process: Process): { next?: PredictedState[] } {
  try {
    return { next: predict(process) };
  } catch (error) {
    if (error instanceof ProcessError) return {};
    throw error;
  }
}
