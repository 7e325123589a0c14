import { isActiveState, type State } from '../normalize/index.js';
import type { ValueCompiler } from './functions.js';
import { compileTransition, type CompiledTransition } from './transition.js';

/** A service to tell, as a process shows it: its condition held, and the trigger is the engine's business. */
export interface NotifyEntry {
  readonly service: string;
  /** Seconds after the state was entered. */
  readonly after: number;
  readonly message?: unknown;
}

/** A state's evaluated properties: everything but `transitions`. */
export interface StateContent {
  readonly title: unknown;
  readonly description: unknown;
  readonly instructions: Readonly<Record<string, unknown>>;
  readonly notify: readonly NotifyEntry[];
  /** End states only. */
  readonly tag?: unknown;
  readonly [extra: string]: unknown;
}

/** What one action can lead to in a state. */
export interface ActionTransitions {
  readonly transitions: readonly CompiledTransition[];
  /** Actor references of all of them. */
  readonly by: readonly string[];
}

export interface CompiledState {
  readonly key: string;
  readonly isEnd: boolean;
  /** In the order they are tried. */
  readonly transitions: readonly CompiledTransition[];
  /** By the action that takes them. */
  readonly onAction: ReadonlyMap<string, ActionTransitions>;
  /** Taken as soon as the state is entered. */
  readonly onEntry: readonly CompiledTransition[];
  /** Taken with time: by `after`, then by position; those with `at` among them, in no particular place. */
  readonly timeouts: readonly CompiledTransition[];
  /** Evaluates the state for a process that is about to enter it. @throws DataFunctionError */
  content(data: unknown): StateContent;
  /** @returns the evaluated trigger of the first notify entry for a service; undefined without such an entry. */
  trigger(service: string, data: unknown): unknown;
}

export function compileState(key: string, state: State, values: ValueCompiler): CompiledState {
  const { transitions: _, ...rest } = state;
  const content = values.compile(rest);
  const constant = content.constant ? asContent(rest) : undefined;
  const triggers = state.notify.map(({ service, trigger }) => ({ service, trigger: values.compile(trigger) }));
  const transitions = isActiveState(state)
    ? state.transitions.map((transition, index) => compileTransition(transition, index, values))
    : [];
  return {
    key,
    isEnd: !isActiveState(state),
    transitions,
    onAction: byAction(transitions),
    onEntry: transitions.filter(({ on }) => on === null),
    timeouts: transitions.filter(isTimeout).sort((a, b) => (a.after ?? 0) - (b.after ?? 0)),
    content: (data) => constant ?? asContent(content.evaluate(data)),
    trigger: (service, data) => triggers.find((entry) => entry.service === service)?.trigger.evaluate(data),
  };
}

const isTimeout = ({ on }: CompiledTransition): boolean => on === undefined;

function byAction(transitions: readonly CompiledTransition[]): Map<string, ActionTransitions> {
  const names = transitions.flatMap(({ on }) => on ?? []);
  return new Map(
    names.map((name) => {
      const taken = transitions.filter(({ on }) => on === name);
      return [name, { transitions: taken, by: taken.flatMap(({ by }) => by) }];
    }),
  );
}

/** Keeps the notify entries whose condition holds, without condition and trigger (process-semantics §2.4 step 5). */
function asContent(evaluated: unknown): StateContent {
  const content = evaluated as StateContent;
  const notify = content.notify as readonly (NotifyEntry & { readonly if?: unknown; readonly trigger?: unknown })[];
  return {
    ...content,
    notify: notify.filter((entry) => entry.if).map(({ if: _condition, trigger: _trigger, ...entry }) => entry),
  };
}
