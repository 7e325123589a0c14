import type { Bus, ForeignDelivery, ForeignOutcome, Registration } from '@handover/bus';
import { COMMAND_DOOR, HandoverError, type Principal } from '@handover/contracts';
import type { Callers, Dispatch, Logger } from '@handover/runtime';
import { randomUUID } from 'node:crypto';
import { problemReply, replyTo } from './answer-command.js';
import { readCommand, subjectOf } from './read-command.js';
import { MOST_ATTEMPTS, passes } from './passing-failure.js';

export interface CommandPorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly callers: Callers;
  /** The engine's own routes: they authorise, and nobody else does. */
  readonly dispatch: Dispatch;
  readonly limits: { readonly bodyBytes: number; readonly concurrency: number };
  /** Tells the tenant of a command that nobody waits for. */
  readonly announce: (rejected: RejectedCommand) => Promise<void>;
}

export interface RejectedCommand {
  readonly principal: Principal;
  readonly command: string;
  readonly messageId: string | undefined;
  readonly error: unknown;
}

const IN_FLIGHT_MS = 500;
/** Longest token and request id anybody looks at. */
const ACCEPTABLE_ID = /^[\w.-]{1,64}$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * Takes commands of outsiders in: each is one of the engine's requests in another form and is answered as REST would. Whatever
 * cannot be carried out is told its sender and rejected at once; only what fails for want of the database or of auth is
 * tried again, a bounded number of times.
 */
export function takeCommands(ports: CommandPorts): Promise<Registration> {
  const { bodyBytes, concurrency } = ports.limits;
  const keyOf = subjectOf;
  return ports.bus.intake(COMMAND_DOOR, (message) => carryOut(ports, message, bodyBytes), { concurrency, keyOf });
}

async function carryOut(ports: CommandPorts, message: ForeignDelivery, limit: number): Promise<ForeignOutcome> {
  const requestId = requestIdOf(message);
  try {
    const { contract, body } = readCommand(message, limit);
    const answer = await ports.dispatch({
      id: message.id ?? requestId,
      type: contract.request.type,
      headers: headersOf(message, requestId),
      body,
      attempt: message.attempt,
      signal: message.signal,
    });
    return { kind: 'done', reply: replyTo(contract, answer) };
  } catch (error) {
    const log = ports.log.child({ requestId, commandId: message.id });
    return transient(error, message.attempt) ?? rejected({ ...ports, log }, message, requestId, error);
  }
}

/** A proof of one's own is a token; a principal that somebody already signed is as good. */
function headersOf({ id, headers: { authorization, principal, traceparent } }: ForeignDelivery, requestId: string) {
  return {
    requestId,
    ...(id !== undefined && { idempotencyKey: id }),
    ...(authorization !== undefined && { authorization }),
    ...(principal !== undefined && { principal }),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  };
}

function requestIdOf({ headers }: ForeignDelivery): string {
  const given = headers['request-id'] ?? headers['x-request-id'];
  return given !== undefined && ACCEPTABLE_ID.test(given) ? given : randomUUID();
}

/** A failure that goes by itself; undefined for all others, and when it has been waited for long enough. */
function transient(error: unknown, attempt: number): ForeignOutcome | undefined {
  if (attempt >= MOST_ATTEMPTS) return undefined;
  const reason = error instanceof Error ? error.message : 'failed';
  if (error instanceof HandoverError && error.code === 'idempotency_in_flight') {
    return { kind: 'retry', afterMs: IN_FLIGHT_MS, reason };
  }
  return passes(error) ? { kind: 'retry', reason } : undefined;
}

async function rejected(
  ports: CommandPorts,
  message: ForeignDelivery,
  requestId: string,
  error: unknown,
): Promise<ForeignOutcome> {
  const { log } = ports;
  const isKnown = error instanceof HandoverError && error.code !== 'internal';
  const command = message.name.slice(0, 100);
  if (isKnown) log.info({ command, code: error.code, detail: error.message }, 'command rejected');
  else log.error({ err: error, command }, 'command failed');
  if (!message.wantsReply) {
    const announced = await announce(ports, message, requestId, command, error);
    if (announced) return announced;
  }
  const reason = isKnown ? `${error.code}: ${error.message}` : 'internal: something went wrong on our side';
  return { kind: 'reject', reason, reply: problemReply(error, requestId) };
}

/** With nobody waiting the tenant is told, when it is known whose the command is. @returns a retry when that must wait */
async function announce(
  { callers, announce: tell, log }: CommandPorts,
  message: ForeignDelivery,
  requestId: string,
  command: string,
  error: unknown,
): Promise<ForeignOutcome | undefined> {
  try {
    const principal = await callers.of(headersOf(message, requestId));
    await tell({ principal, command, messageId: message.id, error });
    return undefined;
  } catch (failure) {
    if (failure instanceof HandoverError && failure.code === 'unauthenticated') return undefined;
    log.warn({ err: failure, command }, 'a rejected command could not be announced');
    return transient(failure, message.attempt);
  }
}
