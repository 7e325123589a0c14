import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import type { Privilege } from '../principal.js';
import type { Surface } from './surface.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * What a body may be, by media type. One entry of `application/json` gives the handler the value itself; several give
 * `{media, value}`.
 */
export interface BodyDefinition {
  readonly content: Readonly<Record<string, z.ZodType>>;
  /** A request without any body is fine. */
  readonly optional?: true;
  /** The handler gets `{media, text}`: a service behind reads the text, the schemas only describe it. */
  readonly verbatim?: true;
}

/** An answer that is not a failure. */
export interface AnswerDefinition {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: z.ZodType;
  /** The media types it may come in; default `application/json`. */
  readonly media?: readonly string[];
  readonly headers?: z.ZodObject;
}

/** A request and what came of it, as the documentation shows it. */
export interface Example {
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Media type of the request's body; default the operation's first. */
  readonly media?: string;
  readonly status: number;
  readonly answer?: unknown;
}

/**
 * One thing a client can ask of the REST API, as data: the gateway checks requests by it, the OpenAPI document is made of
 * it, the client is typed by it.
 */
export interface Operation {
  /** Unique: the operation id of the OpenAPI document, such as `startProcess`. */
  readonly id: string;
  readonly surface: Surface;
  readonly method: Method;
  /** With parameters in braces: `/processes/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Absent: whoever is known may ask, the services decide. `null`: nobody is asked who they are. Several: one of them is enough. */
  readonly privilege?: Privilege | readonly Privilege[] | null;
  /** Of the path; absent: every parameter is text. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Under the names they are documented by; compared without regard to case. */
  readonly headers?: z.ZodObject;
  readonly body?: BodyDefinition;
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** Beside those that {@link errorsOf} knows by itself. */
  readonly errors: readonly ErrorCode[];
  readonly examples: readonly Example[];
}

/** Keeps the literal types of an operation while checking its form. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation;
}

/** A body that is JSON, always. */
export function json<Schema extends z.ZodType>(schema: Schema): { content: { 'application/json': Schema } } {
  return { content: { 'application/json': schema } };
}

/** The names of a path's parameters, in order. */
export const parameterNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Every code of the catalogue that an operation may fail with. Text in a path can be one that no name may be: too long, say. */
export function errorsOf({ privilege, path, params, query, headers, body, errors }: Operation): ErrorCode[] {
  const codes: ErrorCode[] = [...errors, 'internal', 'unavailable', 'timeout'];
  if (privilege !== null) codes.push('unauthenticated', 'forbidden', 'rate_limited');
  if (path.includes('{') || (params ?? query ?? headers ?? body)) codes.push('invalid_request');
  if (body) codes.push('malformed_body', 'unsupported_media_type', 'body_too_large');
  return [...new Set(codes)];
}

type ParameterName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterName<Rest>
  : never;
type PathText<O extends Operation> = Readonly<Record<ParameterName<O['path']>, string>>;
type Nothing = Readonly<Record<never, never>>;

type ReadBody<B> = B extends { readonly content: infer Content extends BodyDefinition['content'] }
  ? B extends { readonly verbatim: true }
    ? { readonly media: keyof Content; readonly text: string }
    : Exclude<keyof Content, 'application/json'> extends never
      ? z.output<Content['application/json' & keyof Content]>
      : { [M in keyof Content]: { readonly media: M; readonly value: z.output<Content[M]> } }[keyof Content]
  : undefined;

type SentBody<B> = B extends { readonly content: infer Content extends BodyDefinition['content'] }
  ? Exclude<keyof Content, 'application/json'> extends never
    ? z.input<Content['application/json' & keyof Content]>
    : { [M in keyof Content]: { readonly media: M; readonly value: z.input<Content[M]> } }[keyof Content]
  : never;

type IfOptional<B, T> = B extends { readonly optional: true } ? T | undefined : T;

/** What a handler gets: the parts of the request, checked and converted. */
export interface OperationRequest<O extends Operation> {
  readonly params: O extends { readonly params: infer S extends z.ZodType } ? z.output<S> : PathText<O>;
  readonly query: O extends { readonly query: infer S extends z.ZodType } ? z.output<S> : Nothing;
  readonly headers: O extends { readonly headers: infer S extends z.ZodType } ? z.output<S> : Nothing;
  readonly body: O extends { readonly body: infer B } ? IfOptional<B, ReadBody<B>> : undefined;
}

/** A member that may be left out when all of its own members may. */
type Member<Name extends string, T> = Nothing extends T
  ? Readonly<Partial<Record<Name, T>>>
  : Readonly<Record<Name, T>>;

/** What a client sends. */
export type OperationInput<O extends Operation> = Member<
  'params',
  O extends { readonly params: infer S extends z.ZodType } ? z.input<S> : PathText<O>
> &
  (O extends { readonly query: infer S extends z.ZodType } ? Member<'query', z.input<S>> : Nothing) &
  (O extends { readonly headers: infer S extends z.ZodType } ? Member<'headers', z.input<S>> : Nothing) &
  (O extends { readonly body: infer B }
    ? B extends { readonly optional: true }
      ? { readonly body?: SentBody<B> }
      : { readonly body: SentBody<B> }
    : Nothing);

/** What a client gets, by status. */
export type OperationAnswer<O extends Operation> = {
  [Status in keyof O['answers']]: {
    readonly status: Status;
    readonly body: O['answers'][Status] extends { readonly schema: infer S extends z.ZodType }
      ? z.output<S>
      : undefined;
    readonly headers: O['answers'][Status] extends { readonly headers: infer S extends z.ZodType }
      ? z.output<S>
      : Nothing;
  };
}[keyof O['answers']];
