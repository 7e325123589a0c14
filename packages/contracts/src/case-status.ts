import { z } from 'zod';
import type { HandoverEvent } from './events.js';

/** What a run of a workflow is doing, in the words of the case API (case-workflows.md). */
export const CASE_STATUSES = ['RUNNING', 'AWAITING', 'COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED'] as const;
export const caseStatusSchema = z.enum(CASE_STATUSES);
export type CaseStatus = z.infer<typeof caseStatusSchema>;

export interface CaseFacts {
  readonly isRunning: boolean;
  /** The state it is in has asked a service, which has not answered. */
  readonly isAwaiting: boolean;
  /** Of the process; an end state has added its own. */
  readonly tags: readonly string[];
  /** The last thing that happened was that time ran out. */
  readonly isTimedOut: boolean;
}

/** The status of a run. An end state's own word, `failed` or `cancelled`, wins over how it was reached. */
export function caseStatus({ isRunning, isAwaiting, tags, isTimedOut }: CaseFacts): CaseStatus {
  if (isRunning) return isAwaiting ? 'AWAITING' : 'RUNNING';
  const says = (word: string): boolean => tags.includes(word) || tags.includes(`(${word})`);
  if (says('failed')) return 'FAILED';
  if (says('cancelled')) return 'CANCELLED';
  return isTimedOut ? 'EXPIRED' : 'COMPLETED';
}

/** Begins the tag that names the case of a run. */
export const CASE_TAG = 'case:';
/** The case a process was started for; undefined when it was started without. */
export const caseOf = (tags: readonly string[]): string | undefined =>
  tags.find((tag) => tag.startsWith(CASE_TAG))?.slice(CASE_TAG.length);

/** The name by which webhooks ask for the statuses of runs. */
export const CASE_STATUS_CHANGED = 'workflow.status-changed';

/** What a receiver is told of a run's status. */
export interface CaseStatusChange {
  readonly workflowId: string;
  readonly caseId: string;
  readonly status: CaseStatus;
  /** Name of the workflow definition; its title where it has none. */
  readonly referenceName: string;
}

/** The status to tell of after an event: the run has asked a service, or is over; undefined for what is neither, or no run. */
export function caseStatusChange({ type, data }: Pick<HandoverEvent, 'type' | 'data'>): CaseStatusChange | undefined {
  if (!('process' in data && 'tags' in data && data.tags)) return undefined;
  const { process: workflowId, tags, scenario } = data;
  const isAwaiting = 'asked' in data && data.asked !== undefined;
  const isRunning = type !== 'process.completed';
  const caseId = caseOf(tags);
  if (caseId === undefined || (isRunning && !isAwaiting)) return undefined;
  const isTimedOut = 'endedBy' in data && data.endedBy === 'timeout';
  const status = caseStatus({ isRunning, isAwaiting, tags, isTimedOut });
  return { workflowId, caseId, status, referenceName: scenario.name ?? scenario.title };
}
