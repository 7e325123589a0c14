import { Ajv2020 } from 'ajv/dist/2020.js';

import { SchemaError } from './error.js';
import type { JsonSchema } from './schema.js';

export const META_SCHEMA_ID = 'https://json-schema.org/draft/2020-12/schema';

let ajv: Ajv2020 | undefined;

/**
 * Holds a schema against the meta-schema of draft 2020-12, whatever dialect it says it is in. Unknown keywords are fine.
 * @throws SchemaError `schema is invalid: data/type must be …`.
 */
export function assertWellFormed(schema: JsonSchema): void {
  // Compiled once, on first use; it holds the meta-schema only and keeps nothing of what it checks.
  ajv ??= new Ajv2020({ strict: false, logger: false, validateFormats: false });
  if (!ajv.validate(META_SCHEMA_ID, schema)) {
    throw new SchemaError('invalid-schema', `schema is invalid: ${ajv.errorsText()}`);
  }
}
