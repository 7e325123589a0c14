import {
  assertDepth,
  declared,
  type CompiledAction,
  type CompiledInstruction,
  type UpdatePath,
} from '@handover/scenario';

import { completeActor } from '../actors/create.js';
import { ProcessError } from '../error.js';
import { isObject, own } from '../json.js';
import type { Actor, LogEntry } from '../process.js';
import { rewriteLog, type Draft, type Turn } from '../turn.js';
import { assign, combine, valueAt } from './assign.js';

/**
 * Carries out the update instructions of an action, in order, each seeing what the ones before did (process-semantics §5).
 * @param actor key of the one who acts.
 */
export function update(turn: Turn, action: CompiledAction, actor: string): void {
  for (const instruction of action.update) carryOut(turn, instruction, actor);
}

function carryOut(turn: Turn, instruction: CompiledInstruction, actor: string): void {
  const parts = instruction.content.evaluate(turn.draft) as Record<'set' | 'value' | 'stub' | 'if', unknown>;
  if (!parts.if) return;
  const path = instruction.path(parts.set);
  const given = turn.predicting && parts.stub != null ? parts.stub : parts.value;
  assertDepth(given, turn.scenario.limits.documentDepth - path.length);

  const value = combine(instruction.mode, valueAt(turn.draft, path), given);
  if (path[0] === 'previous') {
    rewriteLog(turn, asLog(value));
    return;
  }
  const before = turn.draft;
  const after = assign(before, path, value) as Draft;
  turn.draft = settle(turn, before, after, path, actor);
}

/** Keeps the parts of the process consistent with each other after one of them was set. */
function settle(turn: Turn, before: Draft, after: Draft, path: UpdatePath, actor: string): Draft {
  const [root = ''] = path;
  switch (root) {
    case 'vars':
      return { ...after, vars: asMap('vars', after.vars) };
    case 'actors': {
      const actors = asMap('actors', after.actors) as Draft['actors'];
      return { ...after, actors: completeNew(turn, before.actors, actors) };
    }
    case 'current':
      return { ...after, actors: storeCurrentActor(after, path.slice(2), actor) };
    default:
      return after;
  }
}

/** Actors that were not there before get the title, defaults and role of their declaration (process-semantics §5.5). */
function completeNew(turn: Turn, before: Draft['actors'], after: Draft['actors']): Draft['actors'] {
  const isNew = (key: string) => !Object.hasOwn(before, key);
  if (!Object.keys(after).some(isNew)) return after;
  return Object.fromEntries(
    Object.entries(after).map(([key, actor]) => {
      const declaration = isNew(key) && isCompletable(actor) ? declared(turn.scenario.actors, key) : undefined;
      return [key, declaration ? completeActor(declaration, key, actor) : actor];
    }),
  );
}

/** What is no object is left for the rules to refuse. */
const isCompletable = (actor: unknown): boolean => actor == null || isObject(actor);

/**
 * Writes `current.actor` back to the actor of the process (process-semantics §5.4): the whole of it, or the one property
 * that was set. A service has no actor to write to.
 */
function storeCurrentActor(draft: Draft, path: UpdatePath, key: string): Draft['actors'] {
  const actor = own(draft.actors, key);
  const current = draft.current?.actor;
  if (actor === undefined || !current || path[0] === 'key') return draft.actors;
  const stored = path.length > 0 ? assign(actor, path, valueAt(current, path)) : withoutKey(current);
  return { ...draft.actors, [key]: stored as Actor };
}

function withoutKey(actor: unknown): unknown {
  if (!isObject(actor)) return actor;
  const { key: _key, ...properties } = actor;
  return properties;
}

function asMap(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new ProcessError('invalid-value', `Cannot set '${name}' to a value that is not an object`);
}

function asLog(value: unknown): readonly LogEntry[] {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new ProcessError('invalid-value', "Cannot set 'previous' to a value that is not a list of log entries");
}
