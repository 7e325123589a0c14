import type { Operation, OperationAnswer, OperationInput, REST, acceptedAnswer } from '@handover/contracts';
import { OPERATIONS, type OperationLine } from './operations.js';
import { send, type SendOptions } from './send.js';

export type ClientOptions = SendOptions;

/** What can be said about any call. */
export interface CallOptions {
  /** Ends the call, its retries included. */
  readonly signal?: AbortSignal;
}

/** What is accepted to be carried out later is only answered to those who ask for it. */
interface PostableCall<O extends Operation> {
  (input: OperationInput<O> & CallOptions & RespondAsync): Promise<Extract<OperationAnswer<O>, { status: 202 }>>;
  (input: OperationInput<O> & CallOptions): Promise<Exclude<OperationAnswer<O>, { status: 202 }>>;
}
interface RespondAsync {
  readonly headers: { readonly Prefer: 'respond-async' };
}
interface Postable {
  readonly answers: { readonly 202: typeof acceptedAnswer };
}

/** One operation: what its entry in the contracts says is sent, and what comes back, by status. */
export type Call<O extends Operation> = O extends Postable
  ? PostableCall<O>
  : Readonly<Record<never, never>> extends OperationInput<O>
    ? (input?: OperationInput<O> & CallOptions) => Promise<OperationAnswer<O>>
    : (input: OperationInput<O> & CallOptions) => Promise<OperationAnswer<O>>;

type Groups = typeof REST;

/** Every operation of the REST API, in groups: `client.processes.start({ body: { scenario } })`. */
export type Client = {
  readonly [Group in keyof Groups]: {
    readonly [Name in keyof Groups[Group]]: Groups[Group][Name] extends Operation ? Call<Groups[Group][Name]> : never;
  };
};

/**
 * A client of the REST API. Failures are thrown: `ProblemError` for an answer that says so, `ConnectionError` for none.
 * Commands carry an idempotency key, their caller's or one of their own, so that they can be sent again: what was acknowledged
 * happened once.
 */
export function createClient(options: ClientOptions): Client {
  const groups = Object.entries(OPERATIONS).map(([group, operations]) => {
    const calls = Object.entries(operations).map(([name, line]) => [name, callOf(options, line as OperationLine)]);
    return [group, Object.fromEntries(calls) as unknown] as const;
  });
  return Object.fromEntries(groups) as unknown as Client;
}

/** What the parts of a request look like to one who does not know which operation it is for. */
interface AnyInput extends CallOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

interface AnyAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

function callOf(options: ClientOptions, [method, path, kind]: OperationLine): (input?: AnyInput) => Promise<AnyAnswer> {
  return async (input = {}) => {
    const { signal } = input;
    const { media, text } = bodyOf(input.body, kind.includes('media'));
    const response = await send(options, {
      method,
      path: addressOf(path, input),
      headers: {
        Accept: 'application/json, */*;q=0.5',
        ...(media !== undefined && { 'Content-Type': media }),
        ...(kind.includes('command') && { 'Idempotency-Key': crypto.randomUUID() }),
        ...given(input.headers),
      },
      ...(text !== undefined && { body: text }),
      signal,
    });
    return { status: response.status, body: await contentOf(response), headers: namedHeaders(response.headers) };
  };
}

const given = (headers: AnyInput['headers'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** @param isOneOfSeveral the body says itself what it is: `{media, value}` */
function bodyOf(body: unknown, isOneOfSeveral: boolean): { media?: string; text?: string } {
  if (body === undefined) return {};
  if (!isOneOfSeveral) return { media: 'application/json', text: JSON.stringify(body) };
  const { media, value } = body as { media: string; value: unknown };
  return { media, text: typeof value === 'string' && !media.endsWith('json') ? value : JSON.stringify(value) };
}

function addressOf(path: string, { params = {}, query = {} }: AnyInput): string {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? address : `${address}?${search.toString()}`;
}

async function contentOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  return /[/+]json\b/.test(response.headers.get('Content-Type') ?? '') ? JSON.parse(text) : text;
}

/** As the documentation writes them: `Location`, `ETag`. */
function namedHeaders(headers: Headers): Record<string, string> {
  const named = (name: string): string =>
    name === 'etag'
      ? 'ETag'
      : name.replaceAll(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
  return Object.fromEntries([...headers].map(([name, value]) => [named(name), value]));
}
