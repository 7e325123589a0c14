import { CHECKLIST, NOWHERE, onboardingData } from '../furniture.js';
import { newKey, type Failure } from './failure.js';

const STEPS = [{ type: 'boolean', key: 'a', label: 'A' }];
const invalidData = (field: string) => ({ code: 'VALIDATION_ERROR', details: [{ field }] });
const noData = { code: 'NOT_FOUND' };
const noConflict = { code: 'CONFLICT' };

const noInstance: Failure = ['an id of nothing', 404, noData, () => ({ params: { instance_id: NOWHERE }, json: {} })];
const overInstance: Failure = [
  'an instance that is completed',
  409,
  { code: 'CONFLICT', error: 'The process is completed' },
  async ({ completed }) => ({ params: { instance_id: (await completed()).id }, json: {} }),
];
const nothing: Failure = ['an id of nothing', 404, noData, () => ({ params: { id: NOWHERE } })];

/** Refused requests of asset processes, by operation. */
export const ASSET_FAILURES: Readonly<Record<string, readonly Failure[]>> = {
  getAssetProcess: [nothing],
  createAssetProcess: [
    ['no steps', 400, invalidData('steps'), () => ({ json: { name: 'Empty', steps: [] } })],
    [
      'a pattern that is none',
      400,
      { code: 'VALIDATION_ERROR' },
      () => ({ json: { name: 'Odd', steps: [{ type: 'text', key: 'a', label: 'A', pattern: '(' }] } }),
    ],
    [
      'a slug that is taken',
      409,
      noConflict,
      async ({ definition }) => ({ json: { name: 'Again', slug: (await definition()).slug, steps: STEPS } }),
    ],
  ],
  deleteAssetProcess: [
    nothing,
    [
      'a definition of the system',
      409,
      noConflict,
      async ({ onboarding }) => ({ params: { id: (await onboarding()).id } }),
    ],
  ],
  startAssetProcess: [
    [
      'an unknown definition',
      404,
      noData,
      async ({ asset }) => ({ params: { process_id: NOWHERE }, json: { asset_id: (await asset()).id } }),
    ],
    [
      'an unknown asset',
      404,
      noData,
      async ({ onboarding }) => ({ params: { process_id: (await onboarding()).id }, json: { asset_id: NOWHERE } }),
    ],
    [
      'no asset',
      400,
      invalidData('asset_id'),
      async ({ onboarding }) => ({ params: { process_id: (await onboarding()).id }, json: {} }),
    ],
    [
      'an asset on which it is in progress',
      409,
      noConflict,
      async ({ instance }) => {
        const { process_id, asset_id } = await instance();
        return { params: { process_id }, json: { asset_id } };
      },
    ],
  ],
  listAssetProcessInstances: [
    ['an unknown status', 400, invalidData('status'), () => ({ query: '?status=lost' })],
    ['more than fit on a page', 400, invalidData('limit'), () => ({ query: '?limit=101' })],
  ],
  getAssetProcessInstance: [nothing],
  advanceAssetProcess: [
    noInstance,
    overInstance,
    [
      'an unknown key',
      400,
      invalidData('step_data.lunch'),
      async ({ instance }) => ({
        params: { instance_id: (await instance()).id },
        json: { step_data: { ...onboardingData(), lunch: 1 } },
      }),
    ],
    [
      'a value that is not valid',
      400,
      invalidData('step_data.handover_signature'),
      async ({ instance }) => ({
        params: { instance_id: (await instance()).id },
        json: { step_data: { assigned_user: 'bob', handover_signature: 'data:image/png;base64,AAAA' } },
      }),
    ],
    [
      'no value for the step it is at',
      400,
      invalidData('step_data.assigned_user'),
      async ({ instance }) => ({
        params: { instance_id: (await instance()).id },
        json: { step_data: { setup_checklist: CHECKLIST } },
      }),
    ],
    [
      'no value for the step it is at, under a key',
      400,
      invalidData('step_data.assigned_user'),
      async ({ instance }) => ({ params: { instance_id: (await instance()).id }, json: {}, headers: newKey() }),
    ],
    [
      'an instance that is completed, under a key',
      409,
      { error: 'The process is completed' },
      async ({ completed }) => ({ params: { instance_id: (await completed()).id }, json: {}, headers: newKey() }),
    ],
    [
      'the idempotency key of another advance',
      409,
      noConflict,
      async ({ instance, advance }) => {
        const { id } = await instance();
        const headers = newKey();
        await advance(id, { assigned_user: 'bob' }, headers);
        return { params: { instance_id: id }, json: { step_data: { assigned_user: 'eve' } }, headers };
      },
    ],
  ],
  cancelAssetProcess: [noInstance, overInstance],
  listAssets: [['page 0', 400, invalidData('page'), () => ({ query: '?page=0' })]],
  createAsset: [
    ['a tag of one’s own', 400, { code: 'VALIDATION_ERROR' }, () => ({ json: { name: 'A', asset_tag: 'MINE-1' } })],
  ],
  getAsset: [nothing],
  changeAsset: [
    ['an id of nothing', 404, noData, () => ({ params: { id: NOWHERE }, json: { name: 'B' } })],
    [
      'no change',
      400,
      { code: 'VALIDATION_ERROR' },
      async ({ asset }) => ({ params: { id: (await asset()).id }, json: {} }),
    ],
  ],
};
