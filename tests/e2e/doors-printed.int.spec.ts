import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSES, openDoorsOver } from './src/doors/buses.js';
import { NEW_RECORD, furnish, type Furniture } from './src/doors/furniture.js';
import {
  ASSET_REQUESTS,
  CASE_REQUESTS,
  INVALID,
  PRINTED_DEFINITION,
  RECORD_REQUESTS,
  asCurl,
  curl,
  formOf,
} from './src/doors/printed.js';
import { INSTANCE, png, type Doors } from './src/doors/world.js';

/** The printed id stands for the agent instance and for the workflow. */
const PRINTED_ID = '497f6eca-6276-4993-bfeb-53cbbbba6f08';

describe.each(BUSES)('the printed requests over %s', (bus) => {
  let doors: Doors;
  let furniture: Furniture;
  let close: () => Promise<void>;
  let url: string;

  beforeAll(async () => {
    ({ doors, close } = await openDoorsOver(bus));
    furniture = furnish(doors);
    url = doors.platform.urls[0] ?? '';
  });
  afterAll(() => close());

  describe('of workflow records', () => {
    /** Host, keys and the workflow's id filled in; the words `string` stay. */
    const addressed = (request: string, workflow: string): string => {
      const line = request
        .replaceAll('\\ -', '-')
        .replaceAll('https://loading', url)
        .replace(`/workflows/${PRINTED_ID}`, `/workflows/${workflow}`)
        .replace('X-Api-Key: string', `X-Api-Key: ${doors.dashboard}`);
      return line.includes('X-Api-Key') ? line : `${line} -H "Authorization: Bearer ${doors.agent}"`;
    };
    const filled = (line: string): string =>
      line
        .replace('workflow_type=string', 'workflow_type=lead')
        .replace('&status=string', '&status=active')
        .replace('"workflow_type": "string"', '"workflow_type": "lead"');

    it.each(RECORD_REQUESTS)('$request', async ({ request, status, answer }) => {
      expect(INSTANCE).toBe(PRINTED_ID);
      const needsSuspended = request.includes('/resume"') || request.includes('/suspended"');
      const { id } = needsSuspended
        ? await furniture.suspended()
        : await furniture.record({
            ...NEW_RECORD,
            customer_id: PRINTED_ID,
            workflow_type: 'lead',
            reference: 'string',
          });
      const answered = await curl(filled(addressed(request, id)));
      expect(answered).toEqual({ status, body: formOf(answer, answered.body) });
    });

    it.each(RECORD_REQUESTS.filter(({ request }) => filled(request) !== request))(
      'with a placeholder left in: $request',
      async ({ request }) => {
        const answered = await curl(addressed(request, PRINTED_ID));
        expect(answered).toEqual({ status: 422, body: formOf(INVALID, answered.body) });
      },
    );
  });

  describe('of asset processes', () => {
    it.each(ASSET_REQUESTS)('$request', async ({ request, status, answer }) => {
      const { id, asset_id: asset, process_id: process } = await furniture.instance();
      const { id: free } = await furniture.asset();
      const line = request
        .replace('asset_id=clx...', `asset_id=${asset}`)
        .replace('process_id=clx...', `process_id=${process}`)
        .replace(':process_id', process)
        .replace(':instance_id', id)
        .replace('clx...', free)
        .replace('data:image/png;base64,...', png());
      const answered = await curl(`${asCurl(line, `${url}/v1`)} -H "Authorization: Bearer ${doors.operator}"`);
      expect(answered).toEqual({ status, body: formOf(answer, answered.body) });
      if (request === 'GET /processes') {
        const id = expect.any(String) as string;
        expect((answered.body as { data: unknown }).data).toContainEqual({ id, ...PRINTED_DEFINITION });
      }
    });
  });

  describe('of case workflows', () => {
    it.each(CASE_REQUESTS)('$request', async ({ request, status, answer }) => {
      const definition = await furniture.parameterised();
      const { id: parameters } = await furniture.parameters(definition, { param0: 0 });
      const { id: workflow } = await furniture.run(await furniture.nothing());
      const { caseId } = await furniture.caseOf();
      const line = request
        .replace('3b2d8a4f-579f-4e2e-a51c-f859e532fe8c', definition)
        .replace('4b6ffcb6-ab6d-44b9-b5ab-4b5147b0b302', parameters)
        .replace('"caseId":"caseId"', `"caseId":"${caseId}"`)
        .replace('{workflowId}', workflow);
      const answered = await curl(`${asCurl(line, url)} -H "Authorization: Bearer ${doors.backend}"`);
      expect(answered).toEqual({ status, body: formOf(answer, answered.body, false) });
    });
  });
});
