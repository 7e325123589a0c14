/** @returns a `$ref` in its two parts: the document's id (`''`: this document) and the fragment without `#`. */
export function splitReference(reference: string): { id: string; fragment: string } {
  const hash = reference.indexOf('#');
  return hash < 0
    ? { id: reference, fragment: '' }
    : { id: reference.slice(0, hash), fragment: reference.slice(hash + 1) };
}

/** @returns what a JSON Pointer (`/$defs/name`, escaped as in a URI fragment) leads to, own properties only. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  if (!pointer.startsWith('/')) return undefined;
  let value = document;
  for (const segment of pointer.slice(1).split('/')) {
    const key = unescapeSegment(segment);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function unescapeSegment(segment: string): string {
  const plain = segment.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
