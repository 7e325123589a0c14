import type { MessageHandler } from '@handover/bus';
import { eventSchema, type HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { GatewaySchema } from '../../database.js';
import { followEvent } from './asset.repository.js';
import { definitionsOf, type StoredDefinition } from './definition.repository.js';
import { assetTag } from './instance.js';

/**
 * Lets the status of assets follow the engine's events. The request that starts or completes a process sets the status too, so
 * that its caller sees it at once; what a gateway leaves undone when it dies, and what happens through another door, is made up
 * for here.
 */
export function assetStatusHandler(db: Kysely<GatewaySchema>): MessageHandler {
  return async (message) => {
    const parsed = eventSchema.safeParse(message.body);
    if (!parsed.success) return { kind: 'reject', reason: 'not an event' };
    const event = parsed.data;
    if (event.type !== 'process.started' && event.type !== 'process.completed') return { kind: 'done' };
    const { tenantid: tenant, time, data } = event;
    const prefix = assetTag('');
    const asset = data.tags?.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
    if (asset === undefined) return { kind: 'done' };
    await withTenant(db, tenant, async (tx) => {
      const stored = (await definitionsOf(tx, [data.scenario.id])).get(data.scenario.id);
      const status = stored && statusAfter(event, stored);
      if (status != null) await followEvent(tx, asset, status, time);
    });
    return { kind: 'done' };
  };
}

type Turn = Extract<HandoverEvent, { type: 'process.started' | 'process.completed' }>;

function statusAfter({ type, data }: Turn, { definition }: StoredDefinition): string | null {
  if (type === 'process.started') return definition.trigger_status;
  return data.state === '(completed)' ? definition.target_status : null;
}
