import { listProcesses, processListOperations as operations } from '@handover/contracts';
import { implement, type Implementation } from '../../http/operation.js';
import { pageLinks } from '../../http/paging.js';

/** Lists of processes in the LetsFlow API. */
export const processLists: readonly Implementation[] = [
  implement(operations.list, async ({ query: { tag, ...query }, ask }, context) => {
    const body = { ...query, documents: false, ...(tag && { tags: tag }) };
    const { processes, total, ...neighbours } = await ask(listProcesses, body);
    return {
      status: 200,
      body: processes,
      headers: {
        Link: pageLinks(context.req.url, neighbours),
        ...(total !== undefined && { 'X-Total-Count': String(total) }),
      },
    };
  }),
];
