import { HandoverError, type AnswerOf, type BodyOf, type Principal, type stepProcess } from '@handover/contracts';
import { step } from '@handover/process';
import { isUuid } from '../id.js';
import { actingAs, requireMayStep, requireReach, stepActor } from './acting.js';
import { explained, notFound, requireAccepted } from './refusal.js';
import { requireSeparation } from './separation.js';
import type { ProcessInHand } from './stored-process.js';
import type { Decision } from './decide-batch.js';
import type { Cause, WritePath } from './write-path.js';

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
  cause: Cause = {},
): Promise<Answer> {
  if (!isUuid(body.process)) throw notFound();
  return writes.submit(principal.tenant, {
    ...cause,
    process: body.process.toLowerCase(),
    decide: (inHand) => decideStep(inHand, body, principal),
  });
}

function decideStep(inHand: ProcessInHand | undefined, body: Body, principal: Principal): Decision<Answer> {
  if (!inHand) throw notFound();
  const { action, response, ifMatch } = body;
  const { process } = inHand;
  requireReach(process, principal);
  requireVersion(inHand, ifMatch);
  const performed = actingAs(process, action, principal, body.actor);
  requireMayStep(process, performed, principal);
  const actor = stepActor(process, performed, principal);
  requireSeparation(process, action, actor);
  const now = new Date().toISOString();
  const change = explained(() => step(process, { action, actor, now, ...(response !== undefined && { response }) }));
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
