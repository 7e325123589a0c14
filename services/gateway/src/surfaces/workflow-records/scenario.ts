import { OPEN_STATUSES, TERMINAL_STATUSES, WORKFLOW_TYPES, type RecordStatus } from '@handover/contracts';
import { builtIn } from '../built-in.js';

/** Members of a record that an agent sets; the others follow from what happened. */
const SETTABLE = ['title', 'stage', 'assigned_to', 'approver_id', 'escalation_level', 'next_action_at', 'expires_at'];
const GIVEN_AT_START = [...SETTABLE, 'customer_id', 'workflow_type', 'reference'];

const ref = (expression: string) => ({ '<ref>': expression });
const text = { type: 'string' };
const nullable = (type: string) => ({ type: [type, 'null'] });
const free = { type: 'object', additionalProperties: true };
const freeOrNull = { type: ['object', 'null'], additionalProperties: true };

/** The status of a record is the state of its process; those that end it are end states. */
export const stateOf = (status: RecordStatus): string =>
  TERMINAL_STATUSES.some((terminal) => terminal === status) ? `(${status})` : status;
export const statusOf = (state: string): RecordStatus => state.replaceAll(/[()]/g, '') as RecordStatus;

/** The members of the response that are among `names`, as an object. */
const among = (names: readonly string[]): string =>
  `from_items(items(current.response)[?contains(\`${JSON.stringify(names)}\`, [0])])`;
/** Top-level keys replace those that are there, and a null takes one away. */
const patched = (data: string) => ({
  set: 'vars.workflow_state',
  value: ref(`from_items(items(merge(vars.workflow_state, ${data} || \`{}\`))[?[1] != \`null\`])`),
});

/** What a transition writes into the log, which is the record's history. */
const entry = (
  action: unknown,
  to: RecordStatus,
  change: { from?: unknown; stage?: unknown; data?: unknown } = {},
) => ({
  title: action,
  action,
  from_status: change.from === undefined ? ref('current.key') : change.from,
  to_status: to,
  from_stage: change.stage === undefined ? ref('vars.stage') : change.stage,
  to_stage: ref('vars.stage'),
  ...(change.data !== undefined && { data: change.data }),
});

const expiry = { at: ref('vars.expires_at'), goto: '(expired)', log: entry('expired', 'expired') };
const abortion = { on: 'abort', goto: '(cancelled)', log: entry('aborted', 'cancelled') };

function openState(status: (typeof OPEN_STATUSES)[number]) {
  const advance = (to: RecordStatus) =>
    entry(ref('current.response.action'), to, { stage: ref('vars.previous_stage') });
  const others = [...OPEN_STATUSES, ...TERMINAL_STATUSES].filter((other) => other !== status);
  return {
    transitions: [
      ...others.map((other) => ({
        on: 'advance',
        if: ref(`current.response.status == '${other}'`),
        goto: stateOf(other),
        log: advance(other),
      })),
      { on: 'advance', goto: null, log: advance(status) },
      { on: 'suspend', goto: 'suspended', log: entry('suspended', 'suspended') },
      abortion,
      expiry,
    ],
  };
}

const response = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const settable = {
  stage: nullable('string'),
  title: nullable('string'),
  assigned_to: nullable('string'),
  approver_id: nullable('string'),
  next_action_at: nullable('string'),
  expires_at: nullable('string'),
  workflow_state: freeOrNull,
};

/** A workflow record, as a scenario whose states are the statuses (workflow-records.md). */
export const WORKFLOW_RECORD = builtIn({
  name: 'workflow-record',
  version: '1.0',
  title: 'Workflow record',
  description: 'A piece of long-running work that an agent moves by named actions and admins watch.',
  tags: ['workflow-record'],
  actors: {
    agent: { title: 'Agent', role: 'privilege:workflows:write' },
    observer: { title: 'Agent, looking on', role: 'privilege:workflows:read' },
    admin: { title: 'Administrator', role: 'privilege:workflows:admin' },
  },
  vars: {
    customer_id: text,
    workflow_type: { enum: WORKFLOW_TYPES },
    title: nullable('string'),
    reference: nullable('string'),
    stage: text,
    previous_stage: nullable('string'),
    workflow_state: { ...free, default: {} },
    assigned_to: nullable('string'),
    approver_id: nullable('string'),
    escalation_level: { type: 'integer', default: 0 },
    next_action_at: nullable('string'),
    expires_at: nullable('string'),
    previous_status: nullable('string'),
    suspended_step: nullable('string'),
    suspend_payload: freeOrNull,
  },
  actions: {
    create: {
      title: 'Create',
      actor: 'agent',
      response: response(
        { ...settable, customer_id: text, workflow_type: { enum: WORKFLOW_TYPES }, reference: nullable('string') },
        ['customer_id', 'workflow_type'],
      ),
      update: [
        { set: 'vars', value: ref(`merge(vars, ${among(GIVEN_AT_START)}, {stage: current.response.stage || 'new'})`) },
        patched('current.response.workflow_state'),
        {
          set: 'title',
          value: ref(
            "current.response.title || join(' ', [current.response.workflow_type, current.response.customer_id])",
          ),
        },
        {
          set: 'tags',
          mode: 'merge',
          value: ref(
            `[actors.agent.id, join(':', ['customer', vars.customer_id]), join(':', ['type', vars.workflow_type]), vars.reference && join(':', ['reference', vars.reference])][?@]`,
          ),
        },
      ],
    },
    advance: {
      title: 'Advance',
      actor: 'agent',
      response: response(
        { ...settable, action: text, status: nullable('string'), escalation_level: { type: ['integer', 'null'] } },
        ['action'],
      ),
      update: [
        {
          set: 'vars',
          value: ref(
            `merge(vars, {previous_stage: vars.stage}, ${among(SETTABLE)}, {stage: current.response.stage || vars.stage, escalation_level: get(current.response, 'escalation_level', vars.escalation_level)})`,
          ),
        },
        patched('current.response.workflow_state'),
        { set: 'title', value: ref('current.response.title'), if: ref('current.response.title') },
      ],
    },
    suspend: {
      title: 'Suspend',
      actor: ['agent', 'admin'],
      response: response({ step: text, payload: freeOrNull }, ['step']),
      update: [
        { set: 'vars.previous_status', value: ref('current.key') },
        { set: 'vars.suspended_step', value: ref('current.response.step') },
        { set: 'vars.suspend_payload', value: ref('current.response.payload') },
      ],
    },
    resume: {
      title: 'Resume',
      actor: ['agent', 'admin'],
      response: response({ data: free }, ['data']),
      update: [patched('current.response.data')],
    },
    abort: { title: 'Abort', actor: 'admin' },
  },
  states: {
    initial: { on: 'create', goto: 'active', log: entry('created', 'active', { from: null, stage: null }) },
    ...Object.fromEntries(OPEN_STATUSES.map((status) => [status, openState(status)])),
    suspended: {
      transitions: [
        ...OPEN_STATUSES.map((status) => ({
          on: 'resume',
          if: ref(`vars.previous_status == '${status}'`),
          goto: status,
          log: entry('resumed', status, { data: ref('current.response.data') }),
        })),
        abortion,
        expiry,
      ],
    },
    ...Object.fromEntries(TERMINAL_STATUSES.map((status) => [stateOf(status), { title: status, tag: status }])),
  },
});
