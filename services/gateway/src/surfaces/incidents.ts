import { incidentOperations as operations, listIncidents, retryIncident, retryIncidents } from '@handover/contracts';
import { pageLinks } from '../http/paging.js';
import { implement, type Implementation } from '../http/operation.js';

/** `/incidents`: what went wrong with nobody waiting, and trying it again. */
export const incidents: readonly Implementation[] = [
  implement(operations.list, async ({ query, ask }, context) => {
    const { incidents: listed, next } = await ask(listIncidents, query);
    return { status: 200, body: listed, headers: { Link: pageLinks(context.req.url, { next }) } };
  }),

  implement(operations.retryMany, async ({ query, ask }) => ({ status: 200, body: await ask(retryIncidents, query) })),

  implement(operations.retry, async ({ params, ask }) => ({ status: 200, body: await ask(retryIncident, params) })),
];
