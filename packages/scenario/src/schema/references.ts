import { isObject } from '../normalize/json.js';
import { splitReference } from './reference.js';

/**
 * Ids of the documents outside of a schema that it refers to, wherever the reference stands; relative ones are resolved
 * against the `$id` around them. Finds rather too many than too few: a `$ref` in an example counts.
 * @param document a schema, or anything with schemas in it
 * @param base id of the document, where it has one
 */
export function referencesOf(document: unknown, base?: string): ReadonlySet<string> {
  const found = new Set<string>();
  collect(document, base, found);
  return found;
}

function collect(value: unknown, base: string | undefined, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, base, found);
  if (!isObject(value)) return;
  const here = typeof value.$id === 'string' ? resolve(value.$id, base) : base;
  for (const keyword of ['$ref', '$dynamicRef']) {
    const reference = value[keyword];
    if (typeof reference !== 'string') continue;
    const { id } = splitReference(reference);
    if (id !== '') found.add(resolve(id, here));
  }
  for (const member of Object.values(value)) collect(member, here, found);
}

function resolve(reference: string, base: string | undefined): string {
  if (/^[a-z][a-z\d+.-]*:/i.test(reference) || base === undefined || !URL.canParse(reference, base)) return reference;
  return new URL(reference, base).href;
}
