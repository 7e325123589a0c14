import type { HandoverEvent } from '@handover/contracts';
import type { ApiKeyRow } from './api-key.repository.js';

/** Tells what happened to a key and what it could do; nothing of its token. It happens to a key once, so its id names the event. */
export function announceKey(type: 'apikey.issued' | 'apikey.revoked', row: ApiKeyRow, by: string): HandoverEvent {
  return {
    specversion: '1.0',
    id: `${row.id}:${type}`,
    source: 'handover/auth',
    subject: row.id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenantid: row.tenant,
    type,
    data: {
      key: row.id,
      name: row.name,
      kind: row.kind,
      privileges: row.privileges,
      ...(row.owner !== null && { owner: row.owner }),
      ...(row.service !== null && { service: row.service }),
      ...(row.instance !== null && { instance: row.instance }),
      expiration: row.expires_at,
      by,
    },
  };
}
