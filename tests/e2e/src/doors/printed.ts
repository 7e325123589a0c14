import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const run = promisify(execFile);

/** A request as the documentation of an API prints it, and the answer printed below. */
export interface Printed {
  readonly request: string;
  readonly status: number;
  readonly answer: unknown;
}

const RECORD = {
  approver_id: '1b287364-14ff-4b72-8953-b40399093a6f',
  assigned_to: 'string',
  completed_at: '2019-08-24T14:15:22Z',
  created_at: '2019-08-24T14:15:22Z',
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  escalation_level: 0,
  expires_at: '2019-08-24T14:15:22Z',
  history: [],
  id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
  instance_id: '06587974-2dbe-4e10-8bf9-38cce0f5a366',
  last_action_at: '2019-08-24T14:15:22Z',
  next_action_at: '2019-08-24T14:15:22Z',
  reference: 'string',
  stage: 'string',
  status: 'string',
  tenant_id: '34f5c98e-f430-457b-a812-92637d0c6fd0',
  title: 'string',
  updated_at: '2019-08-24T14:15:22Z',
  workflow_state: {},
  workflow_type: 'string',
};
const PAGE = { page: 0, per_page: 0, total: 0, workflows: [RECORD] };
const MOVED = { id: 'string', message: 'string', status: 'string' };
/** What a workflow record's request that is not valid is answered with. */
export const INVALID = { detail: [{ loc: ['string'], msg: 'string', type: 'string' }] };

const RECORDS = 'https://loading/internal/v1/instances/497f6eca-6276-4993-bfeb-53cbbbba6f08/workflows';
const ONE = `${RECORDS}/497f6eca-6276-4993-bfeb-53cbbbba6f08`;
const DASHBOARD = 'https://loading/v1/workflows';
const SEEN = `${DASHBOARD}/497f6eca-6276-4993-bfeb-53cbbbba6f08`;
// The page lost its line breaks, not the backslashes before them.
const JSON_BODY = String.raw`\ -H "Content-Type: application/json" \ -d`;
const KEY = String.raw`\ -H "X-Api-Key: string"`;

/** Workflow records: every curl line, in the order of the page. */
export const RECORD_REQUESTS: readonly Printed[] = [
  {
    request: `curl -X GET "${RECORDS}?customer_id=497f6eca-6276-4993-bfeb-53cbbbba6f08&workflow_type=string&status=string&reference=string&page=1&per_page=20"`,
    status: 200,
    answer: PAGE,
  },
  {
    request: `curl -X POST "${RECORDS}" ${JSON_BODY} '{ "customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "workflow_type": "string" }'`,
    status: 201,
    answer: RECORD,
  },
  { request: `curl -X GET "${ONE}"`, status: 200, answer: RECORD },
  { request: `curl -X PATCH "${ONE}" ${JSON_BODY} '{ "action": "string" }'`, status: 200, answer: RECORD },
  { request: `curl -X POST "${ONE}/resume" ${JSON_BODY} '{}'`, status: 200, answer: MOVED },
  { request: `curl -X POST "${ONE}/suspend" ${JSON_BODY} '{ "step": "string" }'`, status: 200, answer: MOVED },
  {
    request: `curl -X GET "${DASHBOARD}?customer_id=497f6eca-6276-4993-bfeb-53cbbbba6f08&workflow_type=string&status=string&page=1&per_page=20" ${KEY}`,
    status: 200,
    answer: PAGE,
  },
  { request: `curl -X GET "${DASHBOARD}/suspended" ${KEY}`, status: 200, answer: [{}] },
  { request: `curl -X GET "${SEEN}" ${KEY}`, status: 200, answer: RECORD },
  { request: `curl -X POST "${SEEN}/abort" ${KEY}`, status: 200, answer: MOVED },
  { request: `curl -X POST "${SEEN}/resume" ${KEY} ${JSON_BODY} '{}'`, status: 200, answer: MOVED },
  { request: `curl -X POST "${SEEN}/suspend" ${KEY} ${JSON_BODY} '{ "step": "string" }'`, status: 200, answer: MOVED },
];

const INSTANCE = {
  id: 'clx...',
  process_id: 'clx...',
  asset_id: 'clx...',
  status: 'in_progress',
  current_step: 1,
  step_data: {},
  process_name: 'Employee Onboarding',
  asset_name: 'MacBook Pro 14" M3',
  asset_tag: 'USL-00042',
  started_by_name: 'Alice Admin',
  started_at: '2024-11-20T10:00:00Z',
  completed_at: null,
};

/** The definition that asset processes print; its id is a placeholder. */
export const PRINTED_DEFINITION = {
  name: 'Employee Onboarding',
  slug: 'employee-onboarding',
  description: 'Onboard a device for a new employee',
  trigger_status: 'preparing',
  target_status: 'in_use',
  is_system: true,
  steps: [
    { type: 'user_picker', key: 'assigned_user', label: 'Assigned To', required: true },
    {
      type: 'checklist',
      key: 'setup_checklist',
      label: 'Setup Checklist',
      items: ['Install OS', 'Configure MDM', 'Test connectivity'],
    },
    { type: 'signature', key: 'handover_signature', label: 'Handover Signature' },
    { type: 'complete', key: 'confirm', label: 'Confirm handover' },
  ],
};

/** Asset processes print method, path and body. */
export const ASSET_REQUESTS: readonly Printed[] = [
  { request: 'GET /processes', status: 200, answer: { data: [{}] } },
  {
    request: 'GET /processes/instances?status=in_progress&asset_id=clx...&process_id=clx...',
    status: 200,
    // The page prints the object; that a list comes in pages, its parameters say.
    answer: { data: [INSTANCE], meta: {} },
  },
  {
    request: 'POST /processes/:process_id/start\n\n{\n"asset_id": "clx..."\n}',
    status: 201,
    answer: { data: INSTANCE },
  },
  {
    request: `POST /processes/instances/:instance_id/advance

{
"step_data": {
"assigned_user": "user-id",
"setup_checklist": ["Install OS", "Configure MDM", "Test connectivity"],
"handover_signature": "data:image/png;base64,..."
}
}`,
    status: 200,
    answer: { data: INSTANCE },
  },
];

const RUN = {
  id: '63131229-edc5-49d0-888b-7724e65d7d2d',
  caseId: '3b2d8a4f-579f-4e2e-a51c-f859e532fe8c',
  status: 'string',
};
/** Case workflows print a table of members, with examples. */
export const CASE_REQUESTS: readonly Printed[] = [
  {
    request:
      'POST /cases\n\n{"firstName":"text","lastName":"text","personalNumber":"text","email":"text@example.com","companyName":"text","companyNumber":"text","companyAddress":"text"}',
    status: 201,
    answer: { caseId: 'string' },
  },
  {
    request:
      'POST /parameters\n\n{"workflowDefinitionId":"3b2d8a4f-579f-4e2e-a51c-f859e532fe8c","parameters":{"param0":0,"param1":1.2222,"param2":true,"param3":"text"}}',
    status: 201,
    answer: { id: 'string' },
  },
  {
    request:
      'POST /workflows/run\n\n{"caseId":"caseId","workflowDefinitionId":"3b2d8a4f-579f-4e2e-a51c-f859e532fe8c","parametersId":"4b6ffcb6-ab6d-44b9-b5ab-4b5147b0b302"}',
    status: 200,
    answer: RUN,
  },
  { request: 'GET /workflows/{workflowId}', status: 200, answer: RUN },
  {
    request: 'GET /workflows/{workflowId}/result',
    status: 200,
    answer: { createdDate: 'string', caseId: 'string', partyId: 'string' },
  },
];

/** Method, path and body as a curl line. */
export function asCurl(request: string, base: string): string {
  const [line = '', body] = request.split('\n\n', 2);
  const [method = '', path = ''] = line.split(' ');
  const sent = body === undefined ? '' : ` -H "Content-Type: application/json" -d '${body}'`;
  return `curl -X ${method} "${base}${path}"${sent}`;
}

/** Runs a curl line in a shell, the way it is pasted there. */
export async function curl(line: string): Promise<{ status: number; body: unknown }> {
  const { stdout } = await run('bash', ['-c', `${line} --silent --write-out '\\n%{http_code}'`]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) as unknown };
}

/**
 * What an answer has to look like to be of the printed form: the printed members, and no others where `exact`, values of the
 * printed types or null, at least one element where one is printed.
 */
export function formOf(printed: unknown, answer: unknown, exact = true): unknown {
  if (Array.isArray(printed)) {
    if (printed.length === 0) return expect.any(Array);
    const elements = Array.isArray(answer) && answer.length > 0 ? (answer as unknown[]) : [undefined];
    return elements.map((element) => formOf(printed[0], element, exact));
  }
  if (typeof printed !== 'object' || printed === null) {
    return printed === null ? null : expect.toBeOneOf([expect.any(CLASSES[typeof printed] ?? Object), null]);
  }
  if (Object.keys(printed).length === 0) return expect.any(Object);
  const members = Object.entries(printed).map(([name, value]) => {
    const there = (answer as Record<string, unknown> | undefined)?.[name];
    return [name, formOf(value, there, exact)] as const;
  });
  const form = Object.fromEntries(members);
  return exact ? form : expect.objectContaining(form);
}

const CLASSES: Readonly<Record<string, unknown>> = { string: String, number: Number, boolean: Boolean };
