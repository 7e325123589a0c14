import { z } from 'zod';
import { status, text } from './fields.js';

const common = {
  /** Also the key of the state that waits for the step. */
  key: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and _')
    .refine((key) => key !== 'initial', 'is taken'),
  label: text(200),
  required: z.boolean().default(true),
};
const words = (most: number) =>
  z
    .array(text(200))
    .min(1)
    .max(most)
    .refine((items) => new Set(items).size === items.length, 'must not hold the same twice');

/** A step of a definition: what is asked for, and what may be answered. */
export const stepDefinitionSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user_picker'), ...common }),
  z.strictObject({ type: z.literal('checklist'), ...common, items: words(100) }),
  z.strictObject({ type: z.literal('signature'), ...common }),
  z.strictObject({
    type: z.literal('text'),
    ...common,
    min: z.number().int().min(0).optional(),
    max: z.number().int().min(1).max(10_000).optional(),
    pattern: z.string().min(1).max(500).optional(),
  }),
  z.strictObject({ type: z.literal('number'), ...common, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ type: z.literal('date'), ...common, min: z.iso.date().optional(), max: z.iso.date().optional() }),
  z.strictObject({ type: z.literal('select'), ...common, options: words(100) }),
  z.strictObject({ type: z.literal('boolean'), ...common }),
  z.strictObject({ type: z.literal('complete'), ...common }),
]);
export type StepDefinition = z.infer<typeof stepDefinitionSchema>;

/** Steps as definitions show them: `required` only where an answer may be left out, or was said to be needed. */
const shownStepSchema = z.record(z.string(), z.unknown());

export const definitionSchema = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  description: z.string(),
  trigger_status: z.string().nullable(),
  target_status: z.string().nullable(),
  is_system: z.boolean(),
  steps: z.array(shownStepSchema),
});
export type Definition = z.infer<typeof definitionSchema>;

export const newDefinitionSchema = z.strictObject({
  name: text(200),
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case letters and digits, with single dashes between')
    .max(100)
    .optional(),
  description: z.string().max(2_000).default(''),
  trigger_status: status.nullish(),
  target_status: status.nullish(),
  steps: z
    .array(stepDefinitionSchema)
    .min(1)
    .max(50)
    .refine((steps) => new Set(steps.map(({ key }) => key)).size === steps.length, 'must have keys of their own'),
});
