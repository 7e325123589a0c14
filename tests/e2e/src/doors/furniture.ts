import type { Asset, Case, Definition, ProcessInstance, Run, WorkflowRecord } from '@handover/contracts';
import { CUSTOMER, INSTANCE, png, type Doors } from './world.js';

export const NOWHERE = '00000000-0000-4000-8000-000000000000';
export const CHECKLIST = ['Install OS', 'Configure MDM', 'Test connectivity'];
/** Where the agent instance keeps its records. */
export const RECORDS = `/internal/v1/instances/${INSTANCE}/workflows`;
export const NEW_RECORD = { customer_id: CUSTOMER, workflow_type: 'rent_arrears' };

/** Values for all steps of the onboarding. */
export const onboardingData = () => ({
  assigned_user: 'user-id',
  setup_checklist: CHECKLIST,
  handover_signature: png(),
});

/** A workflow that waits for a bureau which nobody has configured. */
const RATING = {
  title: 'Rating',
  actors: { case: { properties: { firstName: 'string', personalNumber: 'string' } } },
  vars: { level: { type: 'integer', minimum: 1, default: 1 }, note: 'string' },
  actions: { rate: { actor: 'service:bureau', update: 'result' } },
  states: { initial: { notify: 'service:bureau', on: 'rate', goto: '(rated)' } },
};
/** A workflow with a parameter of each type. */
const PARAMETERISED = {
  title: 'Parameterised',
  vars: { param0: 'integer', param1: 'number', param2: 'boolean', param3: 'string' },
  states: { initial: { on: null, goto: '(done)' } },
};
/** A workflow that is over as soon as it runs. */
const NOTHING = { title: 'Nothing', states: { initial: { on: null, goto: '(done)' } } };
/** A workflow that needs a person. */
const SIGNING = {
  title: 'Signing',
  actors: { signer: {} },
  actions: { sign: { actor: 'signer' } },
  states: { initial: { on: 'sign', goto: '(signed)' } },
};

type Headers = Record<string, string>;
interface MakeOptions<T> {
  readonly read?: (body: { data: T }) => unknown;
  readonly headers?: Headers;
}

/** Makes what the requests of a test work on, each time anew, as its users would. */
export function furnish(doors: Doors) {
  const { admin, operator, agent, dashboard, backend } = doors;
  const made = async <T>(
    status: number,
    token: string,
    path: string,
    json: unknown,
    { read = (body) => body, headers = {} }: MakeOptions<T> = {},
  ): Promise<T> => {
    const answer = await doors.send('POST', path, token, json, headers);
    if (answer.status !== status) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return read(answer.body as { data: T }) as T;
  };
  const data = { read: <T>(body: { data: T }): T => body.data };
  const asset = (name = 'MacBook Pro 14" M3') =>
    made<Asset>(201, operator, '/v1/assets', { name, custom_fields: { ram: 32 } }, data);
  const onboarding = async (): Promise<Definition> => {
    const answer = await doors.send('GET', '/v1/processes', operator);
    const found = (answer.body as { data: Definition[] }).data.find(({ slug }) => slug === 'employee-onboarding');
    if (!found) throw new Error('there is no onboarding');
    return found;
  };
  const stored = async (scenario: object): Promise<string> =>
    (await made<{ id: string }>(201, admin, '/scenarios', scenario)).id;

  const instance = async (definition?: string) => {
    const { id } = await asset();
    const process = definition ?? (await onboarding()).id;
    return made<ProcessInstance>(201, operator, `/v1/processes/${process}/start`, { asset_id: id }, data);
  };
  const advance = (id: string, step_data: object, headers: Headers = {}) =>
    made<ProcessInstance>(200, operator, `/v1/processes/instances/${id}/advance`, { step_data }, { ...data, headers });

  return {
    asset,
    onboarding,
    definition: (name = `Return ${crypto.randomUUID()}`) =>
      made<Definition>(
        201,
        operator,
        '/v1/processes',
        { name, steps: [{ type: 'boolean', key: 'wiped', label: 'Wiped' }] },
        data,
      ),
    instance,
    advance,
    completed: async () => {
      const started = await instance();
      for (let step = 0; step < 4; step++) await advance(started.id, onboardingData());
      return started;
    },
    record: (more: object = {}, headers: Headers = {}) =>
      made<WorkflowRecord>(201, agent, RECORDS, { ...NEW_RECORD, ...more }, { headers }),
    suspended: async () => {
      const record = await made<WorkflowRecord>(201, agent, RECORDS, NEW_RECORD);
      await made(200, agent, `${RECORDS}/${record.id}/suspend`, { step: 'landlord', payload: { asked: true } });
      return record;
    },
    aborted: async () => {
      const record = await made<WorkflowRecord>(201, agent, RECORDS, NEW_RECORD);
      await made(200, dashboard, `/v1/workflows/${record.id}/abort`, undefined);
      return record;
    },
    caseOf: (details: object = { firstName: 'Ada' }) => made<Case>(201, backend, '/cases', details),
    parameters: (workflowDefinitionId: string, parameters: object = {}) =>
      made<{ id: string }>(201, backend, '/parameters', { workflowDefinitionId, parameters }),
    rating: () => stored(RATING),
    parameterised: () => stored(PARAMETERISED),
    nothing: () => stored(NOTHING),
    signing: () => stored(SIGNING),
    run: async (workflowDefinitionId: string, headers: Headers = {}) => {
      const { caseId } = await made<Case>(201, backend, '/cases', { firstName: 'Ada' });
      return made<Run>(200, backend, '/workflows/run', { caseId, workflowDefinitionId }, { headers });
    },
  };
}

export type Furniture = ReturnType<typeof furnish>;
