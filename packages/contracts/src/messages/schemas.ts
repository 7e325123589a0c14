import { z } from 'zod';
import { defineRequest } from '../request.js';

/** Id of a JSON schema: `schema:person`, short `person`, or a URL. */
export const schemaIdSchema = z
  .string()
  .min(1)
  .max(300)
  // eslint-disable-next-line no-control-regex -- an id goes into a text column, where no U+0000 can be
  .regex(/^[^#\s\u0000]+$/, 'must be an id without fragment and white space');

export const schemaSummarySchema = z
  .object({
    id: z.string(),
    title: z.string().optional(),
    /** `platform`: of the language or of the configuration, the same for every tenant. */
    source: z.enum(['platform', 'tenant']),
    /** Counts the changes, from 1; absent for those of the platform. */
    version: z.number().int().optional(),
    /** ISO 8601. */
    updated: z.string().optional(),
  })
  .meta({ id: 'SchemaSummary' });
export type SchemaSummary = z.infer<typeof schemaSummarySchema>;

/** A JSON schema of draft 2020-12, written out. */
export const schemaDocumentSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'SchemaDocument', description: 'A JSON schema of draft 2020-12.' });

export const listSchemas = defineRequest({
  type: 'schema.list.v1',
  service: 'engine',
  body: z.object({}),
  answer: z.object({ schemas: z.array(schemaSummarySchema) }),
});

/** Ids of the schemas that every tenant has; anybody may know them. */
export const listSharedSchemas = defineRequest({
  type: 'schema.shared.v1',
  service: 'engine',
  body: z.object({}),
  answer: z.object({ ids: z.array(z.string()) }),
});

export const getSchema = defineRequest({
  type: 'schema.get.v1',
  service: 'engine',
  body: z.object({ id: z.string().max(300) }),
  answer: z.object({ summary: schemaSummarySchema, document: schemaDocumentSchema }),
});

/** Keeps a schema of the tenant's, whole. Scenarios stored before keep the one they were stored with. */
export const putSchema = defineRequest({
  type: 'schema.put.v1',
  service: 'engine',
  body: z.object({ id: schemaIdSchema, source: z.string(), format: z.enum(['json', 'yaml']) }),
  answer: z.object({ created: z.boolean(), summary: schemaSummarySchema }),
});

export const deleteSchema = defineRequest({
  type: 'schema.delete.v1',
  service: 'engine',
  body: z.object({ id: z.string().max(300) }),
  answer: z.object({}),
});
