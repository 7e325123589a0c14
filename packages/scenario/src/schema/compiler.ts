import { Ajv2020, MissingRefError, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { PatternError, regExpEngine } from '../pattern/index.js';
import { defaultValue } from './default-value.js';
import { assertDepth } from './depth.js';
import { SchemaError } from './error.js';
import { assertWellFormed, META_SCHEMA_ID } from './meta-schema.js';
import type { JsonSchema, SchemaRegistry } from './schema.js';

/** One rule of a schema that a value breaks, in AJV's words. */
export interface SchemaViolation {
  /** Where in the value, as a JSON Pointer; `''` is the value itself. */
  readonly instancePath: string;
  /** Where in the schema. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** English, e.g. `must have required property 'x'`. */
  readonly message: string;
}

/** A schema ready for use. It holds everything it needs; dropping it frees it. */
export interface CompiledSchema {
  /**
   * @returns every rule the value breaks, in AJV's order; empty when it is valid.
   * @throws LimitExceeded when holding a text against a pattern takes too much work.
   */
  validate(value: unknown): readonly SchemaViolation[];
  /** The schema's default (process-semantics §2.3), shared: do not change it. `undefined` when there is none. */
  readonly defaultValue: unknown;
}

export interface SchemaCompiler {
  /**
   * @throws SchemaError when the schema is malformed or refers to one the registry does not know.
   * @throws LimitExceeded when it is nested too deeply, or a pattern in it is too long.
   */
  compile(schema: JsonSchema): CompiledSchema;
}

/** The dialect of scenario-language §8.5, except that unknown keywords and formats are ignored (decision 6). */
const OPTIONS: Options = {
  allErrors: true,
  strict: false,
  strictNumbers: true,
  ownProperties: true,
  logger: false,
  formats: fullFormats,
  meta: false,
  validateSchema: false,
};

const VALID: readonly SchemaViolation[] = [];

/**
 * Compiles JSON Schemas of draft 2020-12. Each schema gets a world of its own, so that an `$id` used twice does not
 * clash and nothing outlives the compiled schema. Patterns run in linear time; `$ref`s are looked up in the registry alone.
 */
export function createSchemaCompiler(registry: SchemaRegistry, limits: Limits = DEFAULT_LIMITS): SchemaCompiler {
  return {
    compile(schema) {
      assertDepth(schema, limits.documentDepth);
      assertWellFormed(schema);
      const validator = compileWithReferences(schema, registry, limits);
      return {
        validate: (value) => (validator(value) ? VALID : (validator.errors ?? []).map(toViolation)),
        defaultValue: defaultValue(schema, registry),
      };
    },
  };
}

/** Lets AJV name the references it misses, one at a time, and hands it what the registry has. */
function compileWithReferences(schema: JsonSchema, registry: SchemaRegistry, limits: Limits): ValidateFunction {
  const root = asRoot(schema);
  let ajv = createAjv(limits);
  const added = new Set<string>();
  for (;;) {
    try {
      return ajv.compile(root);
    } catch (error) {
      if (!(error instanceof MissingRefError)) throw asSchemaError(error);
      const id = error.missingSchema;
      const referred = registry.get(id);
      if (added.has(id) || (referred === undefined && id !== META_SCHEMA_ID)) throw asSchemaError(error);
      added.add(id);
      if (referred === undefined) {
        ajv = createAjv(limits, { meta: true });
        added.clear();
        added.add(id);
      } else {
        assertDepth(referred, limits.documentDepth);
        assertWellFormed(referred);
        ajv.addSchema(asRoot(referred), id);
      }
    }
  }
}

function createAjv(limits: Limits, extra: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({ ...OPTIONS, ...extra, code: { regExp: regExpEngine(limits) } });
  // AJV refuses draft-4's `id`; here it is one more unknown keyword.
  ajv.removeKeyword('id');
  return ajv;
}

/** @returns the schema without what AJV would act on instead of ignore: another dialect, asynchronous validation. */
function asRoot(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const { $schema: _dialect, $async: _async, ...root } = schema;
  return root;
}

function toViolation({ instancePath, schemaPath, keyword, params, message = '' }: ErrorObject): SchemaViolation {
  return { instancePath, schemaPath, keyword, params, message };
}

function asSchemaError(error: unknown): unknown {
  if (error instanceof MissingRefError) return new SchemaError('unresolvable-reference', error.message);
  // AJV throws plain errors, e.g. for a `$ref` that is no URI.
  const plain = error instanceof PatternError || (error instanceof Error && error.constructor === Error);
  return plain ? new SchemaError('invalid-schema', error.message) : error;
}
