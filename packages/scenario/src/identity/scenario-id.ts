import { stableJson } from './stable-json.js';
import { URL_NAMESPACE, uuid5 } from './uuid.js';

/** What an id is computed from: any document that names its schema. */
interface Identifiable {
  readonly $schema: string;
  readonly id?: unknown;
}

/**
 * The namespace of all documents of one schema. Source: scenario-language §7.1.
 *
 * @param schema The document's `$schema`.
 */
export function scenarioNamespace(schema: string): string {
  return uuid5(schema, URL_NAMESPACE);
}

/**
 * The id a scenario has by its content: UUID v5 of the stable JSON of the normalised document, without its own `id`.
 * Whether an `id` the document carries is trusted instead is the caller's choice. Source: scenario-language §7.2.
 *
 * @param normalised A normalised scenario, or a standalone schema document.
 */
export function scenarioId(normalised: Identifiable): string {
  const { id: _id, ...content } = normalised;
  return uuid5(stableJson(content), scenarioNamespace(normalised.$schema));
}
