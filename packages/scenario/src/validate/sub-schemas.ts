import type { Limits } from '../limits.js';
import { isDataFunction } from '../normalize/data-function.js';
import { isObject } from '../normalize/json.js';
import { createSchemaCompiler, SchemaError, type CompiledSchema, type SchemaRegistry } from '../schema/index.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

/** A part of a scenario that an application has its own schema for. */
interface Part {
  readonly path: readonly string[];
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Holds actions, states and messages against the application's own schemas they name (scenario-language §8.4). A data
 * function may stand for any value. A schema the registry does not know accepts anything.
 */
export function* subSchemaErrors(
  scenario: Readonly<Record<string, unknown>>,
  registry: SchemaRegistry,
  limits: Limits,
): Generator<Finding> {
  const compiled = new Map<string, CompiledSchema | SchemaError>();
  const compiler = createSchemaCompiler(registry, limits);
  for (const { path, value } of partsOf(scenario)) {
    const id = schemaIdOf(value);
    if (id === undefined || !isKnown(id, registry)) continue;
    const schema = compiled.get(id) ?? compileOrError(() => compiler.compile({ $ref: id }));
    compiled.set(id, schema);
    if (schema instanceof SchemaError) {
      yield finding(pointer([...path, 'schema']), `must reference a usable schema (${schema.message})`, { value: id });
    } else {
      yield* violations(schema, value, pointer(path));
    }
  }
}

/** Names the schemas that actions, states and messages ask for and the registry does not know. */
export function* unknownSubSchemas(
  scenario: Readonly<Record<string, unknown>>,
  registry: SchemaRegistry,
): Generator<Finding> {
  for (const { path, value } of partsOf(scenario)) {
    const id = schemaIdOf(value);
    if (id === undefined || isKnown(id, registry)) continue;
    yield finding(pointer([...path, 'schema']), `names a schema that is not known: ${id}`, { value: id });
  }
}

/** @returns ids of the schemas that actions, states and messages ask for, without fragments */
export function schemasNamedBy(scenario: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const ids = [...partsOf(scenario)].map(({ value }) => schemaIdOf(value));
  return new Set(ids.flatMap((id) => (id === undefined ? [] : [documentOf(id)])));
}

/** `form` is short for `schema:form`. */
function schemaIdOf({ schema }: Part['value']): string | undefined {
  if (typeof schema !== 'string') return undefined;
  return schema.includes(':') ? schema : `schema:${schema}`;
}

const isKnown = (id: string, registry: SchemaRegistry): boolean => registry.get(documentOf(id)) !== undefined;

const documentOf = (id: string): string => id.replace(/#.*$/s, '');

function compileOrError(compile: () => CompiledSchema): CompiledSchema | SchemaError {
  try {
    return compile();
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
}

/** What is wrong both with the data functions and without them is wrong whatever they yield. */
function violations(schema: CompiledSchema, value: unknown, path: string): Finding[] {
  const found = schema.validate(value);
  if (found.length === 0) return [];
  const identity = ({ instancePath, schemaPath }: { instancePath: string; schemaPath: string }) =>
    `${instancePath} ${schemaPath}`;
  const withoutFunctions = new Set(schema.validate(omitFunctions(value)).map(identity));
  return found
    .filter((violation) => withoutFunctions.has(identity(violation)))
    .map((violation) => ({ ...violation, instancePath: path + violation.instancePath }));
}

function omitFunctions(value: unknown): unknown {
  if (isDataFunction(value)) return undefined;
  if (Array.isArray(value)) return value.map(omitFunctions);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, omitFunctions(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

function* partsOf({ actions, states }: Readonly<Record<string, unknown>>): Generator<Part> {
  yield* objectsIn(actions, ['actions']);
  for (const { path, value } of objectsIn(states, ['states'])) {
    yield { path, value };
    const isList = Array.isArray(value.notify);
    for (const [index, entry] of [value.notify].flat().entries()) {
      const at = [...path, 'notify', ...(isList ? [String(index)] : []), 'message'];
      if (isObject(entry) && isObject(entry.message)) yield { path: at, value: entry.message };
    }
  }
}

function* objectsIn(map: unknown, path: readonly string[]): Generator<Part> {
  for (const [key, value] of isObject(map) ? Object.entries(map) : []) {
    if (isObject(value)) yield { path: [...path, key], value };
  }
}
