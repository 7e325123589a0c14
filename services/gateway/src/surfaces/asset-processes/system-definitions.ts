import { uuid5 } from '@handover/scenario';

/** Root of the ids of system definitions: the same definition of the same tenant has one id, whoever seeds it first. */
const NAMESPACE = '6f0c1d2e-8f4b-4c8e-9a57-2f8d7f3a1b90';

/** Definitions that every tenant has, as asset-processes-api.txt prints the first of them. */
export const SYSTEM_DEFINITIONS = [
  {
    name: 'Employee Onboarding',
    slug: 'employee-onboarding',
    description: 'Onboard a device for a new employee',
    trigger_status: 'preparing',
    target_status: 'in_use',
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
  },
  {
    name: 'Employee Offboarding',
    slug: 'employee-offboarding',
    description: 'Take a device back from an employee who leaves',
    trigger_status: 'returning',
    target_status: 'available',
    steps: [
      { type: 'user_picker', key: 'returned_by', label: 'Returned By', required: true },
      {
        type: 'checklist',
        key: 'return_checklist',
        label: 'Return Checklist',
        items: ['Back up data', 'Wipe the device', 'Remove from MDM'],
      },
      { type: 'text', key: 'condition', label: 'Condition', required: false },
      { type: 'complete', key: 'confirm', label: 'Confirm return' },
    ],
  },
] as const;

export const systemDefinitionId = (tenant: string, slug: string): string =>
  uuid5(JSON.stringify([tenant, slug]), NAMESPACE);
