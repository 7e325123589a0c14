import type { JsonObject, JsonValue } from '../normalize/json.js';

/**
 * What a YAML tag makes of the node it stands on, by the kind of node. A kind without an entry does not take the tag:
 * it is dropped with a warning.
 */
export interface YamlTag {
  /** @param text the scalar as written; quotes make no difference. */
  readonly scalar?: (text: string) => unknown;
  readonly map?: (map: JsonObject) => unknown;
  readonly sequence?: (items: JsonValue[]) => unknown;
}

/** Tags by their name with the exclamation mark: `!ref`. */
export type YamlTags = Readonly<Record<string, YamlTag>>;

/** The tags of the scenario language (scenario-language §1.1). */
export const SCENARIO_TAGS: YamlTags = {
  '!ref': { scalar: (text) => ({ '<ref>': text }) },
  '!tpl': { scalar: (text) => ({ '<tpl>': text }), map: (parts) => ({ '<tpl>': parts }) },
  '!select': { map: (branches) => ({ '<select>': branches }) },
  '!const': { scalar: (text) => ({ const: plainValue(text) }) },
  '!enum': { sequence: (items) => ({ enum: items }) },
  '!default': { scalar: (text) => withType(plainValue(text)) },
  '!format': { scalar: (text) => ({ type: 'string', format: text }) },
  '!pattern': { scalar: (text) => ({ type: 'string', pattern: text }) },
  '!required': {
    scalar: (text) => (text === '' ? { '!required': true } : { type: text, '!required': true }),
    map: (schema) => ({ ...schema, '!required': true }),
  },
  '!merge': { scalar: (path) => ({ mode: 'merge', set: path }) },
  '!append': { scalar: (path) => ({ mode: 'append', set: path }) },
};

/** What a tagged scalar means: a number where JavaScript's `Number()` sees one, even in an empty text, which is 0. */
function plainValue(text: string): JsonValue {
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  if (text === 'true' || text === 'false') return text === 'true';
  return text === '~' ? null : text;
}

function withType(value: JsonValue): JsonObject {
  if (value === null) return { default: value };
  const type = Number.isInteger(value) ? 'integer' : typeof value;
  return { default: value, type };
}
