import { HandoverError, type AnswerOf, type BodyOf, type Principal, type stepProcess } from '@handover/contracts';
import { step } from '@handover/process';
import { isUuid } from '../id.js';
import type { Idempotency } from '../idempotency/idempotency.repository.js';
import { actingAs, stepActor } from './acting.js';
import { explained, requireAccepted } from './refusal.js';
import type { ProcessInHand } from './stored-process.js';
import type { Decision, WritePath } from './write-path.js';

type Body = BodyOf<typeof stepProcess>;
type Answer = AnswerOf<typeof stepProcess>;

/**
 * Performs an action. A refused one is recorded as a skipped event, and the caller gets the reasons.
 * @throws HandoverError `process_not_found`, `forbidden`, `precondition_failed`, `step_refused`, `evaluation_failed`
 */
export async function performStep(
  writes: WritePath,
  body: Body,
  principal: Principal,
  idempotency?: Idempotency,
): Promise<Answer> {
  if (!isUuid(body.process)) throw notFound();
  return writes.submit(principal.tenant, {
    process: body.process,
    idempotency,
    decide: (inHand) => decideStep(inHand, body, principal),
  });
}

function decideStep(inHand: ProcessInHand | undefined, body: Body, principal: Principal): Decision<Answer> {
  if (!inHand) throw notFound();
  const { action, response, ifMatch } = body;
  requireVersion(inHand, ifMatch);
  const actor = stepActor(actingAs(inHand.process, action, principal, body.actor), principal);
  const now = new Date().toISOString();
  const change = explained(() =>
    step(inHand.process, { action, actor, now, ...(response !== undefined && { response }) }),
  );
  const { hash, timestamp } = change.process.head;
  return {
    changes: [change],
    answer: () => {
      requireAccepted(change.event);
      return { etag: hash, lastModified: timestamp };
    },
  };
}

function requireVersion({ process }: ProcessInHand, etag: string | undefined): void {
  if (etag === undefined || etag === process.head.hash) return;
  throw new HandoverError('precondition_failed', 'The process has changed since the version asked for');
}

export const notFound = (): HandoverError => new HandoverError('process_not_found', 'Process not found');
