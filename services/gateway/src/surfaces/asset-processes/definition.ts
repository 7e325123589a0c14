import type { StepDefinition } from '@handover/contracts';
import { builtIn, type BuiltIn } from '../built-in.js';

/** What a definition compiles from. */
export interface DefinitionSource {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly steps: readonly StepDefinition[];
}

/** Tag of every process that is an instance of a definition. */
export const INSTANCE_TAG = 'asset-process';

const ref = (expression: string) => ({ '<ref>': expression });
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };

/** The JSON schema of a step's value; undefined for a step that takes none. */
export function valueSchema(step: StepDefinition): Record<string, unknown> | undefined {
  switch (step.type) {
    case 'user_picker':
      return { type: 'string', minLength: 1, maxLength: 200 };
    case 'checklist':
      return {
        type: 'array',
        items: { type: 'string', enum: step.items },
        uniqueItems: true,
        ...(step.required && { minItems: step.items.length }),
      };
    case 'signature':
      return { type: 'string', pattern: '^data:image/png;base64,' };
    case 'text':
      return {
        type: 'string',
        minLength: step.min ?? (step.required ? 1 : 0),
        maxLength: step.max ?? 10_000,
        ...(step.pattern !== undefined && { pattern: step.pattern }),
      };
    case 'number':
      return {
        type: 'number',
        ...(step.min !== undefined && { minimum: step.min }),
        ...(step.max !== undefined && { maximum: step.max }),
      };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'select':
      return { type: 'string', enum: step.options };
    case 'boolean':
      return { type: 'boolean' };
    case 'complete':
      return undefined;
  }
}

/** Whether the process may only leave the step once its value is there. */
export const needsValue = (step: StepDefinition): boolean => step.required && step.type !== 'complete';

/**
 * A definition as an ordinary scenario: a state per step, named by its key. `advance` brings values, of any step, and leads on
 * by one state, once the value of the state's own step is there (asset-processes.md).
 */
export function compileDefinition({ id, slug, name, description, steps }: DefinitionSource): BuiltIn {
  const values = steps.flatMap((step) => {
    const schema = valueSchema(step);
    return schema ? [[step.key, schema] as const] : [];
  });
  const stepData = object(Object.fromEntries(values));
  const [first] = steps;
  return builtIn({
    name: slug,
    version: '1.0',
    title: name,
    description,
    tags: [INSTANCE_TAG],
    definition: id,
    actors: {
      operator: { title: 'Operator', role: 'privilege:processes:write' },
      reader: { title: 'Reader', role: 'privilege:processes:read' },
    },
    vars: {
      asset: object({ id: text, name: text, tag: text }, ['id', 'name', 'tag']),
      started_by: text,
      step_data: { ...stepData, default: {} },
      cancelled_at: text,
    },
    actions: {
      advance: {
        title: 'Advance',
        actor: 'operator',
        response: object({ step_data: stepData }, ['step_data']),
        update: { set: 'vars.step_data', mode: 'merge', value: ref('current.response.step_data') },
      },
      cancel: { title: 'Cancel', actor: 'operator', update: { set: 'vars.cancelled_at', value: ref('current.key') } },
    },
    states: {
      initial: { on: null, goto: first?.key ?? '(completed)' },
      ...Object.fromEntries(steps.map((step, index) => [step.key, stateOf(step, steps[index + 1])])),
      '(completed)': { title: 'Completed', tag: 'completed' },
      '(cancelled)': { title: 'Cancelled', tag: 'cancelled' },
    },
  });
}

function stateOf(step: StepDefinition, next: StepDefinition | undefined) {
  const advance = {
    on: 'advance',
    ...(needsValue(step) && { if: ref(`contains(keys(vars.step_data), '${step.key}')`) }),
    goto: next?.key ?? '(completed)',
  };
  return { title: step.label, transitions: [advance, { on: 'cancel', goto: '(cancelled)' }] };
}
