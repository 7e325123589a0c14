import {
  OPERATIONS,
  assetProcesses,
  caseWorkflows,
  workflowRecords,
  type Operation,
  type Surface,
} from '@handover/contracts';
import { CHECKLIST, NEW_RECORD, type Furniture } from './furniture.js';
import { INSTANCE, type Doors } from './world.js';

/** The surfaces beside LetsFlow's and the platform's own. */
const SURFACES: readonly Surface[] = [assetProcesses, workflowRecords, caseWorkflows];
export const DOOR_OPERATIONS: readonly Operation[] = OPERATIONS.filter(({ surface }) => SURFACES.includes(surface));

/** The parts of a request. */
export interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that succeeds, for whom it is made. */
export interface Sample {
  readonly as: 'operator' | 'agent' | 'dashboard' | 'backend';
  /** Makes what the request is about, and the request. */
  readonly parts: (furniture: Furniture) => Promise<Parts>;
  /**
   * What the same request gets in another tenant: it names things that are not there (`hidden`), it lists what is there
   * (`empty`), or it makes something new (`own`).
   */
  readonly elsewhere: 'hidden' | 'empty' | 'own';
}

const STEPS = [{ type: 'boolean', key: 'wiped', label: 'Wiped' }];
const agentPath = (id?: string) => ({ params: { instance_id: INSTANCE, ...(id !== undefined && { id }) } });

const ASSET_SAMPLES: Readonly<Record<string, Sample>> = {
  listAssetProcesses: { as: 'operator', parts: async () => ({}), elsewhere: 'empty' },
  getAssetProcess: {
    as: 'operator',
    parts: async ({ definition }) => ({ params: { id: (await definition()).id } }),
    elsewhere: 'hidden',
  },
  createAssetProcess: {
    as: 'operator',
    parts: async () => ({ json: { name: `Made ${crypto.randomUUID()}`, steps: STEPS } }),
    elsewhere: 'own',
  },
  deleteAssetProcess: {
    as: 'operator',
    parts: async ({ definition }) => ({ params: { id: (await definition()).id } }),
    elsewhere: 'hidden',
  },
  startAssetProcess: {
    as: 'operator',
    parts: async ({ definition, asset }) => ({
      params: { process_id: (await definition()).id },
      json: { asset_id: (await asset()).id },
    }),
    elsewhere: 'hidden',
  },
  listAssetProcessInstances: {
    as: 'operator',
    parts: async ({ instance }) => ({ query: `?asset_id=${(await instance()).asset_id}` }),
    elsewhere: 'empty',
  },
  getAssetProcessInstance: {
    as: 'operator',
    parts: async ({ instance }) => ({ params: { id: (await instance()).id } }),
    elsewhere: 'hidden',
  },
  advanceAssetProcess: {
    as: 'operator',
    parts: async ({ instance }) => ({
      params: { instance_id: (await instance()).id },
      json: { step_data: { assigned_user: 'bob', setup_checklist: CHECKLIST } },
    }),
    elsewhere: 'hidden',
  },
  cancelAssetProcess: {
    as: 'operator',
    parts: async ({ instance }) => ({ params: { instance_id: (await instance()).id } }),
    elsewhere: 'hidden',
  },
  listAssets: {
    as: 'operator',
    parts: async ({ asset }) => ({ query: `?q=${(await asset()).asset_tag}` }),
    elsewhere: 'empty',
  },
  createAsset: { as: 'operator', parts: async () => ({ json: { name: 'A laptop' } }), elsewhere: 'own' },
  getAsset: {
    as: 'operator',
    parts: async ({ asset }) => ({ params: { id: (await asset()).id } }),
    elsewhere: 'hidden',
  },
  changeAsset: {
    as: 'operator',
    parts: async ({ asset }) => ({ params: { id: (await asset()).id }, json: { status: 'lost' } }),
    elsewhere: 'hidden',
  },
};

const RECORD_SAMPLES: Readonly<Record<string, Sample>> = {
  listInstanceWorkflows: {
    as: 'agent',
    parts: async ({ record }) => {
      await record();
      return { ...agentPath(), query: `?customer_id=${NEW_RECORD.customer_id}` };
    },
    elsewhere: 'empty',
  },
  createInstanceWorkflow: {
    as: 'agent',
    parts: async () => ({ ...agentPath(), json: NEW_RECORD }),
    elsewhere: 'own',
  },
  getInstanceWorkflow: {
    as: 'agent',
    parts: async ({ record }) => agentPath((await record()).id),
    elsewhere: 'hidden',
  },
  advanceInstanceWorkflow: {
    as: 'agent',
    parts: async ({ record }) => ({ ...agentPath((await record()).id), json: { action: 'contacted' } }),
    elsewhere: 'hidden',
  },
  suspendInstanceWorkflow: {
    as: 'agent',
    parts: async ({ record }) => ({ ...agentPath((await record()).id), json: { step: 'landlord' } }),
    elsewhere: 'hidden',
  },
  resumeInstanceWorkflow: {
    as: 'agent',
    parts: async ({ suspended }) => ({ ...agentPath((await suspended()).id), json: {} }),
    elsewhere: 'hidden',
  },
  listWorkflows: {
    as: 'dashboard',
    parts: async ({ record }) => {
      await record();
      return { query: `?customer_id=${NEW_RECORD.customer_id}` };
    },
    elsewhere: 'empty',
  },
  listSuspendedWorkflows: {
    as: 'dashboard',
    parts: async ({ suspended }) => {
      await suspended();
      return {};
    },
    elsewhere: 'empty',
  },
  getWorkflow: {
    as: 'dashboard',
    parts: async ({ record }) => ({ params: { id: (await record()).id } }),
    elsewhere: 'hidden',
  },
  abortWorkflow: {
    as: 'dashboard',
    parts: async ({ record }) => ({ params: { id: (await record()).id } }),
    elsewhere: 'hidden',
  },
  resumeWorkflow: {
    as: 'dashboard',
    parts: async ({ suspended }) => ({ params: { id: (await suspended()).id }, json: { resume_data: {} } }),
    elsewhere: 'hidden',
  },
  suspendWorkflow: {
    as: 'dashboard',
    parts: async ({ record }) => ({ params: { id: (await record()).id }, json: { step: 'review' } }),
    elsewhere: 'hidden',
  },
};

const CASE_SAMPLES: Readonly<Record<string, Sample>> = {
  createCase: { as: 'backend', parts: async () => ({ json: { firstName: 'Ada' } }), elsewhere: 'own' },
  getCase: {
    as: 'backend',
    parts: async ({ caseOf }) => ({ params: { caseId: (await caseOf()).caseId } }),
    elsewhere: 'hidden',
  },
  createParameters: {
    as: 'backend',
    parts: async ({ rating }) => ({ json: { workflowDefinitionId: await rating(), parameters: { level: 2 } } }),
    elsewhere: 'hidden',
  },
  runWorkflow: {
    as: 'backend',
    parts: async ({ caseOf, rating }) => ({
      json: { caseId: (await caseOf()).caseId, workflowDefinitionId: await rating() },
    }),
    elsewhere: 'hidden',
  },
  getWorkflowStatus: {
    as: 'backend',
    parts: async ({ run, rating }) => ({ params: { workflowId: (await run(await rating())).id } }),
    elsewhere: 'hidden',
  },
  getWorkflowResult: {
    as: 'backend',
    parts: async ({ run, nothing }) => ({ params: { workflowId: (await run(await nothing())).id } }),
    elsewhere: 'hidden',
  },
};

/** For every operation of the doors, by its id. An operation without a sample fails the test that reads this. */
export const SAMPLES: Readonly<Record<string, Sample>> = { ...ASSET_SAMPLES, ...RECORD_SAMPLES, ...CASE_SAMPLES };

/** The path of an operation, its parameters filled in. */
export const addressOf = ({ path }: Operation, { params = {}, query = '' }: Parts): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '') + query;

/** Sends a request to an operation. */
export const sendParts = (doors: Doors, operation: Operation, parts: Parts, token: string) =>
  doors.send(operation.method.toUpperCase(), addressOf(operation, parts), token, parts.json, { ...parts.headers });
