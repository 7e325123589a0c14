import { parseUpdatePath, UpdatePathError } from '../compile/index.js';
import { isDataFunction } from '../normalize/data-function.js';
import { isObject } from '../normalize/json.js';
import { tagsProblem } from '../tags.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

/** Update instructions that would set what must not be set, as far as they are no data functions. */
export function* updateErrors({ actions }: Readonly<Record<string, unknown>>): Generator<Finding> {
  for (const [key, action] of isObject(actions) ? Object.entries(actions) : []) {
    if (!isObject(action)) continue;
    const isList = Array.isArray(action.update);
    for (const [index, instruction] of [action.update].flat().entries()) {
      const at = ['actions', key, 'update', ...(isList ? [String(index)] : [])];
      const set = isObject(instruction) ? instruction.set : instruction;
      if (typeof set !== 'string') continue;
      const message = refusalOf(set);
      if (message !== undefined) yield finding(pointer(isObject(instruction) ? [...at, 'set'] : at), message);
      if (set === 'tags' && isObject(instruction)) yield* tagErrors(instruction, [...at, 'value']);
    }
  }
}

function refusalOf(set: string): string | undefined {
  try {
    parseUpdatePath(set);
    return undefined;
  } catch (error) {
    if (error instanceof UpdatePathError) return error.message;
    throw error;
  }
}

/** Tags that are known beforehand (decision 13): a list of them, or the one that is appended. */
function* tagErrors({ value, mode }: Readonly<Record<string, unknown>>, at: readonly string[]): Generator<Finding> {
  const tags = mode === 'append' ? [value] : value;
  // The response is the value when there is none (scenario-language §2.4).
  if (value == null || isDataFunction(value) || (Array.isArray(value) && value.some(isDataFunction))) return;
  const problem = tagsProblem(tags);
  if (problem !== undefined) yield finding(pointer(at), `cannot be tags, which ${problem}`);
}
