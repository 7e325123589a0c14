import { assertDepth, isService } from '@handover/scenario';

import { guarded } from './error.js';
import type { ActionEvent, EventActor } from './events/event.js';
import { seal, sealSkipped } from './events/seal.js';
import { extend, own } from './json.js';
import type { Actor, Change, Process } from './process.js';
import { processErrors } from './rules/process-rules.js';
import { stepErrors, type Attempt, type Identity } from './rules/step-rules.js';
import { stateOf } from './states/enter.js';
import { move } from './states/move.js';
import { chooseTransition } from './states/transition.js';
import { assertTimestamp } from './timestamp.js';
import { beginTurn, endTurn, recordOnly, type ActingState, type Turn } from './turn.js';
import { update } from './updates/update.js';

/** Who performs an action: a key alone, or a key and what is known of the user. `roles` are checked, never recorded. */
export type Performer =
  | string
  | {
      readonly key: string;
      readonly id?: string | null;
      readonly roles?: readonly string[] | null;
      readonly [info: string]: unknown;
    };

export interface StepRequest {
  /** Name of the action, without its state. */
  readonly action: string;
  /** Actor key or `service:NAME`; `actor` by default. */
  readonly actor?: Performer;
  /** Absent: the response schema's default is used. */
  readonly response?: unknown;
  /** The time of the step, as `Date.prototype.toISOString` gives it. */
  readonly now: string;
}

/**
 * An actor performs an action (process-semantics §3). An action that is not allowed, or would make the process invalid,
 * is recorded as a skipped event with the reasons; nothing else changes then.
 *
 * @returns the process after the step; `event.skipped` and `event.errors` tell whether it was refused.
 * @throws ProcessError when it can be neither carried out nor refused, e.g. for a failing expression. Nothing is recorded.
 */
export function step(process: Process, request: StepRequest): Change<ActionEvent> {
  assertTimestamp(request.now);
  return guarded(() => {
    assertDepth([request.response, request.actor], process.scenario.limits.documentDepth);
    const { event, identity } = actionEvent(process, request);
    const outcome = perform(process, event, 'live', identity);
    return outcome.errors ? recordOnly(process, sealSkipped(event, outcome.errors)) : endTurn(outcome.turn);
  });
}

function actionEvent(process: Process, { action, actor = 'actor', response, now }: StepRequest) {
  const { roles, recorded } = typeof actor === 'string' ? { recorded: { key: actor } } : withoutRoles(actor);
  const event: ActionEvent = seal({
    previous: process.head.hash,
    timestamp: now,
    action,
    actor: recorded,
    ...(response !== undefined && { response }),
    skipped: false,
  });
  return { event, identity: { id: recorded.id, roles } };
}

function withoutRoles({ roles, ...given }: Exclude<Performer, string>) {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { roles, recorded: Object.fromEntries(known) as unknown as EventActor };
}

/**
 * What an action is performed for. `live`: it happens now. `replay`: it happened, and who acted was checked then.
 * `prediction`: it would happen; responses and the process are not validated, stubs stand in for values (§8).
 */
type Mode = 'live' | 'replay' | 'prediction';

type Outcome =
  { readonly turn: Turn<ActionEvent>; readonly errors?: undefined } | { readonly errors: readonly string[] };

/** Carries out the action of an event, as far as the rules allow. The one path of step, replay and prediction. */
export function perform(process: Process, event: ActionEvent, mode: Mode, identity: Identity = {}): Outcome {
  const predicting = mode === 'prediction';
  const attempt = attemptOf(process, event, identity, predicting);
  const { scenario, state, name, action, actor } = attempt;
  const turn = beginTurn(process, event, actingState(process, attempt), predicting);

  const refused = stepErrors(attempt, turn.draft);
  if (refused.length > 0) return { errors: refused };

  if (action) update(turn, action, actor);
  const errors = predicting ? [] : processErrors(scenario, process, turn.draft);
  const taken = chooseTransition(state, name, actor, turn.draft);
  if (!taken) {
    // The reference forgets the actor's key in a replay; its message ends there.
    const who = mode === 'replay' ? '' : ` ${actor}`;
    errors.push(`No transition found for action '${name}' in state '${state.key}' for actor${who}`);
  }
  if (!taken || errors.length > 0) return { errors };

  const restless = move(turn, taken);
  return restless === undefined ? { turn } : { errors: [restless] };
}

function attemptOf(process: Process, event: ActionEvent, identity: Identity, predicting: boolean): Attempt {
  const { scenario, current } = process;
  const action = scenario.action(current.key, event.action);
  return {
    scenario,
    state: stateOf(scenario, current.key),
    name: event.action,
    action,
    actor: event.actor.key,
    identity,
    // A null is taken for an absent response (decision 3); the event keeps it.
    response: event.response ?? action?.defaultResponse,
    predicting,
  };
}

/** The current state as expressions see it during the step: with response, actor and action (§3 step 4). */
function actingState({ actors, current }: Process, { actor: key, name, response }: Attempt) {
  return extend<ActingState>(current, {
    response,
    actor: extend<Actor>(isService(key) ? undefined : own(actors, key), { key }),
    action: current.actions.find((action) => action.key === name),
  });
}
