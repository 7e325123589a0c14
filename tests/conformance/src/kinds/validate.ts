import { schemaRegistry, validateScenario, type JsonSchema } from '@handover/scenario';

import { diff, type Difference } from '../diff.js';

/**
 * A scenario that is valid or not. Of the errors, the places count: which branches of an alternative are reported, and
 * in which words, is a matter of the schemas.
 */
export interface ValidateVector {
  readonly scenario: unknown;
  readonly schemas?: readonly { readonly $id: string }[];
  readonly valid: boolean;
  readonly errors: readonly { readonly instancePath: string }[];
}

export function runValidate({ scenario, schemas = [], valid, errors }: ValidateVector): Difference[] {
  const registry = schemaRegistry(Object.fromEntries(schemas.map((schema) => [schema.$id, schema as JsonSchema])));
  const actual = validateScenario(scenario, { schemas: registry });
  return [...diff('valid', valid, actual.valid), ...diff('errors', placesOf(errors), placesOf(actual.errors))];
}

const placesOf = (errors: readonly { readonly instancePath: string }[]): string[] =>
  [...new Set(errors.map(({ instancePath }) => instancePath))].sort();
