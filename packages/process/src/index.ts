/**
 * The semantics of processes: what a scenario means when it runs. Pure: no clock, no ids, no I/O; runs in browsers.
 */
export type { SuppliedActors } from './actors/create.js';
export { actorFor, actorsOf, playersOf, type User } from './actors/user.js';
export {
  fromDocument,
  fromSnapshot,
  toDocument,
  toSnapshot,
  type ProcessDocument,
  type ProcessSnapshot,
} from './document.js';
export { ProcessError, type ProcessErrorCode } from './error.js';
export {
  isActionEvent,
  isInstantiateEvent,
  isMigrationEvent,
  isTimeoutEvent,
  type ActionEvent,
  type EventActor,
  type InstantiateEvent,
  type MigrationEvent,
  type ProcessEvent,
  type TimeoutEvent,
} from './events/event.js';
export { Sequence } from './events/sequence.js';
export { verify, type Verifiable, type Verification } from './events/verify.js';
export { instantiate, type Instantiated, type InstantiateRequest } from './instantiate.js';
export { migrate, type MigrateRequest } from './migrate.js';
export { misfits } from './misfits.js';
export { predict, type PredictedState, type PredictOptions } from './predict.js';
export {
  etag,
  hasEnded,
  lastModified,
  withoutHistory,
  type Actor,
  type AvailableAction,
  type Change,
  type CurrentState,
  type Head,
  type History,
  type LogChange,
  type LogEntry,
  type Process,
} from './process.js';
export { replay, type ReplayOptions } from './replay.js';
export { messageFor, notifications, triggerFor, type Notification, type StandardMessage } from './services.js';
export { timers, type Timer } from './states/timers.js';
export { step, type Performer, type StepRequest } from './step.js';
export { timeout, type TimeoutRequest } from './timeout.js';
export { later } from './timestamp.js';
