import { z } from 'zod';

export const WORKFLOW_TYPES = [
  'lead',
  'rent_arrears',
  'maintenance',
  'compliance_renewal',
  'viewing',
  'roster',
  'approval',
  'invoice_chase',
  'onboarding',
  'custom',
] as const;
export const workflowTypeSchema = z.enum(WORKFLOW_TYPES);

/** Statuses among which a record moves freely. */
export const OPEN_STATUSES = ['active', 'awaiting_approval', 'paused'] as const;
/** Statuses that end a record. */
export const TERMINAL_STATUSES = ['completed', 'expired', 'cancelled', 'failed'] as const;
export const RECORD_STATUSES = [...OPEN_STATUSES, 'suspended', ...TERMINAL_STATUSES] as const;
export const recordStatusSchema = z.enum(RECORD_STATUSES);
export type RecordStatus = z.infer<typeof recordStatusSchema>;

const SETTABLE_STATUSES: readonly string[] = [...OPEN_STATUSES, ...TERMINAL_STATUSES];
const settableStatus = recordStatusSchema.exclude(['suspended'], {
  error: ({ input }) =>
    input === 'suspended' ? 'is set by suspending the workflow' : `must be one of ${SETTABLE_STATUSES.join(', ')}`,
});

const text = (longest: number) => z.string().min(1).max(longest);
/** An instant, however it was written; kept in UTC. */
const instant = z.iso.datetime({ offset: true }).transform((given) => new Date(given).toISOString());
const state = z.record(z.string().min(1).max(200), z.unknown());

const historyEntrySchema = z.object({
  action: z.string(),
  at: z.string(),
  /** Who did it; null when time did. */
  by: z.string().nullable(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  from_stage: z.string().nullable(),
  to_stage: z.string().nullable(),
  /** What was handed over when the record was resumed. */
  data: z.unknown().optional(),
});

/** A workflow record. Times are ISO 8601. */
export const workflowRecordSchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  instance_id: z.string(),
  customer_id: z.string(),
  workflow_type: workflowTypeSchema,
  title: z.string().nullable(),
  reference: z.string().nullable(),
  stage: z.string(),
  status: recordStatusSchema,
  workflow_state: z.record(z.string(), z.unknown()),
  assigned_to: z.string().nullable(),
  approver_id: z.string().nullable(),
  escalation_level: z.number().int(),
  history: z.array(historyEntrySchema),
  created_at: z.string(),
  updated_at: z.string(),
  last_action_at: z.string().nullable(),
  next_action_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  completed_at: z.string().nullable(),
});
export type WorkflowRecord = z.infer<typeof workflowRecordSchema>;

export const suspendedRecordSchema = workflowRecordSchema.extend({
  suspended_step: z.string(),
  suspended_at: z.string(),
  suspend_payload: z.record(z.string(), z.unknown()).nullable(),
});

export const recordPageSchema = z.object({
  page: z.number().int(),
  per_page: z.number().int(),
  total: z.number().int(),
  workflows: z.array(workflowRecordSchema),
});
export const movedRecordSchema = z.object({ id: z.string(), status: recordStatusSchema, message: z.string() });

export const newRecordSchema = z.strictObject({
  customer_id: z.uuid().toLowerCase(),
  workflow_type: workflowTypeSchema,
  title: text(500).nullish(),
  reference: text(180).nullish(),
  stage: text(100).nullish(),
  workflow_state: state.nullish(),
  assigned_to: text(200).nullish(),
  approver_id: text(200).nullish(),
  next_action_at: instant.nullish(),
  expires_at: instant.nullish(),
});

export const advanceSchema = z.strictObject({
  action: text(100),
  stage: text(100).nullish(),
  status: settableStatus.nullish(),
  workflow_state: state.nullish(),
  title: text(500).nullish(),
  assigned_to: text(200).nullish(),
  approver_id: text(200).nullish(),
  escalation_level: z.number().int().min(0).max(1_000).nullish(),
  next_action_at: instant.nullish(),
  expires_at: instant.nullish(),
});

export const suspendRecordSchema = z.strictObject({ step: text(100), payload: state.nullish() });
/** A body without `resume_data` is itself the data. */
export const resumeRecordSchema = z
  .record(z.string().min(1).max(200), z.unknown())
  .transform((body) => ('resume_data' in body ? (body.resume_data ?? {}) : body))
  .pipe(state);
