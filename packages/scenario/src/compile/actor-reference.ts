import { wildcardOf } from '../normalize/index.js';

/** @returns what is declared for a key: under the key itself, else under its wildcard (scenario-language §2.2). */
export function declared<T>(declarations: ReadonlyMap<string, T>, key: string): T | undefined {
  return declarations.get(key) ?? declarations.get(wildcardOf(key));
}

/** @returns whether a list of actor references names a key: itself, its wildcard, or everyone (process-semantics §4.1). */
export function namesActor(references: readonly string[], key: string): boolean {
  return references.includes('*') || references.includes(key) || references.includes(wildcardOf(key));
}
