/**
 * The scenario language: parse, validate, normalise, identify, compile. Pure: no clock, no I/O.
 * Each folder is one concept and exports what others may use of it.
 */
export * from './compile/index.js';
export * from './functions/index.js';
export * from './identity/index.js';
export * from './jmespath/index.js';
export * from './limits.js';
export * from './normalize/index.js';
export * from './pattern/index.js';
export * from './schema/index.js';
export * from './tags.js';
export * from './validate/index.js';
export * from './yaml/index.js';
