import { stableJson } from '../identity/index.js';
import {
  defaultValue,
  type CompiledSchema,
  type JsonSchema,
  type SchemaCompiler,
  type SchemaRegistry,
} from '../schema/index.js';

/** Computed schemas kept compiled: a scenario has few of them, and a hostile one must not fill the memory. */
const KEPT_COMPUTED = 32;

/** The schemas of one scenario, each compiled when it is first needed and kept as long as the scenario. */
export interface ScenarioSchemas {
  /** @returns a schema of the scenario document; it is compiled by its first validation. */
  declare(schema: JsonSchema): CompiledSchema;
  /** @returns the compiled form of a declared schema, or of one that a data function yielded just now. */
  of(schema: object): CompiledSchema;
}

export function createScenarioSchemas(compiler: SchemaCompiler, registry: SchemaRegistry): ScenarioSchemas {
  const declared = new WeakMap<object, CompiledSchema>();
  const computed = new Map<string, CompiledSchema>();

  const compute = (schema: object): CompiledSchema => {
    const key = stableJson(schema);
    const compiled = computed.get(key) ?? compiler.compile(schema as JsonSchema);
    // Re-inserting makes it the youngest; the oldest goes first.
    computed.delete(key);
    computed.set(key, compiled);
    if (computed.size > KEPT_COMPUTED) computed.delete(computed.keys().next().value ?? key);
    return compiled;
  };

  return {
    declare(schema) {
      const lazy = new LazySchema(schema, compiler, registry);
      if (typeof schema === 'object') declared.set(schema, lazy);
      return lazy;
    },
    of: (schema) => declared.get(schema) ?? compute(schema),
  };
}

/** Compiling takes a millisecond; most of a scenario's schemas are not needed for the next step. */
class LazySchema implements CompiledSchema {
  readonly #schema: JsonSchema;
  readonly #compiler: SchemaCompiler;
  readonly #registry: SchemaRegistry;
  #compiled: CompiledSchema | undefined;
  #default: { readonly value: unknown } | undefined;

  constructor(schema: JsonSchema, compiler: SchemaCompiler, registry: SchemaRegistry) {
    this.#schema = schema;
    this.#compiler = compiler;
    this.#registry = registry;
  }

  validate(value: unknown) {
    this.#compiled ??= this.#compiler.compile(this.#schema);
    return this.#compiled.validate(value);
  }

  get defaultValue(): unknown {
    this.#default ??= { value: defaultValue(this.#schema, this.#registry) };
    return this.#default.value;
  }
}
