import { caseOf, caseStatus, type CaseStatus } from '@handover/contracts';
import { z } from 'zod';

/** What is read of the process that a run is. */
const processSchema = z.object({
  id: z.string(),
  isRunning: z.boolean(),
  tags: z.array(z.string()),
  current: z.object({ notify: z.array(z.object({ after: z.number() })).default([]) }),
  events: z.array(z.record(z.string(), z.unknown())),
});

/** Members of a process that {@link runOf} reads. */
export const RUN_FIELDS = ['id', 'isRunning', 'tags', 'current', 'events'] as const;

export interface RunInHand {
  readonly id: string;
  readonly caseId: string;
  readonly status: CaseStatus;
}

/** A process as the run it is; undefined when it was not started for a case. */
export function runOf(process: Record<string, unknown>): RunInHand | undefined {
  const { id, isRunning, tags, current, events } = processSchema.parse(process);
  const caseId = caseOf(tags);
  if (caseId === undefined) return undefined;
  const isAwaiting = current.notify.some(({ after }) => after === 0);
  const last = events.findLast(({ skipped }) => skipped !== true);
  const isTimedOut = last !== undefined && !('action' in last || 'scenario' in last || 'migration' in last);
  return { id, caseId, status: caseStatus({ isRunning, isAwaiting, tags, isTimedOut }) };
}
