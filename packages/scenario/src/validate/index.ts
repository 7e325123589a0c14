export { checkScenario, type CheckResult } from './check.js';
export type { Finding } from './finding.js';
export { LANGUAGE_SCHEMAS } from './schemas/index.js';
export { schemasNamedBy } from './sub-schemas.js';
export { validateScenario, type ValidateOptions, type ValidationResult } from './validate.js';
