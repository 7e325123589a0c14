import { z } from 'zod';

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
