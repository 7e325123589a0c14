import {
  etag,
  fromDocument,
  instantiate,
  lastModified,
  messageFor,
  migrate,
  predict,
  replay,
  step,
  timeout,
  toDocument,
  triggerFor,
  verify,
  type Performer,
  type Process,
  type ProcessEvent,
} from '@handover/process';
import {
  compile,
  normalizeScenario,
  schemaRegistry,
  type CompiledScenario,
  type NormalizedScenario,
} from '@handover/scenario';

import { attempt } from '../attempt.js';
import { diff, type Difference } from '../diff.js';

/** The life of one process: operations in order, each with the process or the answer it leads to. */
export interface ProcessVector {
  readonly scenario: unknown;
  readonly schemas?: readonly { readonly $id: string }[];
  readonly normalized: NormalizedScenario;
  readonly scenario_id: string;
  readonly process_id: string;
  readonly ops: readonly Operation[];
}

type Operation = { readonly expect?: unknown; readonly error?: string } & (
  | { readonly op: 'instantiate'; readonly at: string }
  | {
      readonly op: 'step';
      readonly at: string;
      readonly action: string;
      readonly actor: Performer;
      readonly response?: unknown;
    }
  | { readonly op: 'timeout'; readonly at: string; readonly time_passed?: number }
  | { readonly op: 'predict'; readonly max?: number }
  | { readonly op: 'message'; readonly service: string }
  | { readonly op: 'trigger'; readonly service: string; readonly response?: unknown }
  | { readonly op: 'replay'; readonly from: number }
  | {
      readonly op: 'replay_events';
      readonly events: readonly ProcessEvent[];
      readonly base: 'scenario' | { readonly events: number };
    }
  | { readonly op: 'migrate'; readonly normalized: NormalizedScenario; readonly at?: string }
  | { readonly op: 'etag' }
  | { readonly op: 'last_modified' }
);

export function runProcess(vector: ProcessVector): Difference[] {
  const normalized = attempt(() => normalizeScenario(vector.scenario));
  const schemas = Object.fromEntries((vector.schemas ?? []).map((schema) => [schema.$id, schema]));
  const compiled = compile(vector.normalized, { schemas: schemaRegistry(schemas) });
  const life: Life = { vector, compiled, processes: [] };
  return [
    ...diff('normalized', vector.normalized, 'value' in normalized ? normalized.value : normalized.error.message),
    ...diff('scenario_id', vector.scenario_id, compiled.id),
    ...vector.ops.flatMap((operation, index) => check(life, operation, `ops/${index} ${operation.op}`)),
  ];
}

interface Life {
  readonly vector: ProcessVector;
  readonly compiled: CompiledScenario;
  /** The process after every operation that changed it; the last one is the present. */
  readonly processes: Process[];
}

function check(life: Life, operation: Operation, path: string): Difference[] {
  const outcome = attempt(() => perform(life, operation));
  if ('error' in outcome) return diff(`${path} error`, operation.error ?? 'none', outcome.error.message);
  return diff(path, operation.error === undefined ? operation.expect : `Error: ${operation.error}`, outcome.value);
}

/** @returns what the operation is expected to give: the process as a document, or its answer. */
function perform(life: Life, operation: Operation): unknown {
  switch (operation.op) {
    case 'predict':
      return predict(present(life), operation.max === undefined ? {} : { max: operation.max });
    case 'message':
      return withoutIds(messageFor(present(life), operation.service), present(life));
    case 'trigger':
      return triggerFor(present(life), operation.service, operation.response);
    case 'replay':
      return document(replay(...pastFrom(life, operation.from)));
    case 'replay_events':
      return document(replay(base(life, operation.base), operation.events));
    case 'etag':
      return etag(present(life));
    case 'last_modified':
      return lastModified(present(life));
    case 'instantiate':
    case 'step':
    case 'timeout':
    case 'migrate': {
      const process = change(life, operation);
      life.processes.push(stored(process));
      return document(process);
    }
  }
}

function change(life: Life, operation: Operation & { op: 'instantiate' | 'step' | 'timeout' | 'migrate' }): Process {
  const { vector, compiled } = life;
  switch (operation.op) {
    case 'instantiate':
      return instantiate(compiled, { id: vector.process_id, now: operation.at }).process;
    case 'step': {
      const { at: now, action, actor, response } = operation;
      return step(present(life), { now, action, actor, response }).process;
    }
    case 'timeout': {
      const { at: now, time_passed: timePassed } = operation;
      const request = timePassed === undefined ? { now } : { now, timePassed };
      return timeout(present(life), request)?.process ?? present(life);
    }
    case 'migrate': {
      const { events } = toDocument(present(life));
      const now = operation.at ?? present(life).head.timestamp;
      return migrate(compile(operation.normalized), events, { now }).process;
    }
  }
}

function present({ processes }: Life): Process {
  const process = processes.at(-1);
  if (!process) throw new Error('There is no process yet');
  return process;
}

/** Between two operations a process lives in a store, as JSON. */
function stored(process: Process): Process {
  return fromDocument(process.scenario, JSON.parse(JSON.stringify(toDocument(process))) as never);
}

/** The process without its scenario, which vectors leave out; its chain has to hold. */
function document(process: Process): unknown {
  const { scenario: _scenario, ...rest } = toDocument(process);
  const { firstInvalid } = verify(rest);
  if (firstInvalid) throw new Error(`Event ${firstInvalid.index} does not hold: ${firstInvalid.reason}`);
  return rest;
}

/** The scenario, or the process when it first had so many events. */
function base({ compiled, processes }: Life, start: 'scenario' | { readonly events: number }) {
  if (start === 'scenario') return compiled;
  const process = processes.find(({ head }) => head.count === start.events);
  if (!process) throw new Error(`The process never had ${start.events} events`);
  return process;
}

function pastFrom(life: Life, from: number): [CompiledScenario | Process, readonly ProcessEvent[]] {
  return [base(life, from === 0 ? 'scenario' : { events: from }), toDocument(present(life)).events.slice(from)];
}

/** Vectors were recorded without the ids that every message carries here (decision 11). */
function withoutIds({ process, etag: version, ...message }: ReturnType<typeof messageFor>, { id, head }: Process) {
  if (process !== id || version !== head.hash) throw new Error('The message does not name its process and version');
  return message;
}
