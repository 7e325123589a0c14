import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

import { instantOf } from '../compile/index.js';
import type { Finding } from './finding.js';
import { action } from './schemas/action.js';
import { actor } from './schemas/actor.js';
import { fn } from './schemas/fn.js';
import { scenario } from './schemas/scenario.js';
import { schema } from './schemas/schema.js';
import { state } from './schemas/state.js';

/** Keywords that try several schemas; a `says` beside them puts what they want in words, an empty one nothing. */
const UNIONS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'if']);

let validator: ValidateFunction | undefined;

/**
 * Holds a document against the schemas of the language (scenario-language §8.2).
 * @returns every rule it breaks; empty when it has the structure of a scenario.
 */
export function structureErrors(document: unknown): Finding[] {
  // Compiled once, on first use.
  validator ??= compile();
  return validator(document) ? [] : inWords(validator.errors ?? []);
}

function compile(): ValidateFunction {
  const ajv = new Ajv2020({
    ...{ allErrors: true, verbose: true, ownProperties: true, strict: true, strictTypes: false, strictRequired: false },
    formats: { ...fullFormats, instant: (text: string) => instantOf(text) !== undefined },
    schemas: [fn, schema, actor, action, state],
    code: { process: appending },
  });
  ajv.addVocabulary(['says']);
  return ajv.compile(scenario);
}

/**
 * AJV's code copies all errors found so far for each part that has some: a document of many errors would take a square of time.
 * The list belongs to the call that makes it, so what is found can be added to it.
 */
const appending = (code: string): string =>
  code.replaceAll(/vErrors\.concat\(([\w.]+\.errors)\)/g, '($1.forEach((error) => vErrors.push(error)), vErrors)');

/**
 * An alternative that fails is reported by AJV once for each of its branches and once as a whole. In the same place, the
 * words of the whole (the last to be reported) stand for all; what is wrong further inside stays.
 */
function inWords(all: readonly ErrorObject[]): Finding[] {
  const errors = all.filter(({ parentSchema }) => parentSchema?.says !== '');
  const wholes = new Map(errors.filter(isUnion).map((error) => [error.instancePath, error]));
  const members = new Map<string, number>();
  for (const { instancePath } of errors.filter(isMember))
    members.set(instancePath, (members.get(instancePath) ?? 0) + 1);
  const outer = new Set(errors.flatMap(({ instancePath }) => ancestorsOf(instancePath)));
  return errors
    .filter((error) => {
      const whole = wholes.get(error.instancePath);
      if (whole === undefined || whole === error || standsBeside(error)) return true;
      return isMember(error) && !isChoiceOfKeys(whole) && members.get(error.instancePath) === 1;
    })
    .map((error) => {
      const { instancePath, schemaPath, keyword, params } = error;
      return { instancePath, schemaPath, keyword, params, message: messageFor(error, outer.has(instancePath)) };
    });
}

/** @returns the places around a place: of `/a/b/c`, `/a/b` and `/a`. */
function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    ancestors.push(path.slice(0, end));
  return ancestors;
}

const isUnion = ({ keyword }: ErrorObject): boolean => UNIONS.has(keyword);

/** A member too few or too many. A single one names what is wrong better than the alternative does. */
const isMember = ({ keyword }: ErrorObject): boolean => keyword === 'required' || keyword === 'additionalProperties';

/** Rules that stand beside an alternative, not in one of its branches. */
const standsBeside = ({ keyword, parentSchema }: ErrorObject): boolean =>
  keyword === 'dependentRequired' ||
  keyword === 'false schema' ||
  (keyword === 'not' && parentSchema?.says !== undefined);

/** An alternative between keys, not between kinds of values. */
const isChoiceOfKeys = ({ schema }: ErrorObject): boolean =>
  Array.isArray(schema) && schema.every((branch: object) => Object.keys(branch)[0] === 'required');

/** @param isOuter whether something further inside is wrong, too. */
function messageFor(error: ErrorObject, isOuter: boolean): string {
  const { keyword, params, message = 'is not valid' } = error;
  const says: unknown = error.parentSchema?.says;
  if (isOuter && isUnion(error) && !isChoiceOfKeys(error)) return 'is wrong inside';
  if ((isUnion(error) || keyword === 'not') && typeof says === 'string') return says;
  switch (keyword) {
    case 'false schema':
      return excludedBy(error.schemaPath);
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'additionalProperties':
      return `must not have a property ${String(params.additionalProperty)}`;
    default:
      return message;
  }
}

/** `dependentSchemas/after/properties/by/false schema` means: not `by` together with `after`. */
function excludedBy(schemaPath: string): string {
  const [, present, excluded] = /dependentSchemas\/([^/]+)\/properties\/([^/]+)\//.exec(schemaPath) ?? [];
  return `must not have a property ${excluded} when property ${present} is present`;
}
