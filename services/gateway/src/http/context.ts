import type { MessageHeaders } from '@handover/bus';
import type { AnswerOf, BodyOf, Principal, RequestContract, Surface } from '@handover/contracts';
import type { Context } from 'hono';

/** What the middleware leaves for a route. */
export interface GatewayVariables {
  requestId: string;
  /** Headers of the messages sent on behalf of this request, without a principal. */
  messageHeaders: MessageHeaders;
  /** Go out with the answer, whatever it will be. */
  answerHeaders?: Record<string, string>;
  /** The API that is spoken here; failures are told in its dialect. */
  surface?: Surface;
}

export interface GatewayEnv {
  Variables: GatewayVariables;
}

export type RequestContext = Context<GatewayEnv>;

/** A caller whose token was exchanged: the signed principal travels with every message sent for it. */
export interface Caller {
  readonly principal: Principal;
  readonly signed: string;
}

/** What the operations need of the gateway: who is calling, and the services behind. */
export interface OperationPorts {
  /** At once where the token is known. @throws HandoverError `unauthenticated`, `rate_limited` */
  caller(context: RequestContext): Caller | Promise<Caller>;
  /** The same caller later on, if the token is still good; not counted as a request. @throws HandoverError `unauthenticated` */
  callerAnew(context: RequestContext): Promise<Caller>;
  /** Asks a service on behalf of a caller (none: anonymously). @throws HandoverError the service's problem */
  ask<C extends RequestContract>(
    context: RequestContext,
    contract: C,
    body: BodyOf<C>,
    caller?: Caller,
  ): Promise<AnswerOf<C>>;
}
