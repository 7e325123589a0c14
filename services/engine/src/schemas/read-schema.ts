import { HandoverError } from '@handover/contracts';
import {
  JSON_SCHEMA,
  LimitExceeded,
  NormalizeError,
  SIMPLIFIED_SCHEMA,
  SchemaError,
  UnsafeKeyError,
  createSchemaCompiler,
  emptyRegistry,
  normalize,
  type JsonSchema,
} from '@handover/scenario';

/** `person` is short for `schema:person`. */
export const fullId = (id: string): string => (id.includes(':') ? id : `schema:${id}`);

/**
 * A schema document of its own in its written-out form (scenario-language §4.4). What it refers to is looked for when a
 * scenario is stored, so that schemas which refer to each other can be kept one after the other.
 * @param id what it is called; without, by its `$id`
 * @throws HandoverError `invalid_schema` with the member that is wrong
 */
export function readSchema(authored: unknown, id?: string): { id: string; document: JsonSchema } {
  if (typeof authored !== 'object' || authored === null || Array.isArray(authored)) {
    throw invalid('', 'must be an object');
  }
  const { $id = id, $schema = SIMPLIFIED_SCHEMA } = authored as Readonly<Record<string, unknown>>;
  if (typeof $id !== 'string' || $id === '') throw invalid('/$id', 'must be the id of the schema');
  if (id !== undefined && fullId($id) !== id) throw invalid('/$id', `must be ${id}, or left out`);
  if ($schema !== SIMPLIFIED_SCHEMA && $schema !== JSON_SCHEMA) {
    throw invalid('/$schema', `must be ${SIMPLIFIED_SCHEMA}, ${JSON_SCHEMA} or left out`);
  }
  try {
    const document = { ...(normalize(authored, SIMPLIFIED_SCHEMA) as object), $id: fullId($id) };
    requireUsable(document);
    return { id: fullId($id), document };
  } catch (error) {
    const isExpected = error instanceof NormalizeError || error instanceof SchemaError;
    if (isExpected || error instanceof LimitExceeded || error instanceof UnsafeKeyError) {
      throw invalid('', error.message, error);
    }
    throw error;
  }
}

function requireUsable(schema: JsonSchema): void {
  try {
    createSchemaCompiler(emptyRegistry).compile(schema);
  } catch (error) {
    if (error instanceof SchemaError && error.code === 'unresolvable-reference') return;
    throw error;
  }
}

const invalid = (pointer: string, detail: string, cause?: unknown): HandoverError =>
  new HandoverError('invalid_schema', 'The schema is not valid', { errors: [{ pointer, detail }], cause });
