import { isService, stableJson, wildcardOf, type CompiledTransition } from '@handover/scenario';

import { guarded, ProcessError } from './error.js';
import type { ActionEvent } from './events/event.js';
import type { CurrentState, Process } from './process.js';
import { stateOf } from './states/enter.js';
import { pending } from './states/timers.js';
import { perform } from './step.js';
import { fire } from './timeout.js';
import { endTurn, viewOf } from './turn.js';

export type PredictedState = Omit<CurrentState, 'timestamp' | 'notify'>;

export interface PredictOptions {
  /** Most states to predict; 100 by default. */
  readonly max?: number;
}

/**
 * The states a process will probably go through (process-semantics §8): in each, the first action somebody can do is done,
 * else the first timeout runs out. Responses are the defaults, updates use their stubs, nothing is validated; expressions
 * see `is_prediction: true`. Stops at the end or when it would go in circles.
 *
 * @throws ProcessError `Max iterations reached`, and for failing expressions.
 */
export function predict(process: Process, { max = 100 }: PredictOptions = {}): PredictedState[] {
  return guarded(() => {
    const states: PredictedState[] = [];
    const seen = new Set<string>();
    let now = process;
    for (let next: Process | undefined = process; next !== undefined; next = likelyNext(now)) {
      now = next;
      if (states.length > max) throw new ProcessError('endless-prediction', 'Max iterations reached');
      const signature = signatureOf(now);
      if (seen.has(signature)) break;
      seen.add(signature);
      states.push(predicted(now.current));
    }
    const isEnd = stateOf(now.scenario, now.current.key).isEnd;
    if (!isEnd && states.at(-1)?.key !== now.current.key) states.push(predicted(now.current));
    return states.slice(1);
  });
}

function predicted({ timestamp: _timestamp, notify: _notify, ...state }: CurrentState): PredictedState {
  return state;
}

const signatureOf = ({ title, tags, actors, vars, result, current }: Process): string =>
  stableJson({ title, tags, actors, vars, result, current: current.key });

function likelyNext(process: Process): Process | undefined {
  return afterAction(process) ?? afterTimeout(process);
}

function afterAction(process: Process): Process | undefined {
  const tried = new Set<string>();
  for (const transition of stateOf(process.scenario, process.current.key).transitions) {
    for (const [action, actor] of attempts(process, transition)) {
      const attempt = JSON.stringify([action, actor]);
      if (tried.has(attempt)) continue;
      tried.add(attempt);
      const outcome = perform(process, imagined(process, action, actor), 'prediction');
      if (!outcome.errors) return endTurn(outcome.turn).process;
    }
  }
  return undefined;
}

/** Who might take a transition: actors the process has, and services that are named. */
function attempts({ actors, current }: Process, { on, by }: CompiledTransition): [action: string, actor: string][] {
  if (typeof on !== 'string') return [];
  const keys = Object.keys(actors);
  const services = current.actions.find(({ key }) => key === on)?.actor.filter(isService) ?? [];
  return by
    .flatMap((reference) => {
      if (reference === '*') return [...keys, ...services];
      return reference.endsWith('*') ? keys.filter((key) => wildcardOf(key) === reference) : [reference];
    })
    .map((actor) => [on, actor]);
}

/** An event that never happens needs no hash. */
const imagined = ({ head }: Process, action: string, key: string): ActionEvent => ({
  previous: head.hash,
  timestamp: head.timestamp,
  action,
  actor: { key },
  skipped: false,
  hash: '',
});

function afterTimeout(process: Process): Process | undefined {
  const { hash: previous, timestamp } = process.head;
  // A timeout that stays leads nowhere.
  const first = pending(process, viewOf(process, undefined, process.current, true)).find(({ goto }) => goto !== null);
  return first && fire(process, { previous, timestamp, hash: '' }, first, true).process;
}
