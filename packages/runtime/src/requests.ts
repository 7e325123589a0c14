import { BusError, type Bus, type Delivery, type MessageHeaders, type Registration, type Reply } from '@handover/bus';
import {
  HandoverError,
  fromProblem,
  problemSchema,
  toProblem,
  type AnswerOf,
  type BodyOf,
  type RequestContract,
  type ServiceName,
} from '@handover/contracts';
import { randomUUID } from 'node:crypto';
import { currentContext, withContext } from './context.js';
import type { Logger } from './log.js';

export interface AskOptions {
  readonly headers?: MessageHeaders;
  /** Default 10 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Asks another service and returns its checked answer.
 * @throws HandoverError the problem it answered with; `timeout` or `unavailable` when no answer came
 */
export async function ask<C extends RequestContract>(
  bus: Bus,
  contract: C,
  body: BodyOf<C>,
  options: AskOptions = {},
): Promise<AnswerOf<C>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const requestId = options.headers?.requestId ?? currentContext().requestId;
  const headers = {
    ...options.headers,
    ...(requestId !== undefined && { requestId }),
    deadline: Date.now() + timeoutMs,
  };
  let reply: Reply;
  try {
    reply = await bus.request(
      contract.service,
      { id: randomUUID(), type: contract.type, headers, body },
      { timeoutMs },
    );
  } catch (error) {
    throw asUnanswered(contract, error);
  }
  if (reply.status === 'problem') throw fromProblem(problemSchema.parse(reply.body));
  return contract.answer.parse(reply.body) as AnswerOf<C>;
}

function asUnanswered(contract: RequestContract, error: unknown): HandoverError {
  if (error instanceof BusError && error.code === 'timeout') {
    return new HandoverError('timeout', `The ${contract.service} service did not answer in time`, { cause: error });
  }
  return new HandoverError('unavailable', `The ${contract.service} service does not answer`, {
    cause: error,
    retryAfter: 1,
  });
}

/** Carries out one kind of request. What it throws becomes the problem the caller gets. */
export interface RequestRoute<C extends RequestContract = RequestContract> {
  readonly contract: C;
  handle(body: BodyOf<C>, delivery: Delivery): Promise<AnswerOf<C>>;
}

/** Pairs a contract with its handler, keeping the contract's types. */
export function route<C extends RequestContract>(contract: C, handle: RequestRoute<C>['handle']): RequestRoute {
  return { contract, handle: handle };
}

/**
 * Answers a service's requests: looks the contract up by the message's type, checks the body, and turns every failure into
 * a problem. Unexpected failures are logged whole and answered as `internal`.
 */
export function answer(
  bus: Bus,
  service: ServiceName,
  routes: readonly RequestRoute[],
  log: Logger,
): Promise<Registration> {
  const byType = new Map(routes.map((entry) => [entry.contract.type, entry]));
  return bus.respond(service, (delivery) =>
    withContext({ requestId: delivery.headers.requestId, commandId: delivery.id }, async (): Promise<Reply> => {
      try {
        return { status: 'ok', body: await dispatch(byType, delivery) };
      } catch (error) {
        if (!(error instanceof HandoverError) || error.code === 'internal') {
          log.error({ err: error, type: delivery.type }, 'request failed');
        } else {
          log.info({ type: delivery.type, code: error.code, detail: error.message }, 'request refused');
        }
        return { status: 'problem', body: toProblem(error, delivery.headers.requestId) };
      }
    }),
  );
}

async function dispatch(routes: ReadonlyMap<string, RequestRoute>, delivery: Delivery): Promise<unknown> {
  const entry = routes.get(delivery.type);
  if (!entry) throw new HandoverError('unknown_message', `No message is called '${delivery.type}' here`);
  const body = entry.contract.body.safeParse(delivery.body);
  if (!body.success) {
    throw new HandoverError('invalid_request', `The body of '${delivery.type}' is not valid`, {
      errors: body.error.issues.map((issue) => ({
        pointer: issue.path.map((part) => `/${String(part)}`).join(''),
        detail: issue.message,
      })),
    });
  }
  return entry.handle(body.data, delivery);
}
