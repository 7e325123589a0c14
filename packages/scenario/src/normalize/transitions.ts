import { listOf } from './actions.js';
import { toSeconds } from './duration.js';
import { NormalizeError, objectOrEmpty } from './error.js';
import { isObject } from './json.js';
import type { Log, Transition } from './normalized.js';

const actionLogDefaults = (): Log => ({
  title: { '<ref>': 'current.action.title' },
  description: { '<ref>': 'current.action.description' },
  if: true,
});

/**
 * The ways out of an active state, from its list or its short form (scenario-language §5.6).
 * @throws NormalizeError when the short form says where to go but not when, or a duration makes no sense.
 */
export function normalizeTransitions(key: string, state: Readonly<Record<string, unknown>>): Transition[] {
  const { on, by, after, goto = null, log } = state;
  if ('on' in state) {
    const entry = on === null ? timeoutLog(log) : actionLog(log);
    return [{ on, by: actorsOf(by), if: true, goto, log: entry } as Transition];
  }
  if ('after' in state) {
    return [{ after: toSeconds(after), if: true, goto, log: timeoutLog(log) } as Transition];
  }
  if (isAbsolute(state)) return [{ at: state.at, if: true, goto, log: timeoutLog(log) } as Transition];
  if ('goto' in state) throw new NormalizeError(`Invalid state '${key}': 'goto' without 'on' or 'after'`);
  return listOf(state.transitions).map((transition) => normalizeTransition(key, transition));
}

/**
 * Whether the short form of a state waits for a time. Everywhere else `at` is a property of the author's own.
 * @returns false for a state that has another way out.
 */
export const isAbsolute = (state: Readonly<Record<string, unknown>>): boolean =>
  'at' in state && 'goto' in state && !['on', 'after', 'transitions'].some((key) => key in state);

function normalizeTransition(state: string, authored: unknown): Transition {
  const transition = objectOrEmpty(authored, `transition of state '${state}'`);
  const isAction = 'on' in transition;
  return {
    ...transition,
    ...('after' in transition && { after: toSeconds(transition.after) }),
    ...(isAction && { by: actorsOf(transition.by) }),
    if: transition.if ?? true,
    log: isAction ? actionLog(transition.log) : timeoutLog(transition.log),
  } as Transition;
}

const actorsOf = (by: unknown): unknown[] => listOf(by ?? '*');

/** An action is logged under its own name unless the author says otherwise (§5.8). */
function actionLog(authored: unknown): Log {
  if (authored === false) return { title: '', description: '', if: false };
  return { ...actionLogDefaults(), ...(isObject(authored) ? authored : {}) };
}

/** What happens by itself is not logged unless the author says so (§5.8). */
function timeoutLog(authored: unknown): Log {
  return { title: '', description: '', if: Boolean(authored), ...(isObject(authored) ? authored : {}) };
}
