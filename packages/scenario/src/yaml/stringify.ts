import { Scalar, stringify, type ScalarTag } from 'yaml';

import { isObject } from '../normalize/json.js';

/**
 * Writes a value as YAML, expressions and templates by their tags (scenario-language §1 item 3).
 *
 * A map with the key `<ref>` or `<tpl>` and a text there is written as that tag, without its other members. Everything
 * else, schemas included, is written as plain maps. Long texts are folded at 80 characters.
 */
export function stringifyYaml(value: unknown): string {
  return stringify(value, {
    customTags: [textFunction('!ref', '<ref>'), textFunction('!tpl', '<tpl>')],
    aliasDuplicateObjects: false,
  });
}

function textFunction(tag: string, key: string): ScalarTag {
  return {
    tag,
    identify: (value) => isObject(value) && typeof value[key] === 'string',
    createNode: (_schema, value) => new Scalar((value as Record<string, string>)[key]),
    resolve: (text) => text,
  };
}
