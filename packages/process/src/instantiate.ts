import { assertDepth, type CompiledScenario } from '@handover/scenario';

import { createActors, type SuppliedActors } from './actors/create.js';
import { guarded, ProcessError } from './error.js';
import type { ActionEvent, InstantiateEvent } from './events/event.js';
import { seal } from './events/seal.js';
import type { Change } from './process.js';
import { automatic, end, enter, move } from './states/move.js';
import { step, type StepRequest } from './step.js';
import { assertTimestamp } from './timestamp.js';
import { endTurn, type Draft, type Turn } from './turn.js';
import { createVariables } from './variables.js';

export interface InstantiateRequest {
  /** Id of the process: a UUID. */
  readonly id: string;
  readonly now: string;
  /** What is known of the actors beforehand; also brings actors that a wildcard declares, e.g. `person_1`. */
  readonly actors?: SuppliedActors;
  /** Values of variables the scenario declares, in place of their defaults. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Tags of this process, beside those of the scenario. */
  readonly tags?: readonly string[];
  /** An action to perform at once. */
  readonly start?: Omit<StepRequest, 'now'>;
}

export interface Instantiated extends Change<InstantiateEvent> {
  /** The start action, if one was asked for; its `process` is then the result. It may have been skipped. */
  readonly start?: Change<ActionEvent>;
}

/**
 * Starts a process (process-semantics §2): actors, variables, the state `initial`, and every automatic transition out of it.
 *
 * @throws ProcessError when the scenario cannot start, e.g. for a failing expression or endless automatic transitions, and
 * when the supplied actors or variables do not fit it.
 */
export function instantiate(scenario: CompiledScenario, request: InstantiateRequest): Instantiated {
  const { id, now, actors = {}, vars = {}, tags = [], start } = request;
  assertTimestamp(now);
  const created = guarded(() => {
    assertDepth([actors, vars], scenario.limits.documentDepth);
    const known = {
      ...(Object.keys(actors).length > 0 && { actors }),
      ...(Object.keys(vars).length > 0 && { vars }),
      ...(tags.length > 0 && { tags }),
    };
    return begin(scenario, seal({ id, timestamp: now, scenario: scenario.id, ...known }));
  });
  return start ? { ...created, start: step(created.process, { ...start, now }) } : created;
}

/** Starts a process with an event that is already there. */
export function begin(scenario: CompiledScenario, event: InstantiateEvent): Change<InstantiateEvent> {
  const turn: Turn<InstantiateEvent> = {
    scenario,
    process: undefined,
    event,
    predicting: false,
    draft: firstDraft(scenario, event),
    log: [],
    rewritten: false,
    entered: false,
    fired: [],
  };
  enter(turn, 'initial');
  const next = automatic(turn);
  const restless = next ? move(turn, next, ['initial']) : undefined;
  if (restless !== undefined) throw new ProcessError('endless-transitions', restless);
  if (!next) end(turn);
  return endTurn(turn);
}

function firstDraft(scenario: CompiledScenario, event: InstantiateEvent): Draft {
  const { document, result } = scenario;
  return {
    id: event.id,
    title: document.title,
    isRunning: true,
    tags: [...document.tags, ...(event.tags ?? [])],
    scenario: document,
    actors: createActors(scenario, event.actors ?? {}),
    vars: createVariables(scenario, event.vars ?? {}),
    result: result.defaultValue ?? null,
    events: [event],
    previous: [],
  };
}
