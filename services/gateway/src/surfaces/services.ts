import {
  deleteService,
  getService,
  listServices,
  putService,
  serviceOperations as operations,
} from '@handover/contracts';
import { implement, type Implementation } from '../http/operation.js';

/** `/services`: how the services that scenarios name are reached. */
export const services: readonly Implementation[] = [
  implement(operations.list, async ({ ask }) => ({ status: 200, body: (await ask(listServices, {})).services })),

  implement(operations.get, async ({ params, ask }) => ({ status: 200, body: await ask(getService, params) })),

  implement(operations.put, async ({ params: { name }, body: config, ask }) => {
    const { created, service } = await ask(putService, { name, config });
    return created ? { status: 201, body: service } : { status: 200, body: service };
  }),

  implement(operations.delete, async ({ params, ask }) => {
    await ask(deleteService, params);
    return { status: 204 };
  }),
];
