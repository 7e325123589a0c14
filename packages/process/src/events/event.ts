/** Who did something, as the event records it: the actor's key and whatever the caller said about the user, roles aside. */
export interface EventActor {
  readonly key: string;
  readonly id?: string | null;
  readonly [info: string]: unknown;
}

interface Recorded {
  /** ISO-8601 with milliseconds, UTC. */
  readonly timestamp: string;
  /** Binds the event's content and, through `previous`, everything before it. 64 lower-case hexadecimal digits. */
  readonly hash: string;
}

interface Following extends Recorded {
  /** Hash of the event before. */
  readonly previous: string;
}

export interface InstantiateEvent extends Recorded {
  readonly id: string;
  /** Id of the scenario. */
  readonly scenario: string;
  /** What was known of the actors beforehand; absent when nothing was, as always in the reference. */
  readonly actors?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Values that variables were given beforehand; absent when none were. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Tags beside those of the scenario; absent when there were none. */
  readonly tags?: readonly string[];
}

export interface ActionEvent extends Following {
  readonly action: string;
  readonly actor: EventActor;
  /** As given: null when it was given as null, absent when it was not given; never a default. */
  readonly response?: unknown;
  /** The action was refused; nothing changed but the chain. */
  readonly skipped: boolean;
  /** Why it was refused. */
  readonly errors?: readonly string[];
}

export type TimeoutEvent = Following;

/** The process went on under another scenario (decision 10). */
export interface MigrationEvent extends Following {
  readonly migration: { readonly from: string; readonly to: string };
  readonly actor?: EventActor;
}

/** One link of a process's chain (process-semantics §1). */
export type ProcessEvent = InstantiateEvent | ActionEvent | TimeoutEvent | MigrationEvent;

export const isInstantiateEvent = (event: ProcessEvent): event is InstantiateEvent => 'scenario' in event;
export const isActionEvent = (event: ProcessEvent): event is ActionEvent => 'action' in event;
export const isMigrationEvent = (event: ProcessEvent): event is MigrationEvent => 'migration' in event;
export const isTimeoutEvent = (event: ProcessEvent): event is TimeoutEvent =>
  !isInstantiateEvent(event) && !isActionEvent(event) && !isMigrationEvent(event);
