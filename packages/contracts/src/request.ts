import type { z } from 'zod';

/** The services that answer requests. */
export type ServiceName = 'auth' | 'engine' | 'notifier';

/**
 * A question one service can ask another: a literal versioned name, the service that answers, the shape of the body and of
 * a successful reply. A failure is always a `Problem`.
 */
export interface RequestContract<Body extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly service: ServiceName;
  readonly body: Body;
  readonly answer: Answer;
}

/** Keeps the literal types of a contract while checking its form. */
export function defineRequest<const Body extends z.ZodType, const Answer extends z.ZodType>(
  contract: RequestContract<Body, Answer>,
): RequestContract<Body, Answer> {
  return contract;
}

export type BodyOf<C extends RequestContract> = z.infer<C['body']>;
export type AnswerOf<C extends RequestContract> = z.infer<C['answer']>;
