import { apiKeyOperations as operations, issueApiKey, listApiKeys, revokeApiKey } from '@handover/contracts';
import { implement, type Implementation } from '../../http/operation.js';

/** `/apikey` of the LetsFlow API: keys for software, with the rights their issuer gives them. */
export const apiKeys: readonly Implementation[] = [
  implement(operations.list, async ({ ask }) => ({ status: 200, body: (await ask(listApiKeys, {})).keys })),

  implement(operations.issue, async ({ body, ask }) => {
    const issued = await ask(issueApiKey, body);
    // The one answer that holds the whole token is nobody's to keep.
    return { status: 201, body: issued, headers: { 'Cache-Control': 'no-store' } };
  }),

  implement(operations.revoke, async ({ params, ask }) => {
    await ask(revokeApiKey, params);
    return { status: 204 };
  }),
];
