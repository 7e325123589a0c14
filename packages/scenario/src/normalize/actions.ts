import { isDataFunction } from './data-function.js';
import { objectOrEmpty } from './error.js';
import { isObject } from './json.js';
import type { Action, UpdateInstruction } from './normalized.js';
import { normalizeSchema } from './simplified-schema.js';
import { titleFromKey } from './title.js';

/**
 * scenario-language §5.4.
 * @throws NormalizeError when the action or one of its update instructions is not an object.
 */
export function normalizeAction(key: string, authored: unknown): Action {
  const action = objectOrEmpty(authored, `action '${key}'`);
  return {
    ...action,
    title: action.title ?? titleFromKey(key),
    description: action.description ?? '',
    if: action.if ?? true,
    actor: typeof action.actor === 'string' ? [action.actor] : (action.actor ?? ['*']),
    response: normalizeResponse(action.response),
    update: listOf(action.update).map((instruction) => normalizeInstruction(key, instruction)),
  } as Action;
}

function normalizeResponse(response: unknown): unknown {
  const isEmpty = isObject(response) && Object.keys(response).length === 0;
  return isEmpty || isDataFunction(response) ? response : normalizeSchema(response);
}

/** §2.4: exactly these five keys; others are dropped. */
function normalizeInstruction(action: string, authored: unknown): UpdateInstruction {
  const instruction = typeof authored === 'string' ? { set: authored } : authored;
  const { set, value, stub, mode, if: condition } = objectOrEmpty(instruction, `update of action '${action}'`);
  return {
    set,
    value: value ?? { '<ref>': 'current.response' },
    stub: stub ?? null,
    mode: mode ?? 'replace',
    if: condition ?? true,
  } as UpdateInstruction;
}

/** @returns what an author wrote once, as a list or not at all, as a list. */
export function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
