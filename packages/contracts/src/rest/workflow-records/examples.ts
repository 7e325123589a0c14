import type { WorkflowRecord } from './record.js';

export const INSTANCE = '06587974-2dbe-4e10-8bf9-38cce0f5a366';
export const ID = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
const CREATED = '2026-01-05T09:30:00.000Z';
export const RECORD: WorkflowRecord = {
  id: ID,
  tenant_id: 'default',
  instance_id: INSTANCE,
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  workflow_type: 'rent_arrears',
  title: 'Flat 3, two months behind',
  reference: 'flat-3',
  stage: 'new',
  status: 'active',
  workflow_state: { months: 2 },
  assigned_to: null,
  approver_id: null,
  escalation_level: 0,
  history: [
    {
      action: 'created',
      at: CREATED,
      by: `agent:${INSTANCE}`,
      from_status: null,
      to_status: 'active',
      from_stage: null,
      to_stage: 'new',
    },
  ],
  created_at: CREATED,
  updated_at: CREATED,
  last_action_at: CREATED,
  next_action_at: null,
  expires_at: null,
  completed_at: null,
};
export const PAGE = { page: 1, per_page: 20, total: 1, workflows: [RECORD] };
export const NEW = { customer_id: RECORD.customer_id, workflow_type: 'rent_arrears', workflow_state: { months: 2 } };
