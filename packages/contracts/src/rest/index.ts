import { commandOperations } from './commands.js';
import { deliveryOperations } from './deliveries.js';
import { assetOperations } from './asset-processes/assets.js';
import { assetProcessOperations } from './asset-processes/processes.js';
import { caseWorkflowOperations } from './case-workflows.js';
import { diagramOperations } from './diagrams.js';
import { documentationOperations } from './documentation.js';
import { documentOperations } from './documents.js';
import { incidentOperations } from './incidents.js';
import { apiKeyOperations } from './letsflow/api-keys.js';
import { processListOperations } from './letsflow/process-lists.js';
import { processOperations } from './letsflow/processes.js';
import { scenarioOperations } from './letsflow/scenarios.js';
import { systemOperations } from './letsflow/system.js';
import { migrationOperations } from './migrations.js';
import type { Operation } from './operation.js';
import { schemaOperations } from './schemas.js';
import { serviceOperations } from './services.js';
import { webhookOperations } from './webhooks.js';
import { workflowRecordOperations } from './workflow-records/agents.js';
import { workflowDashboardOperations } from './workflow-records/dashboard.js';

export * from './commands.js';
export * from './deliveries.js';
export * from './asset-processes/asset.js';
export * from './asset-processes/assets.js';
export * from './asset-processes/definition.js';
export * from './asset-processes/instance.js';
export * from './asset-processes/processes.js';
export * from './asset-processes/surface.js';
export * from './case-workflows.js';
export * from './diagrams.js';
export * from './documentation.js';
export * from './documents.js';
export * from './headers.js';
export * from './incidents.js';
export * from './letsflow/api-keys.js';
export * from './letsflow/process.js';
export * from './letsflow/process-lists.js';
export * from './letsflow/processes.js';
export * from './letsflow/scenarios.js';
export * from './letsflow/system.js';
export * from './migrations.js';
export * from './openapi.js';
export * from './operation.js';
export * from './parameters.js';
export * from './schemas.js';
export * from './services.js';
export * from './surface.js';
export * from './surfaces.js';
export * from './webhooks.js';
export * from './workflow-records/agents.js';
export * from './workflow-records/dashboard.js';
export * from './workflow-records/record.js';
export * from './workflow-records/surface.js';

/** Every operation of the REST API, in groups: what a client calls `api.processes.start`. */
export const REST = {
  system: systemOperations,
  scenarios: scenarioOperations,
  processes: { ...processOperations, ...processListOperations },
  apiKeys: apiKeyOperations,
  commands: commandOperations,
  deliveries: deliveryOperations,
  diagrams: diagramOperations,
  documentation: documentationOperations,
  documents: documentOperations,
  incidents: incidentOperations,
  migrations: migrationOperations,
  schemas: schemaOperations,
  services: serviceOperations,
  webhooks: webhookOperations,
  assetProcesses: assetProcessOperations,
  assets: assetOperations,
  caseWorkflows: caseWorkflowOperations,
  workflowRecords: workflowRecordOperations,
  workflowDashboard: workflowDashboardOperations,
};

/** Every operation of the REST API. The gateway serves these and nothing else. */
export const OPERATIONS: readonly Operation[] = Object.values<Readonly<Record<string, Operation>>>(REST).flatMap(
  (group) => Object.values(group),
);
