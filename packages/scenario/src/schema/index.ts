export { createSchemaCompiler, type CompiledSchema, type SchemaCompiler, type SchemaViolation } from './compiler.js';
export { defaultValue } from './default-value.js';
export { assertDepth } from './depth.js';
export { SchemaError } from './error.js';
export { referencesOf } from './references.js';
export { emptyRegistry, schemaRegistry, type JsonSchema, type SchemaRegistry } from './schema.js';
export { schemaWarnings, type SchemaWarning } from './warnings.js';
