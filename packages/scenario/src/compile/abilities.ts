import {
  isAbsoluteTimeout,
  isActiveState,
  isService,
  isTimeoutTransition,
  serviceName,
  type Computed,
  type NormalizedScenario,
} from '../normalize/index.js';

/** What a scenario can do at all, read off the document: for whoever lists, restricts or draws it. */
export interface Abilities {
  /** Keys of the declared actors, wildcards included. */
  readonly actors: readonly string[];
  /** Names of the services that act or are told something. */
  readonly services: readonly string[];
  readonly actions: readonly ActionAbility[];
  readonly timers: readonly TimerAbility[];
}

export interface ActionAbility {
  readonly state: string;
  readonly action: string;
  /** Actor references of the transitions that the action takes there. */
  readonly by: readonly string[];
}

export interface TimerAbility {
  readonly state: string;
  /** Seconds after the state was entered; absent when it is a time that counts. */
  readonly after?: number;
  /** The time, or how it is computed; absent when the seconds count. */
  readonly at?: Computed<string> | null;
  readonly goto: string | null;
}

export function abilitiesOf(scenario: NormalizedScenario): Abilities {
  const actions = new Map<string, { state: string; action: string; by: string[] }>();
  const timers: TimerAbility[] = [];
  for (const [state, definition] of Object.entries(scenario.states)) {
    for (const transition of isActiveState(definition) ? definition.transitions : []) {
      if (isTimeoutTransition(transition)) {
        const { goto } = transition;
        timers.push(
          isAbsoluteTimeout(transition) ? { state, at: transition.at, goto } : { state, after: transition.after, goto },
        );
      } else if (transition.on !== null) {
        const action = transition.on;
        const ability = actions.get(JSON.stringify([state, action])) ?? { state, action, by: [] };
        ability.by = [...new Set([...ability.by, ...transition.by])];
        actions.set(JSON.stringify([state, action]), ability);
      }
    }
  }
  return {
    actors: Object.keys(scenario.actors),
    services: servicesOf(scenario, [...actions.values()]),
    actions: [...actions.values()],
    timers,
  };
}

function servicesOf(scenario: NormalizedScenario, actions: readonly ActionAbility[]): string[] {
  const acting = [
    ...actions.flatMap(({ by }) => by),
    ...Object.values(scenario.actions).flatMap(({ actor }) => (Array.isArray(actor) ? actor : [])),
  ];
  const named = acting.filter(isService).map(serviceName);
  const told = Object.values(scenario.states).flatMap(({ notify }) => notify.map(({ service }) => service));
  return [...new Set([...named, ...told])];
}
