import {
  BusError,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type MessageHeaders,
  type Registration,
  type Reply,
} from '@handover/bus';
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
import type { Logger } from './log.js';
import type { Metrics } from './metrics/metrics.js';
import { traced } from './tracing/traced.js';

export interface AskOptions {
  readonly headers?: MessageHeaders;
  /** Default 10 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Asks another service and returns its checked answer.
 * @throws HandoverError the problem it answered with; `timeout` or `unavailable` when no answer came
 */
export function ask<C extends RequestContract>(
  bus: Bus,
  contract: C,
  body: BodyOf<C>,
  { headers = {}, timeoutMs = 10_000 }: AskOptions = {},
): Promise<AnswerOf<C>> {
  const { service, type } = contract;
  const span = { kind: 'client', parent: headers.traceparent, attributes: { 'rpc.service': service } } as const;
  return traced(type, span, async ({ traceparent }) => {
    const sent = { ...headers, deadline: Date.now() + timeoutMs };
    if (traceparent !== undefined) sent.traceparent = traceparent;
    let reply: Reply;
    try {
      reply = await bus.request(service, { id: randomUUID(), type, headers: sent, body }, { timeoutMs });
    } catch (error) {
      throw asUnanswered(contract, error);
    }
    if (reply.status === 'problem') throw fromProblem(problemSchema.parse(reply.body));
    return contract.answer.parse(reply.body) as AnswerOf<C>;
  });
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

/** Carries out a request that has come in, by whatever way. @throws HandoverError what becomes the caller's problem */
export type Dispatch = (delivery: Delivery) => Promise<unknown>;

/** Looks the contract up by the message's type, checks the body and hands it to its route; counts and times what came of it. */
export function dispatcher(routes: readonly RequestRoute[], metrics?: Metrics): Dispatch {
  const byType = new Map(routes.map((entry) => [entry.contract.type, entry]));
  return async (delivery) => {
    const began = performance.now();
    // A type nobody knows is made up by its sender and no label.
    const type = byType.has(delivery.type) ? delivery.type : 'unknown';
    let outcome = 'ok';
    try {
      const { headers } = delivery;
      const parent = headers.traceparent;
      return await traced(type, { kind: 'server', parent }, ({ traceparent }) =>
        dispatch(byType, traceparent === parent ? delivery : causing(delivery, traceparent)),
      );
    } catch (error) {
      outcome = error instanceof HandoverError ? error.code : 'internal';
      throw error;
    } finally {
      metrics?.count('handover_requests_total', { type, outcome });
      metrics?.observe('handover_request_seconds', { type }, (performance.now() - began) / 1_000);
    }
  };
}

/** The delivery, to be handled in a span of its own. */
const causing = (delivery: Delivery, traceparent: string | undefined): Delivery =>
  traceparent === undefined
    ? delivery
    : (Object.create(delivery, {
        headers: { value: { ...delivery.headers, traceparent }, enumerable: true },
      }) as Delivery);

export interface AnswerOptions extends ConsumeOptions {
  /** Whether a failure is the database's, which may be back soon: whoever asked is told to come again. */
  readonly isAway?: (error: unknown) => boolean;
}

/** What a caller is told while the database does not answer. */
export const databaseIsAway = (cause: unknown): HandoverError =>
  new HandoverError('unavailable', 'The database does not answer', { cause, retryAfter: 1 });

/**
 * Answers a service's requests: looks the contract up by the message's type, checks the body, and turns every failure into
 * a problem. Unexpected failures are logged whole and answered as `internal`.
 */
export function answer(
  bus: Bus,
  service: ServiceName,
  routes: readonly RequestRoute[],
  log: Logger,
  metrics?: Metrics,
  { isAway = () => false, ...options }: AnswerOptions = {},
): Promise<Registration> {
  const carryOut = dispatcher(routes, metrics);
  const respond = async (delivery: Delivery): Promise<Reply> => {
    try {
      return { status: 'ok', body: await carryOut(delivery) };
    } catch (thrown) {
      const error = isAway(thrown) ? databaseIsAway(thrown) : thrown;
      const { type } = delivery;
      if (!(error instanceof HandoverError) || error.code === 'internal') {
        log.error({ ...idsOf(delivery), err: error, type }, 'request failed');
      } else {
        log.info({ ...idsOf(delivery), type, code: error.code, detail: error.message }, 'request refused');
      }
      return { status: 'problem', body: toProblem(error, delivery.headers.requestId) };
    }
  };
  return bus.respond(service, respond, options);
}

/** What a log line about a message says of where it belongs. */
export const idsOf = ({ id, headers }: Pick<Delivery, 'id' | 'headers'>) => ({
  requestId: headers.requestId,
  commandId: id,
});

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
