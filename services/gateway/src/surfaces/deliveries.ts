import {
  deliveryOperations as operations,
  getDelivery,
  listDeliveries,
  retryDeliveries,
  retryDelivery,
  retryNotifications,
} from '@handover/contracts';
import { implement, type Implementation } from '../http/operation.js';

/** `/deliveries`: what was sent to services and webhooks, and sending it again. */
export const deliveries: readonly Implementation[] = [
  implement(operations.list, async ({ query, ask }) => {
    const { deliveries: page, next } = await ask(listDeliveries, query);
    return { status: 200, body: page, headers: next === undefined ? {} : { Link: linkTo({ ...query, cursor: next }) } };
  }),

  implement(operations.get, async ({ params, ask }) => ({ status: 200, body: await ask(getDelivery, params) })),

  implement(operations.retry, async ({ params, ask }) => ({ status: 200, body: await ask(retryDelivery, params) })),

  implement(operations.retryMany, async ({ body, ask }) => ({ status: 200, body: await ask(retryDeliveries, body) })),

  implement(operations.retryOfProcess, async ({ params: { id }, body, ask }) => ({
    status: 200,
    body: await ask(retryNotifications, { ...body, process: id }),
  })),
];

function linkTo(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return `</deliveries?${new URLSearchParams(given).toString()}>; rel="next"`;
}
