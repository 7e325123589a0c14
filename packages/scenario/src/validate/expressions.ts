import { compileValue } from '../functions/index.js';
import type { Limits } from '../limits.js';
import { FUNCTION_KEYS } from '../normalize/data-function.js';
import { isObject } from '../normalize/json.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

/**
 * Expressions and templates that cannot be parsed, wherever a process would evaluate them: anywhere in actions and
 * states, the author's own properties included (scenario-language §6.1).
 */
export function* expressionErrors(
  { actions, states }: Readonly<Record<string, unknown>>,
  limits: Limits,
): Generator<Finding> {
  for (const { path, text } of [...textsIn(actions, ['actions']), ...textsIn(states, ['states'])]) {
    for (const problem of compileValue(text, { limits }).problems) yield finding(pointer(path), problem.message);
  }
}

/** Every expression and template, as a data function of its own, with the path of its text. */
function* textsIn(value: unknown, path: readonly string[]): Generator<{ path: readonly string[]; text: object }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsIn(item, [...path, String(index)]);
  } else if (isObject(value)) {
    for (const [key, member] of functionOrMembers(value)) {
      const at = [...path, key];
      if (key === '<ref>' && typeof member === 'string') yield { path: at, text: { '<ref>': member } };
      else if (key === '<tpl>') yield* templatesIn(member, at);
      else yield* textsIn(member, at);
    }
  }
}

/** Of a data function only the first key counts. */
function functionOrMembers(value: Record<string, unknown>): [string, unknown][] {
  const key = FUNCTION_KEYS.find((name) => Object.hasOwn(value, name));
  return key ? [[key, value[key]]] : Object.entries(value);
}

/** A template is a text, or a map with one, whose partials are templates too. */
function* templatesIn(value: unknown, path: readonly string[]): Generator<{ path: readonly string[]; text: object }> {
  if (typeof value === 'string') yield { path, text: { '<tpl>': value } };
  if (!isObject(value)) return;
  const { template, partials, view } = value;
  if (typeof template === 'string') yield { path: [...path, 'template'], text: { '<tpl>': template } };
  else yield* textsIn(template, [...path, 'template']);
  for (const [name, partial] of isObject(partials) ? Object.entries(partials) : []) {
    const at = [...path, 'partials', name];
    if (typeof partial === 'string') yield { path: at, text: { '<tpl>': partial } };
    else yield* textsIn(partial, at);
  }
  yield* textsIn(view, [...path, 'view']);
}
