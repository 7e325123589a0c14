import {
  HandoverError,
  startProcess,
  storeScenario,
  type AnswerOf,
  type BodyOf,
  type Operation,
} from '@handover/contracts';
import { normalizeScenario, scenarioId } from '@handover/scenario';
import type { HandlerRequest } from '../http/operation.js';

/** A scenario that a surface brings along, with the id that follows from its content. */
export interface BuiltIn {
  readonly id: string;
  /** As its author would write it, in JSON. */
  readonly source: string;
}

export function builtIn(document: object): BuiltIn {
  return { id: scenarioId(normalizeScenario(document)), source: JSON.stringify(document) };
}

/** Asks a service on behalf of whoever sent the request. */
export type Ask = HandlerRequest<Operation>['ask'];

/**
 * Starts a process of a scenario that the tenant may not have yet: it is stored when the engine does not know it. Storing again
 * changes nothing, so several at once do no harm.
 */
export async function startOf(
  { id, source }: BuiltIn,
  ask: Ask,
  body: Omit<BodyOf<typeof startProcess>, 'scenario'>,
): Promise<AnswerOf<typeof startProcess>> {
  try {
    return await ask(startProcess, { ...body, scenario: id });
  } catch (error) {
    if (!(error instanceof HandoverError) || error.code !== 'unknown_scenario') throw error;
    await ask(storeScenario, { source, format: 'json' });
    return ask(startProcess, { ...body, scenario: id });
  }
}
