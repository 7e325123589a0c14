import { z } from 'zod';
import type { Problem } from '../errors.js';
import { commandHeaders, locationHeader } from './headers.js';
import { defineOperation, json } from './operation.js';
import { integer } from './parameters.js';
import { defineSurface, type FailureDialect } from './surface.js';

const failureSchema = z.object({
  error: z.string(),
  code: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

const CODES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'RATE_LIMITED',
};

/** The API knows fewer statuses than the platform. */
const statusOf = ({ code, status }: Problem): number => {
  if (status === 415) return 400;
  return status === 412 || status === 422 || code === 'step_refused' || code === 'scenario_disabled' ? 409 : status;
};

/** Words, a code, and for what is not valid the fields. */
const codeDialect: FailureDialect<typeof failureSchema> = {
  media: 'application/json',
  schema: failureSchema,
  status: statusOf,
  render: (problem) => ({
    error: problem.detail,
    code: CODES[statusOf(problem)] ?? 'INTERNAL_ERROR',
    ...(problem.errors && {
      details: problem.errors.map(({ pointer, detail }) => ({
        field: pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'),
        message: detail,
      })),
    }),
  }),
};

export const assetProcesses = defineSurface({
  name: 'AssetProcesses',
  description: 'Fixed lists of steps that a person walks through for one asset.',
  failure: codeDialect,
});

const text = (longest: number) => z.string().trim().min(1).max(longest);
const status = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and _');

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

export const INSTANCE_STATUSES = ['in_progress', 'completed', 'cancelled'] as const;
export const instanceSchema = z.object({
  id: z.string(),
  process_id: z.string(),
  asset_id: z.string(),
  status: z.enum(INSTANCE_STATUSES),
  /** Index of the step that is waited for; the number of steps once all are done. */
  current_step: z.number().int(),
  step_data: z.record(z.string(), z.unknown()),
  process_name: z.string(),
  asset_name: z.string(),
  asset_tag: z.string(),
  started_by_name: z.string(),
  started_at: z.string(),
  completed_at: z.string().nullable(),
});
export type ProcessInstance = z.infer<typeof instanceSchema>;

export const assetSchema = z.object({
  id: z.string(),
  asset_tag: z.string(),
  name: z.string(),
  status: z.string(),
  custom_fields: z.record(z.string(), z.unknown()),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Asset = z.infer<typeof assetSchema>;

const customFields = z
  .record(z.string().min(1).max(100), z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]))
  .refine((fields) => Object.keys(fields).length <= 100, 'must not have more than 100 members');
export const newAssetSchema = z.strictObject({
  name: text(200),
  status: status.default('available'),
  custom_fields: customFields.default({}),
});
export const assetChangeSchema = z
  .strictObject({ name: text(200).optional(), status: status.optional(), custom_fields: customFields.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something');

const metaSchema = z.object({
  total: z.number().int(),
  page: z.number().int(),
  limit: z.number().int(),
  total_pages: z.number().int(),
});
const paging = {
  page: integer({ min: 1, max: 1_000 }).default(1),
  limit: integer({ min: 1, max: 100 }).default(20),
};
const one = <S extends z.ZodType>(schema: S) => z.object({ data: schema });
const page = <S extends z.ZodType>(schema: S) => z.object({ data: z.array(schema), meta: metaSchema });

const DEFINITION: Definition = {
  id: '0b2f1c9e-5d1e-5c7e-9a35-0d8f0b8f3a11',
  name: 'Employee Onboarding',
  slug: 'employee-onboarding',
  description: 'Onboard a device for a new employee',
  trigger_status: 'preparing',
  target_status: 'in_use',
  is_system: true,
  steps: [{ type: 'user_picker', key: 'assigned_user', label: 'Assigned To', required: true }],
};
const ASSET: Asset = {
  id: '5b6a0b52-87b7-4fcd-9f0b-9d9b5a0d6f10',
  asset_tag: 'USL-00042',
  name: 'MacBook Pro 14" M3',
  status: 'preparing',
  custom_fields: {},
  created_at: '2026-01-05T09:00:00.000Z',
  updated_at: '2026-01-05T09:30:00.000Z',
};
const INSTANCE: ProcessInstance = {
  id: 'd3f0a9c1-6f0a-4c53-8f55-2a8f8c0c1b77',
  process_id: DEFINITION.id,
  asset_id: ASSET.id,
  status: 'in_progress',
  current_step: 0,
  step_data: {},
  process_name: DEFINITION.name,
  asset_name: ASSET.name,
  asset_tag: ASSET.asset_tag,
  started_by_name: 'Alice Admin',
  started_at: '2026-01-05T09:30:00.000Z',
  completed_at: null,
};
const META = { total: 1, page: 1, limit: 20, total_pages: 1 };

export const assetProcessOperations = {
  listDefinitions: defineOperation({
    id: 'listAssetProcesses',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/processes',
    summary: 'List the process definitions',
    privilege: 'processes:read',
    answers: { 200: { description: 'All of them, by name.', schema: z.object({ data: z.array(definitionSchema) }) } },
    errors: [],
    examples: [{ summary: 'A system definition', status: 200, answer: { data: [DEFINITION] } }],
  }),
  getDefinition: defineOperation({
    id: 'getAssetProcess',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/processes/{id}',
    summary: 'Read a process definition',
    privilege: 'processes:read',
    answers: { 200: { description: 'The definition.', schema: one(definitionSchema) } },
    errors: ['not_found'],
    examples: [{ summary: 'A definition', params: { id: DEFINITION.id }, status: 200, answer: { data: DEFINITION } }],
  }),
  createDefinition: defineOperation({
    id: 'createAssetProcess',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/processes',
    summary: 'Create a process definition',
    privilege: 'processes:write',
    body: json(newDefinitionSchema),
    answers: { 201: { description: 'The definition.', schema: one(definitionSchema), headers: locationHeader } },
    errors: ['state_conflict', 'invalid_scenario'],
    examples: [
      {
        summary: 'One step',
        body: { name: 'Return', steps: [{ type: 'boolean', key: 'wiped', label: 'Wiped' }] },
        status: 201,
        answer: {
          data: {
            ...DEFINITION,
            name: 'Return',
            slug: 'return',
            description: '',
            trigger_status: null,
            target_status: null,
            is_system: false,
            steps: [{ type: 'boolean', key: 'wiped', label: 'Wiped', required: true }],
          },
        },
      },
    ],
  }),
  deleteDefinition: defineOperation({
    id: 'deleteAssetProcess',
    surface: assetProcesses,
    method: 'delete',
    path: '/v1/processes/{id}',
    summary: 'Delete a process definition; instances that run go on',
    privilege: 'processes:write',
    answers: { 204: { description: 'It is gone.' } },
    errors: ['not_found', 'state_conflict'],
    examples: [{ summary: 'Gone', params: { id: DEFINITION.id }, status: 204 }],
  }),
  start: defineOperation({
    id: 'startAssetProcess',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/processes/{process_id}/start',
    summary: 'Start a process for an asset',
    privilege: 'processes:write',
    headers: commandHeaders,
    body: json(z.strictObject({ asset_id: z.string().min(1).max(100) })),
    answers: { 201: { description: 'The instance.', schema: one(instanceSchema), headers: locationHeader } },
    errors: ['not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'A device for a new employee',
        params: { process_id: DEFINITION.id },
        body: { asset_id: ASSET.id },
        status: 201,
        answer: { data: INSTANCE },
      },
    ],
  }),
  listInstances: defineOperation({
    id: 'listAssetProcessInstances',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/processes/instances',
    summary: 'List process instances, the newest first',
    privilege: 'processes:read',
    query: z.object({
      status: z.enum(INSTANCE_STATUSES).optional(),
      asset_id: z.string().min(1).max(100).optional(),
      process_id: z.string().min(1).max(100).optional(),
      ...paging,
    }),
    answers: { 200: { description: 'A page of instances.', schema: page(instanceSchema) } },
    errors: [],
    examples: [{ summary: 'One instance', status: 200, answer: { data: [INSTANCE], meta: META } }],
  }),
  getInstance: defineOperation({
    id: 'getAssetProcessInstance',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/processes/instances/{id}',
    summary: 'Read a process instance',
    privilege: 'processes:read',
    answers: { 200: { description: 'The instance.', schema: one(instanceSchema) } },
    errors: ['not_found'],
    examples: [{ summary: 'An instance', params: { id: INSTANCE.id }, status: 200, answer: { data: INSTANCE } }],
  }),
  advance: defineOperation({
    id: 'advanceAssetProcess',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/processes/instances/{instance_id}/advance',
    summary: 'Submit data and move on by one step',
    description: 'Data of other steps may come along. A value that is not valid leaves everything as it was.',
    privilege: 'processes:write',
    headers: commandHeaders,
    body: json(z.strictObject({ step_data: z.record(z.string().min(1).max(100), z.unknown()).default({}) })),
    answers: { 200: { description: 'The instance after it.', schema: one(instanceSchema) } },
    errors: ['not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'The first step',
        params: { instance_id: INSTANCE.id },
        body: { step_data: { assigned_user: 'alice' } },
        status: 200,
        answer: { data: { ...INSTANCE, current_step: 1, step_data: { assigned_user: 'alice' } } },
      },
    ],
  }),
  cancel: defineOperation({
    id: 'cancelAssetProcess',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/processes/instances/{instance_id}/cancel',
    summary: 'Cancel a process instance',
    privilege: 'processes:write',
    headers: commandHeaders,
    answers: { 200: { description: 'The instance after it.', schema: one(instanceSchema) } },
    errors: ['not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'Never mind',
        params: { instance_id: INSTANCE.id },
        status: 200,
        answer: { data: { ...INSTANCE, status: 'cancelled', completed_at: INSTANCE.started_at } },
      },
    ],
  }),
};

export const assetOperations = {
  list: defineOperation({
    id: 'listAssets',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/assets',
    summary: 'List assets by their tags',
    privilege: 'assets:read',
    query: z.object({
      q: z.string().min(1).max(200).optional().meta({ description: 'Part of the name or the tag.' }),
      status: status.optional(),
      ...paging,
    }),
    answers: { 200: { description: 'A page of assets.', schema: page(assetSchema) } },
    errors: [],
    examples: [{ summary: 'One asset', status: 200, answer: { data: [ASSET], meta: META } }],
  }),
  create: defineOperation({
    id: 'createAsset',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/assets',
    summary: 'Register an asset; its tag is generated',
    privilege: 'assets:write',
    body: json(newAssetSchema),
    answers: { 201: { description: 'The asset.', schema: one(assetSchema), headers: locationHeader } },
    errors: [],
    examples: [
      {
        summary: 'A laptop',
        body: { name: ASSET.name },
        status: 201,
        answer: { data: { ...ASSET, status: 'available' } },
      },
    ],
  }),
  get: defineOperation({
    id: 'getAsset',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/assets/{id}',
    summary: 'Read an asset',
    privilege: 'assets:read',
    answers: { 200: { description: 'The asset.', schema: one(assetSchema) } },
    errors: ['not_found'],
    examples: [{ summary: 'A laptop', params: { id: ASSET.id }, status: 200, answer: { data: ASSET } }],
  }),
  change: defineOperation({
    id: 'changeAsset',
    surface: assetProcesses,
    method: 'patch',
    path: '/v1/assets/{id}',
    summary: 'Change an asset',
    privilege: 'assets:write',
    body: json(assetChangeSchema),
    answers: { 200: { description: 'The asset after it.', schema: one(assetSchema) } },
    errors: ['not_found'],
    examples: [
      {
        summary: 'It is lost',
        params: { id: ASSET.id },
        body: { status: 'lost' },
        status: 200,
        answer: { data: { ...ASSET, status: 'lost' } },
      },
    ],
  }),
};
