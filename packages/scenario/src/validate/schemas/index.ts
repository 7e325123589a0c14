import type { JsonSchema } from '../../schema/index.js';
import { action } from './action.js';
import { actor } from './actor.js';
import { fn } from './fn.js';
import { scenario } from './scenario.js';
import { schema } from './schema.js';
import { state } from './state.js';

const BASE = 'https://schemas.letsflow.io/v1.0/';

/** The schemas of the language itself, each by its id; they refer to each other. */
export const LANGUAGE_SCHEMAS: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  [action, actor, fn, scenario, schema, state].map((one) => [BASE + one.$id, { ...one, $id: BASE + one.$id }]),
);
