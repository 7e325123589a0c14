import { z } from 'zod';
import { status, text } from './fields.js';

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
