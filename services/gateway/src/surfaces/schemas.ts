import { deleteSchema, getSchema, listSchemas, putSchema, schemaOperations as operations } from '@handover/contracts';
import { implement, type Implementation } from '../http/operation.js';

/** `/schemas`: the JSON schemas that scenarios refer to. */
export const schemas: readonly Implementation[] = [
  implement(operations.list, async ({ ask }) => ({ status: 200, body: (await ask(listSchemas, {})).schemas })),

  implement(operations.get, async ({ params, ask }) => ({
    status: 200,
    body: (await ask(getSchema, params)).document,
  })),

  implement(operations.put, async ({ params: { id }, body: { media, text }, ask }) => {
    const format = media === 'application/json' ? 'json' : 'yaml';
    const { created, summary } = await ask(putSchema, { id, source: text, format });
    return created ? { status: 201, body: summary } : { status: 200, body: summary };
  }),

  implement(operations.delete, async ({ params, ask }) => {
    await ask(deleteSchema, params);
    return { status: 204 };
  }),
];
