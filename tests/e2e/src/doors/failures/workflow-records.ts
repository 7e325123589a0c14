import { expect } from 'vitest';
import { NEW_RECORD, NOWHERE } from '../furniture.js';
import { INSTANCE, OTHER_INSTANCE } from '../world.js';
import { newKey, type Failure } from './failure.js';

const ROOM = { instance_id: INSTANCE };
const invalidRecord = (...loc: string[]) => ({ detail: [{ loc }] });
const noRecord = { detail: 'Workflow not found' };

/** Of the record's own address, for agents and for the dashboard. */
const noWorkflow = (room: object, json?: object): Failure => [
  'an id of nothing',
  404,
  noRecord,
  () => ({ params: { ...room, id: NOWHERE }, json }),
];
const noUuid = (room: object, json?: object): Failure => [
  'an id that is none',
  422,
  invalidRecord('path', 'id'),
  () => ({ params: { ...room, id: '17' }, json }),
];
const overWorkflow = (room: object, json?: object): Failure => [
  'a workflow that is over',
  409,
  { detail: expectWords('cancelled') },
  async ({ aborted }) => ({ params: { ...room, id: (await aborted()).id }, json }),
];
const aSuspended = (room: object, json: object): Failure => [
  'a workflow that is suspended',
  409,
  { detail: expectWords('suspended') },
  async ({ suspended }) => ({ params: { ...room, id: (await suspended()).id }, json }),
];
const noSuspended = (room: object): Failure => [
  'a workflow that is not suspended',
  409,
  { detail: expectWords('active') },
  async ({ record }) => ({ params: { ...room, id: (await record()).id }, json: {} }),
];
const withoutStep = (room: object): Failure => [
  'no step',
  422,
  invalidRecord('body', 'step'),
  () => ({ params: { ...room, id: NOWHERE }, json: { payload: {} } }),
];
const farStep = (room: object): Failure => [
  'the name of a step that is too long',
  422,
  invalidRecord('body', 'step'),
  () => ({ params: { ...room, id: NOWHERE }, json: { step: 'x'.repeat(101) } }),
];
const otherRoom = (json?: object): Failure => [
  'the path of another agent instance',
  403,
  { detail: expectWords('proxy key') },
  () => ({ params: { instance_id: OTHER_INSTANCE, id: NOWHERE }, json }),
];
function expectWords(part: string): string {
  return expect.stringContaining(part) as string;
}
const wrongPages = (room: object): readonly Failure[] => [
  ['page 0', 422, invalidRecord('query', 'page'), () => ({ params: { ...room }, query: '?page=0' })],
  [
    'too many on a page',
    422,
    invalidRecord('query', 'per_page'),
    () => ({ params: { ...room }, query: '?per_page=101' }),
  ],
  ['an unknown status', 422, invalidRecord('query', 'status'), () => ({ params: { ...room }, query: '?status=gone' })],
  [
    'an unknown type',
    422,
    invalidRecord('query', 'workflow_type'),
    () => ({ params: { ...room }, query: '?workflow_type=lunch' }),
  ],
];
const ACTION = { action: 'x' };
const STEP = { step: 'review' };

/** Refused requests of workflow records, by operation. */
export const RECORD_FAILURES: Readonly<Record<string, readonly Failure[]>> = {
  listInstanceWorkflows: [otherRoom(), ...wrongPages(ROOM)],
  createInstanceWorkflow: [
    otherRoom(NEW_RECORD),
    [
      'no customer',
      422,
      invalidRecord('body', 'customer_id'),
      () => ({ params: ROOM, json: { workflow_type: 'lead' } }),
    ],
    [
      'an unknown type',
      422,
      invalidRecord('body', 'workflow_type'),
      () => ({ params: ROOM, json: { ...NEW_RECORD, workflow_type: 'lunch' } }),
    ],
    [
      'the idempotency key of another record',
      409,
      { detail: expectWords('idempotency key') },
      async ({ record }) => {
        const headers = newKey();
        await record({}, headers);
        return { params: ROOM, json: { ...NEW_RECORD, title: 'Another' }, headers };
      },
    ],
  ],
  getInstanceWorkflow: [otherRoom(), noWorkflow(ROOM), noUuid(ROOM)],
  advanceInstanceWorkflow: [
    otherRoom(ACTION),
    noWorkflow(ROOM, ACTION),
    noUuid(ROOM, ACTION),
    overWorkflow(ROOM, ACTION),
    aSuspended(ROOM, ACTION),
    [
      'no action',
      422,
      invalidRecord('body', 'action'),
      () => ({ params: { ...ROOM, id: NOWHERE }, json: { stage: 'x' } }),
    ],
    [
      'the status suspended',
      422,
      invalidRecord('body', 'status'),
      () => ({ params: { ...ROOM, id: NOWHERE }, json: { action: 'x', status: 'suspended' } }),
    ],
  ],
  suspendInstanceWorkflow: [
    otherRoom(STEP),
    noWorkflow(ROOM, STEP),
    overWorkflow(ROOM, STEP),
    aSuspended(ROOM, STEP),
    withoutStep(ROOM),
    farStep(ROOM),
  ],
  resumeInstanceWorkflow: [
    otherRoom({}),
    noWorkflow(ROOM, {}),
    noUuid(ROOM, {}),
    overWorkflow(ROOM, {}),
    noSuspended(ROOM),
  ],
  listWorkflows: [...wrongPages({})],
  getWorkflow: [noWorkflow({}), noUuid({})],
  abortWorkflow: [noWorkflow({}), noUuid({}), overWorkflow({})],
  resumeWorkflow: [noWorkflow({}, {}), noUuid({}, {}), overWorkflow({}, {}), noSuspended({})],
  suspendWorkflow: [
    noWorkflow({}, STEP),
    noUuid({}, STEP),
    overWorkflow({}, STEP),
    aSuspended({}, STEP),
    withoutStep({}),
    farStep({}),
  ],
};
