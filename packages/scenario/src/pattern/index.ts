export { PatternError } from './error.js';
export type { PatternMatch } from './match.js';
export { compilePattern, type Pattern } from './pattern.js';
export { regExpEngine, type RegExpEngine } from './reg-exp-engine.js';
