import type { Asset } from './asset.js';
import type { Definition } from './definition.js';
import type { ProcessInstance } from './instance.js';

export const DEFINITION: Definition = {
  id: '0b2f1c9e-5d1e-5c7e-9a35-0d8f0b8f3a11',
  name: 'Employee Onboarding',
  slug: 'employee-onboarding',
  description: 'Onboard a device for a new employee',
  trigger_status: 'preparing',
  target_status: 'in_use',
  is_system: true,
  steps: [{ type: 'user_picker', key: 'assigned_user', label: 'Assigned To', required: true }],
};
export const ASSET: Asset = {
  id: '5b6a0b52-87b7-4fcd-9f0b-9d9b5a0d6f10',
  asset_tag: 'USL-00042',
  name: 'MacBook Pro 14" M3',
  status: 'preparing',
  custom_fields: {},
  created_at: '2026-01-05T09:00:00.000Z',
  updated_at: '2026-01-05T09:30:00.000Z',
};
export const INSTANCE: ProcessInstance = {
  id: 'd3f0a9c1-6f0a-4c53-8f55-2a8f8c0c1b77',
  process_id: DEFINITION.id,
  asset_id: ASSET.id,
  status: 'in_progress',
  current_step: 0,
  step_data: {},
  process_name: DEFINITION.name,
  asset_name: ASSET.name,
  asset_tag: ASSET.asset_tag,
  started_by_name: 'Alice Admin',
  started_at: '2026-01-05T09:30:00.000Z',
  completed_at: null,
};
export const META = { total: 1, page: 1, limit: 20, total_pages: 1 };
