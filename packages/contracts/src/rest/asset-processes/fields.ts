import { z } from 'zod';
import { integer } from '../parameters.js';

export const text = (longest: number) => z.string().trim().min(1).max(longest);
export const status = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and _');

const metaSchema = z.object({
  total: z.number().int(),
  page: z.number().int(),
  limit: z.number().int(),
  total_pages: z.number().int(),
});
export const paging = {
  page: integer({ min: 1, max: 1_000 }).default(1),
  limit: integer({ min: 1, max: 100 }).default(20),
};
export const one = <S extends z.ZodType>(schema: S) => z.object({ data: schema });
export const page = <S extends z.ZodType>(schema: S) => z.object({ data: z.array(schema), meta: metaSchema });
