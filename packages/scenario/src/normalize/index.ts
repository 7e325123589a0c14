export { isService, serviceName, wildcardOf } from './actor-key.js';
export { NormalizeError } from './error.js';
export type { JsonObject, JsonValue } from './json.js';
export { JSON_SCHEMA, normalize, normalizeScenario, SCENARIO_SCHEMA, SIMPLIFIED_SCHEMA } from './normalize.js';
export * from './normalized.js';
