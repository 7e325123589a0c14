export { PatternError } from './error.js';
export { compilePattern, type Pattern, type PatternMatch } from './pattern.js';
export { regExpEngine, type RegExpEngine } from './reg-exp-engine.js';
