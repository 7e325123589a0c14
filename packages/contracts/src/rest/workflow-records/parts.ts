import { z } from 'zod';
import { integer } from '../parameters.js';
import { movedRecordSchema, recordStatusSchema, workflowTypeSchema } from './record.js';

export const filters = {
  customer_id: z.uuid().toLowerCase().optional(),
  workflow_type: workflowTypeSchema.optional(),
  status: recordStatusSchema.optional(),
};
export const paging = {
  page: integer({ min: 1, max: 1_000 }).default(1),
  per_page: integer({ min: 1, max: 100 }).default(20),
};

export const changed = { 200: { description: 'The record after it.', schema: movedRecordSchema } };
