import {
  disableScenario,
  getScenario,
  listScenarios,
  scenarioOperations as operations,
  storeScenario,
} from '@handover/contracts';
import { stringifyYaml } from '@handover/scenario';
import { preferred } from '../../http/accept.js';
import { prefersAsync } from '../../http/conditional.js';
import { implement, type Implementation } from '../../http/operation.js';
import { pageHeadersOf } from '../../http/paging.js';
import { accepted } from '../commands.js';

/** `/scenarios` of the LetsFlow API. */
export const scenarios: readonly Implementation[] = [
  implement(operations.list, async ({ query, ask }, context) => {
    const { name, tag, text, page, limit } = query;
    const filter = { tags: tag ?? [], ...(name !== undefined && { name }), ...(text !== undefined && { text }) };
    const { scenarios: found, total } = await ask(listScenarios, { ...filter, offset: (page - 1) * limit, limit });
    return { status: 200, body: found, headers: pageHeadersOf(context.req.url, query, total) };
  }),

  implement(operations.store, async ({ body: { media, text }, headers, ask }) => {
    const format = media === 'application/json' ? 'json' : 'yaml';
    const asked = { source: text, format } as const;
    if (prefersAsync(headers.Prefer)) return accepted(ask, 'scenario.store', asked);
    const stored = await ask(storeScenario, asked);
    return { status: 201, body: stored, headers: { Location: `/scenarios/${stored.id}` } };
  }),

  implement(operations.read, async ({ params, headers: { Accept }, ask }) => {
    const { reference, media } = wanted(params.id, Accept);
    const { disabled, normalised } = await ask(getScenario, { id: reference });
    const headers = { Vary: 'Accept', ...(disabled && { 'X-Disabled': 'true' as const }) };
    if (media === 'application/json') return { status: 200, body: normalised, headers };
    return { status: 200, text: stringifyYaml(normalised), media: `${media}; charset=utf-8`, headers };
  }),

  implement(operations.disable, async ({ params, headers, ask }) => {
    if (prefersAsync(headers.Prefer)) return accepted(ask, 'scenario.disable', params);
    await ask(disableScenario, params);
    return { status: 204 };
  }),
];

/** An extension says the form, and where there is none `Accept` does (engine-service §2). */
function wanted(id: string, accept: string | undefined): { reference: string; media: string } {
  const [, reference = id, extension] = /^(.+)\.(json|yaml)$/.exec(id) ?? [];
  const media = extension ? `application/${extension}` : preferred(accept, ['application/json', 'application/yaml']);
  return { reference, media };
}
