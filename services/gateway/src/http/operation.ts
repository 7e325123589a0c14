import type { AnswerOf, BodyOf, Operation, OperationRequest, RequestContract } from '@handover/contracts';
import type { z } from 'zod';
import type { Caller, RequestContext } from './context.js';

/** A request as its handler sees it: the parts checked by the operation's schemas, the caller known, the services at hand. */
export interface HandlerRequest<O extends Operation> extends OperationRequest<O> {
  /** Nobody where the operation is for everybody. */
  readonly caller: O extends { readonly privilege: null } ? undefined : Caller;
  readonly ask: Ask;
  /** Asks with the caller's token exchanged anew, for requests that last: what was revoked meanwhile is refused. */
  readonly askAnew: Ask;
}

/** Asks a service on a caller's behalf. @throws HandoverError the service's problem */
type Ask = <C extends RequestContract>(contract: C, body: BodyOf<C>) => Promise<AnswerOf<C>>;

type BodyIn<A> = A extends { readonly schema: infer S extends z.ZodType }
  ? { readonly body: z.input<S> }
  : { readonly body?: undefined };
type HeadersIn<A> = A extends { readonly headers: infer S extends z.ZodType }
  ? Readonly<Record<never, never>> extends z.input<S>
    ? { readonly headers?: z.input<S> }
    : { readonly headers: z.input<S> }
  : { readonly headers?: undefined };

/** What a handler answers: one of the operation's answers. A body in another form than JSON is text, and says its media type. */
export type HandlerAnswer<O extends Operation> = {
  [Status in keyof O['answers']]:
    | ({ readonly status: Status } & BodyIn<O['answers'][Status]> & HeadersIn<O['answers'][Status]>)
    | ({ readonly status: Status; readonly text: string; readonly media: string } & HeadersIn<O['answers'][Status]>);
}[keyof O['answers']];

/** An answer that is not a value, such as a stream. */
export interface RawAnswer {
  readonly response: Response;
}

/** An operation and what carries it out. */
export interface Implementation {
  readonly operation: Operation;
  readonly handle: (request: unknown, context: RequestContext) => Promise<LooseAnswer | RawAnswer>;
}

/** {@link HandlerAnswer}, the operation forgotten. */
export interface LooseAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly media?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/**
 * Pairs an operation with what carries it out, keeping the operation's types.
 * @param handle gets the checked request; answers with one of the operation's answers, throws a HandoverError otherwise
 */
export function implement<O extends Operation, const A extends HandlerAnswer<O> | RawAnswer>(
  operation: O,
  handle: (request: HandlerRequest<O>, context: RequestContext) => Promise<A>,
): Implementation {
  return { operation, handle: handle as unknown as Implementation['handle'] };
}
