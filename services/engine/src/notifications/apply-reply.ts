import { HandoverError, type AnswerOf, type BodyOf, type replyToNotification } from '@handover/contracts';
import { ProcessError, step, triggerFor, type Process } from '@handover/process';
import { hash } from '@handover/scenario';
import type { HeldReply } from '../database.js';
import { reportFailure, type IncidentPorts } from '../incidents/report-failure.js';
import { explained, notFound, requireAccepted } from '../processes/refusal.js';
import { requireSeparation } from '../processes/separation.js';
import type { ProcessInHand } from '../processes/stored-process.js';
import type { Decision } from '../processes/decide-batch.js';
import type { WritePath } from '../processes/write-path.js';
import type { Capabilities, ReplyRight } from './capability.js';

type Answer = AnswerOf<typeof replyToNotification>;

export interface ReplyPorts extends IncidentPorts {
  readonly writes: WritePath;
  readonly capabilities: Capabilities;
}

/**
 * A service's reply becomes its step. The same reply to the same notification is carried out once, however often it comes. One that
 * cannot be evaluated opens an incident, which keeps it: the service does not wait for an answer (decision 6).
 * @throws HandoverError `unauthenticated`, `process_not_found`, `step_refused` with the reasons, `evaluation_failed`
 */
export async function applyReply(
  ports: ReplyPorts,
  { capability, response }: BodyOf<typeof replyToNotification>,
  traceparent?: string,
): Promise<Answer> {
  const right = await ports.capabilities.read(capability);
  if (!right) throw new HandoverError('unauthenticated', 'The reply carries no right to answer a notification');
  const reply = { right, ...(response !== undefined && { response }) };
  const failed = ({ code, message }: ProcessError, process: Process): Promise<void> =>
    reportFailure(ports, right.tenant, process, { code, message }, reply);
  return stepByReply(ports.writes, reply, { traceparent, failed });
}

/** What goes with a reply. */
interface ReplyContext {
  /** W3C trace context of what it belongs to. */
  readonly traceparent?: string | undefined;
  readonly failed?: (error: ProcessError, process: Process) => Promise<void>;
}

/**
 * The step that a reply makes.
 * @param context its `failed` is told why it cannot be evaluated, and of which process, before that is thrown
 * @throws HandoverError `process_not_found`, `step_refused` with the reasons, `evaluation_failed`
 */
export async function stepByReply(
  writes: WritePath,
  { right, response }: HeldReply,
  { traceparent, failed }: ReplyContext = {},
): Promise<Answer> {
  const { id, tenant, process } = right;
  const fingerprint = hash([id, response ?? null]);
  let decidedOn: Process | undefined;
  try {
    return await writes.submit(tenant, {
      process,
      traceparent,
      idempotency: { key: `reply:${fingerprint}`, fingerprint },
      decide: (inHand) => {
        decidedOn = inHand?.process;
        return decideReply(inHand, right, response);
      },
    });
  } catch (error) {
    const isEvaluation = error instanceof HandoverError && error.code === 'evaluation_failed';
    if (isEvaluation && error.cause instanceof ProcessError && decidedOn) await failed?.(error.cause, decidedOn);
    throw error;
  }
}

function decideReply(inHand: ProcessInHand | undefined, right: ReplyRight, response: unknown): Decision<Answer> {
  if (!inHand) throw notFound();
  const { process } = inHand;
  requireSameEntry(process, right);
  const { service } = right;
  const action = explained(() => triggerFor(process, service, response));
  if (action === null) {
    throw refused(`Service '${service}' gave a response, but unable to determine which action was executed`);
  }
  const actor = { key: `service:${service}` };
  requireSeparation(process, action, actor);
  const now = new Date().toISOString();
  const change = explained(() => step(process, { action, actor, now, ...(response !== undefined && { response }) }));
  return {
    changes: [change],
    answer: () => {
      requireAccepted(change.event);
      return { etag: change.process.head.hash, action };
    },
  };
}

/** A reply is to the visit of the state that asked for it, not to a later one of the same name. */
function requireSameEntry({ current, isRunning }: Process, { state, entered }: ReplyRight): void {
  if (current.key === state && current.timestamp === entered && isRunning) return;
  throw refused(`The process has left the state '${state}' that the service was told of`);
}

const refused = (reason: string): HandoverError =>
  new HandoverError('step_refused', 'The reply cannot be applied', { reasons: [reason] });
