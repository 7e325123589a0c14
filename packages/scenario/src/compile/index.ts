export type { Abilities, ActionAbility, TimerAbility } from './abilities.js';
export type { CompiledAction, CompiledInstruction } from './action.js';
export { compile, type CompileOptions } from './compile.js';
export type { CompiledActor, CompiledScenario } from './scenario.js';
export type { CompiledState, NotifyEntry, StateContent } from './state.js';
export type { CompiledTransition } from './transition.js';
export { parseUpdatePath, UpdatePathError, type UpdatePath } from './update-path.js';
export { declared, namesActor } from './actor-reference.js';
