import type { ForeignMessage } from '@handover/bus';
import { COMMANDS, HandoverError, IDEMPOTENCY_KEY, type CommandContract, type CommandTerms } from '@handover/contracts';
import { DocumentSyntaxError, LimitExceeded, UnsafeKeyError, parseJson } from '@handover/scenario';
import type { z } from 'zod';

/** A command as the engine's own requests are asked. */
export interface ReadCommand {
  readonly contract: CommandContract;
  /** Body of {@link CommandContract.request}. */
  readonly body: unknown;
}

const YAML_TYPES = new Set(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']);
const BY_NAME = new Map(COMMANDS.map((contract) => [contract.name, contract]));

/**
 * Reads an outsider's message.
 * @param limit of the body, in bytes
 * @throws HandoverError `unknown_message`, `body_too_large`, `unsupported_media_type`, `malformed_body`, `invalid_request`
 */
export function readCommand(message: ForeignMessage, limit: number): ReadCommand {
  const contract = BY_NAME.get(message.name);
  if (!contract) {
    const names = [...BY_NAME.keys()].join(', ');
    throw new HandoverError(
      'unknown_message',
      `No command is called '${message.name.slice(0, 100)}'; there are ${names}`,
    );
  }
  if (message.content.length > limit) {
    throw new HandoverError('body_too_large', `The body has ${message.content.length} bytes; ${limit} are allowed`);
  }
  requireKey(contract, message);
  return { contract, body: contract.translate(bodyOf(contract, message), termsOf(message)) };
}

/** The id under which a message is carried out once. @throws HandoverError `invalid_request` */
function requireKey({ name, needsId }: CommandContract, { id }: ForeignMessage): void {
  if (id === undefined && needsId) {
    throw new HandoverError('invalid_request', `${name} needs a message-id: with it, it is carried out once`);
  }
  if (id !== undefined && !IDEMPOTENCY_KEY.test(id)) {
    throw new HandoverError('invalid_request', 'message-id takes up to 255 printable ASCII characters');
  }
}

function bodyOf({ yaml, body: schema }: CommandContract, message: ForeignMessage): unknown {
  const type = (message.contentType ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json' || type.endsWith('+json');
  const text = message.content.toString('utf8');
  if (yaml && (isJson || YAML_TYPES.has(type))) return { source: text, format: isJson ? 'json' : 'yaml' };
  if (!isJson) {
    const allowed = yaml ? 'application/json or application/yaml' : 'application/json';
    throw new HandoverError('unsupported_media_type', `The body must be ${allowed}, not '${type.slice(0, 100)}'`);
  }
  const parsed = schema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new HandoverError('invalid_request', 'The body is not valid', { errors: parsed.error.issues.map(fieldError) });
}

function parsedJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof DocumentSyntaxError || error instanceof UnsafeKeyError || error instanceof LimitExceeded) {
      throw new HandoverError('malformed_body', `The body cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const fieldError = ({ path, message }: z.core.$ZodIssue) => ({
  pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  detail: message,
});

/** Conditions and preferences, in the words of HTTP (RFC 9110 If-Match, RFC 7240 Prefer). */
function termsOf({ headers }: ForeignMessage): CommandTerms {
  const tag = headers['if-match']?.trim().replace(/^(W\/)?"(.*)"$/, '$2');
  return {
    representation: /(^|[,;])\s*return\s*=\s*"?representation"?\s*($|[,;])/i.test(headers.prefer ?? ''),
    ...(tag !== undefined && tag !== '*' && { ifMatch: tag }),
  };
}

/**
 * What a command is about, by which it keeps its place: commands about one process are carried out in the order they came.
 * Read without care; the command itself is refused later when it cannot be read.
 */
export function subjectOf(message: ForeignMessage): string | undefined {
  const subject = BY_NAME.get(message.name)?.subject;
  if (!subject || message.content.length > MOST_LOOKED_AT) return undefined;
  try {
    const value = subject(JSON.parse(message.content.toString('utf8')));
    return typeof value === 'string' ? value.slice(0, 100) : undefined;
  } catch {
    return undefined;
  }
}

const MOST_LOOKED_AT = 8_388_608;
