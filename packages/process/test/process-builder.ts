import { compile, normalizeScenario, type CompiledScenario, type CompileOptions } from '@handover/scenario';

import { instantiate, step, timeout, type Change, type Performer, type Process } from '../src/index.js';

export const PROCESS_ID = 'b2d39a1f-88bb-450e-95c5-feeffe95abe6';
export const START = '2026-01-01T00:00:00.000Z';

/** @returns the time so many seconds after the start of every test. */
export const at = (seconds: number): string => new Date(Date.parse(START) + seconds * 1000).toISOString();

/** @returns an authored scenario, ready to run. */
export const compiled = (scenario: object, options?: CompileOptions): CompiledScenario =>
  compile(normalizeScenario(scenario), options);

/** @returns a process of an authored scenario, just started. */
export const started = (scenario: object, options?: CompileOptions): Process =>
  instantiate(compiled(scenario, options), { id: PROCESS_ID, now: START }).process;

/** Takes a step one second after the last event. */
export function act(process: Process, action: string, actor: Performer = 'actor', response?: unknown): Change {
  const now = new Date(Date.parse(process.head.timestamp) + 1000).toISOString();
  return step(process, { action, actor, response, now });
}

/** @returns the process after a step that must be accepted. */
export function acted(process: Process, action: string, actor: Performer = 'actor', response?: unknown): Process {
  const change = act(process, action, actor, response);
  const errors = errorsOf(change);
  if (errors) throw new Error(`Skipped: ${errors.join('; ')}`);
  return change.process;
}

/** @returns why a step was refused; undefined when it was not. */
export const errorsOf = ({ event }: Change): readonly string[] | undefined =>
  'errors' in event ? event.errors : undefined;

/** @returns the process after a timeout that must be due so many seconds after the start. */
export function timedOut(process: Process, seconds: number): Process {
  const change = timeout(process, { now: at(seconds) });
  if (!change) throw new Error('No timeout is due');
  return change.process;
}

/** @returns the log of a process that has its history. */
export const logOf = (process: Process) => process.history?.previous.toArray() ?? [];

/** @returns the events of a process that has its history. */
export const eventsOf = (process: Process) => process.history?.events.toArray() ?? [];

/** @returns an expression. */
export const ref = (expression: string) => ({ '<ref>': expression });
