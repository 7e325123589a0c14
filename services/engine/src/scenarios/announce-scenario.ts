import type { HandoverEvent } from '@handover/contracts';
import { randomUUID } from 'node:crypto';
import type { ScenarioFacts } from './scenario.repository.js';

/** Tells that a scenario was stored or disabled. */
export function announceScenario(
  type: 'scenario.stored' | 'scenario.disabled',
  tenant: string,
  { id, name, version, title }: ScenarioFacts,
  by: string,
): HandoverEvent {
  return {
    specversion: '1.0',
    id: `${randomUUID()}:${type}`,
    source: 'handover/engine',
    subject: id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenantid: tenant,
    type,
    data: {
      scenario: { id, title, ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
      by,
    },
  };
}
