import { instantOf } from '../compile/index.js';
import { isService, wildcardOf } from '../normalize/index.js';
import { isObject } from '../normalize/json.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';
import { placesWithGoto } from './references.js';

/** What the language allows and hardly any author means. */
export function* suspicions(scenario: Readonly<Record<string, unknown>>): Generator<Finding> {
  if (!isObject(scenario.states)) return;
  const actors = isObject(scenario.actors) ? scenario.actors : { actor: {} };
  for (const [path, { by, goto, at, ...others }] of placesWithGoto(scenario.states)) {
    if (instantOf(at) !== undefined && ['on', 'transitions'].some((key) => key in others)) {
      yield finding(pointer([...path, 'at']), 'is no timeout beside another way out');
    }
    if (goto === '()') yield finding(pointer([...path, 'goto']), 'is not the name of an end state');
    for (const key of [by].flat()) {
      if (typeof key !== 'string' || key === '*' || isService(key)) continue;
      if (Object.hasOwn(actors, key) || Object.hasOwn(actors, wildcardOf(key))) continue;
      yield finding(pointer([...path, 'by']), `names an actor that is not declared: ${key}`, { value: key });
    }
  }
}
