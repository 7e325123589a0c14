import { caseOf, caseStatus, type CaseStatus } from '@handover/contracts';
import { z } from 'zod';

/** What is read of the process that a run is. */
const processSchema = z.object({
  id: z.string(),
  isRunning: z.boolean(),
  tags: z.array(z.string()),
  current: z.object({
    timestamp: z.string(),
    notify: z.array(z.object({ service: z.string(), after: z.number() })).default([]),
  }),
  events: z.array(
    z.looseObject({
      timestamp: z.string(),
      skipped: z.boolean().optional(),
      actor: z.looseObject({ key: z.string().optional() }).optional(),
    }),
  ),
});
type Run = z.infer<typeof processSchema>;

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
  const isAwaiting = awaitedBy(current, events).length > 0;
  const last = events.findLast(({ skipped }) => skipped !== true);
  const isTimedOut = last !== undefined && !('action' in last || 'scenario' in last || 'migration' in last);
  return { id, caseId, status: caseStatus({ isRunning, isAwaiting, tags, isTimedOut }) };
}

/** The services that the state asked when it was entered and that have not answered; one may answer without leading on. */
function awaitedBy({ timestamp, notify }: Run['current'], events: Run['events']): string[] {
  const happened = events.filter(({ skipped }) => skipped !== true);
  const entry = happened.findIndex((event) => event.timestamp === timestamp);
  const answered = new Set(happened.slice(entry + 1).map(({ actor }) => actor?.key));
  const asked = notify.filter(({ after }) => after === 0).map(({ service }) => service);
  return asked.filter((service) => !answered.has(`service:${service}`));
}
