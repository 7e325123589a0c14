import { HandoverError } from '@handover/contracts';
import { AddressRefused, guardedConnector } from '@handover/runtime/egress';
import { JSON_SCHEMA, parseJson, type JsonSchema } from '@handover/scenario';
import QuickLRU from 'quick-lru';
import { Agent, request } from 'undici';
import { readSchema } from './read-schema.js';

/** Schemas that scenarios refer to by the address they are to be had at. */
export interface RemoteSchemas {
  /** Whether it would be fetched: its host is one of the configured ones. */
  isAllowed(id: string): boolean;
  /**
   * A document as it was no more than ten minutes ago.
   * @throws HandoverError `invalid_scenario` when there is none that can be used, `unavailable` when it cannot be had now
   */
  fetch(id: string): Promise<JsonSchema>;
  close(): Promise<void>;
}

export interface RemoteSchemaOptions {
  /** As in a URL: a name, with a port where it is not the usual one. */
  readonly hosts: readonly string[];
  /** Then http and this machine are allowed too. */
  readonly isDevelopment: boolean;
  /** From look-up to last byte; default 3 s. */
  readonly timeoutMs?: number;
}

const MOST_BYTES = 256 * 1024;
const CACHED = { maxSize: 100, maxAge: 10 * 60 * 1_000 };

/** The other side has spoken, and another try would end the same. */
class Unusable extends Error {
  override readonly name = 'Unusable';
}

export function createRemoteSchemas({ hosts, isDevelopment, timeoutMs = 3_000 }: RemoteSchemaOptions): RemoteSchemas {
  const allowed = new Set(hosts);
  const protocols = isDevelopment ? ['https:', 'http:'] : ['https:'];
  const policy = { allowLoopback: isDevelopment };
  const agent = new Agent({ connect: guardedConnector({ policy, timeoutMs }) });
  const cache = new QuickLRU<string, Promise<JsonSchema>>(CACHED);

  const read = async (id: string): Promise<JsonSchema> => {
    try {
      const document = parsed(await download(agent, id, timeoutMs));
      return readSchema(inItsNotation(document), id).document;
    } catch (error) {
      throw complaint(id, error);
    }
  };
  return {
    isAllowed(id) {
      if (allowed.size === 0 || !URL.canParse(id)) return false;
      const { protocol, host, username, password } = new URL(id);
      return protocols.includes(protocol) && allowed.has(host) && username === '' && password === '';
    },
    fetch(id) {
      const reading = cache.get(id) ?? read(id);
      cache.set(id, reading);
      // What failed is tried again by the next who asks.
      reading.catch(() => cache.delete(id));
      return reading;
    },
    close: () => agent.destroy(),
  };
}

/** One GET: no redirects, no more than is allowed. @returns the body */
async function download(agent: Agent, url: string, timeoutMs: number): Promise<string> {
  const headers = { accept: 'application/schema+json, application/json', 'user-agent': 'Handover-Engine/1' };
  const signal = AbortSignal.timeout(timeoutMs);
  const { statusCode, body } = await request(url, { dispatcher: agent, headers, signal });
  if (statusCode !== 200) {
    await body.dump();
    const complained = `answered ${statusCode}${statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : ''}`;
    throw statusCode >= 500 || statusCode === 429 ? new Error(complained) : new Unusable(complained);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Unusable(`is larger than ${MOST_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Unusable(`is no JSON we take: ${(error as Error).message}`);
  }
}

/**
 * What is published elsewhere is written in the standard's own notation unless it says otherwise. Older documents close their
 * `$id` with an empty fragment, which means the same.
 */
function inItsNotation(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  const { $schema = JSON_SCHEMA, $id, ...rest } = document as Readonly<Record<string, unknown>>;
  return { ...rest, $schema, ...($id !== undefined && { $id: typeof $id === 'string' ? $id.replace(/#$/, '') : $id }) };
}

function complaint(id: string, error: unknown): HandoverError {
  if (error instanceof Unusable) return refused(id, error.message, error);
  if (error instanceof AddressRefused) return refused(id, `cannot be had: ${error.message}`, error);
  if (error instanceof HandoverError) {
    const faults = (error.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
    return refused(id, `is not valid: ${faults.join('; ')}`, error);
  }
  return new HandoverError('unavailable', `The schema ${id} cannot be had now`, { cause: error });
}

function refused(id: string, detail: string, cause: unknown): HandoverError {
  const errors = [{ pointer: '', detail: `the schema ${id} ${detail}` }];
  return new HandoverError('invalid_scenario', 'The scenario is not valid', { errors, cause });
}
