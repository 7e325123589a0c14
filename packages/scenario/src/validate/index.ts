export { checkScenario, type CheckResult } from './check.js';
export type { Finding } from './finding.js';
export { validateScenario, type ValidateOptions, type ValidationResult } from './validate.js';
