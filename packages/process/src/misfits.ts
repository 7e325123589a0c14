import type { CompiledScenario } from '@handover/scenario';

import { guarded } from './error.js';
import type { Process } from './process.js';
import { processErrors } from './rules/process-rules.js';
import { viewOf } from './turn.js';

/**
 * Why a process, as it is now, would not be one of another scenario: its state is not there, its actors or variables are not
 * declared or not valid. Says more than the first event that `migrate` stumbles over; what happened may still be impossible
 * where nothing is found here.
 */
export function misfits(scenario: CompiledScenario, process: Process): string[] {
  const { key } = process.current;
  const state = scenario.states.has(key) ? [] : [`State '${key}' not found in scenario`];
  return [...state, ...guarded(() => processErrors(scenario, process, viewOf(process)))];
}
