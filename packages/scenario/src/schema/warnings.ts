import { fullFormats } from 'ajv-formats/dist/formats.js';

import { KEYWORDS, SUBSCHEMAS } from './keywords.js';

/** Something in a schema that has no effect and probably should have. */
export interface SchemaWarning {
  /** Where, as a JSON Pointer into the schema. */
  readonly path: string;
  /** `unknown keyword: "min"` or `unknown format "phone" ignored`. */
  readonly message: string;
}

/**
 * Names the keywords and formats that validation ignores (decision 6).
 * @param ignore keywords that mean something elsewhere, e.g. `role` of an actor.
 */
export function schemaWarnings(schema: unknown, ignore: ReadonlySet<string> = new Set()): SchemaWarning[] {
  return [...warnings(schema, '', ignore)];
}

function* warnings(schema: unknown, path: string, ignore: ReadonlySet<string>): Generator<SchemaWarning> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${escapeSegment(keyword)}`;
    if (!KEYWORDS.has(keyword)) {
      if (!ignore.has(keyword)) yield { path: at, message: `unknown keyword: "${keyword}"` };
    } else if (keyword === 'format') {
      if (typeof value === 'string' && !Object.hasOwn(fullFormats, value)) {
        yield { path: at, message: `unknown format "${value}" ignored` };
      }
    } else if (SUBSCHEMAS.one.has(keyword)) {
      yield* warnings(value, at, ignore);
    } else if (SUBSCHEMAS.list.has(keyword) || SUBSCHEMAS.map.has(keyword)) {
      for (const [key, child] of membersOf(value)) {
        yield* warnings(child, `${at}/${escapeSegment(key)}`, ignore);
      }
    }
  }
}

const membersOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const escapeSegment = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');
