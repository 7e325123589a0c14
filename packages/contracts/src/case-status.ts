import { z } from 'zod';

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
