import { ProcessError, timeout, type Process } from '@handover/process';
import { reportFailure, type IncidentPorts } from '../incidents/report-failure.js';
import type { ProcessInHand } from './stored-process.js';
import type { Decision } from './decide-batch.js';
import type { WritePath } from './write-path.js';

export interface TimeoutPorts extends IncidentPorts {
  readonly writes: WritePath;
  /** Of what follows; W3C. */
  readonly traceparent?: string | undefined;
}

/** What became of the look at a process whose time may have come. */
type Outcome = undefined | { readonly process: Process; readonly error: ProcessError };

/**
 * Time has passed for a process: its earliest due timeout is taken. One that cannot be evaluated opens an incident, because
 * nobody waits for an answer and trying again at once would not help (decision 6). So does one that went round by timeouts
 * alone, without any time passing: it would for ever.
 * @param restless how often it went on by itself just before; see the timers' repository
 * @param isPatient nobody waits for it; see the write path
 * @returns whether the process is all right
 */
export async function timeOut(
  ports: TimeoutPorts,
  tenant: string,
  process: string,
  { restless = 0, isPatient = false }: { readonly restless?: number | undefined; readonly isPatient?: boolean } = {},
): Promise<boolean> {
  const decide = restless < MOST_RESTLESS ? decideTimeout : stopThere;
  const { traceparent } = ports;
  const failed = await ports.writes.submit<Outcome>(tenant, { process, isPatient, traceparent, decide });
  if (failed) {
    const { code, message } = failed.error;
    await reportFailure(ports, tenant, failed.process, { code, message });
  }
  return failed === undefined;
}

/** Timeouts in a row that are due at once, before it is no work any more but a ring. */
export const MOST_RESTLESS = 100;

function stopThere(inHand: ProcessInHand | undefined): Decision<Outcome> {
  const message = `The process went on by itself ${MOST_RESTLESS} times without any time passing`;
  const error = new ProcessError('endless-transitions', message);
  return { changes: [], answer: () => inHand && { process: inHand.process, error } };
}

function decideTimeout(inHand: ProcessInHand | undefined): Decision<Outcome> {
  if (!inHand) return { changes: [], answer: () => undefined };
  try {
    const change = timeout(inHand.process, { now: new Date().toISOString() });
    // Nothing due: another replica was quicker, or clocks differ. The appointment is made anew.
    return { changes: change ? [change] : [], reschedule: true, answer: () => undefined };
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    return { changes: [], answer: () => ({ process: inHand.process, error }) };
  }
}
