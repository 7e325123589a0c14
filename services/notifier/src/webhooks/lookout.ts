import type { WebhookSigning } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { NotifierSchema } from '../database.js';
import type { EventFilter } from './event-filter.js';
import { ownerOf, type SecretVault } from './secret.js';
import { openHeaders, type Headers } from './webhook-headers.js';
import { openWebhookKeys } from './webhook-keys.js';
import { findActiveWebhooks, type SealedRecipient } from './webhook.repository.js';

/** How a webhook is reached now. */
export interface Recipient {
  readonly url: string;
  readonly headers: Headers;
  /** Current and those still valid beside it, newest first. */
  readonly keys: readonly string[];
  readonly signing: WebhookSigning;
}

/** A webhook that is told of events. */
export interface ActiveWebhook extends EventFilter {
  readonly id: string;
  /** Its secrets are opened when they are first needed. */
  readonly to: () => Recipient;
}

/** Knows the active webhooks of tenants, as they were committed {@link BELIEVED_MS} before it is asked, or later. */
export interface Lookout {
  /** By id. */
  of(tenant: string): Promise<ReadonlyMap<string, ActiveWebhook>>;
  /** A tenant's webhooks were changed by this process: they are looked at again. */
  forget(tenant: string): void;
}

/** For how long a look at a tenant's webhooks is believed, from its beginning, in milliseconds. */
export const BELIEVED_MS = 100;

/** Resolves when no replica believes a look any more that was begun before. Who is told of a change can rely on it from then on. */
export const everybodyLooked = (): Promise<void> => delay(BELIEVED_MS + 5);

interface Look {
  readonly webhooks: Promise<ReadonlyMap<string, ActiveWebhook>>;
  /** On the clock of `performance.now()`. */
  readonly until: number;
}

/** Looks that are kept before those that are over are thrown away. */
const MANY = 1_000;

/** Events and attempts that come within a moment share one look at the table: it costs more than all of them. */
export function createLookout(db: Kysely<NotifierSchema>, vault: SecretVault): Lookout {
  const looks = new Map<string, Look>();

  const look = (tenant: string): Look => {
    const now = performance.now();
    const known = looks.get(tenant);
    if (known && known.until > now) return known;
    if (looks.size >= MANY) for (const [other, { until }] of looks) if (until <= now) looks.delete(other);
    const webhooks = withTenant(db, tenant, async (tx) => {
      const rows = await findActiveWebhooks(tx);
      return new Map(rows.map((row) => [row.id, activeWebhook(vault, tenant, row)]));
    });
    const begun = { webhooks, until: now + BELIEVED_MS };
    looks.set(tenant, begun);
    return begun;
  };

  return {
    of: (tenant) => look(tenant).webhooks,
    forget: (tenant) => void looks.delete(tenant),
  };
}

function activeWebhook(
  vault: SecretVault,
  tenant: string,
  { id, events, scenarios, ...sealed }: EventFilter & SealedRecipient & { readonly id: string },
): ActiveWebhook {
  let opened: Recipient | undefined;
  return { id, events, scenarios, to: () => (opened ??= open(vault, tenant, id, sealed)) };
}

function open(vault: SecretVault, tenant: string, id: string, sealed: SealedRecipient): Recipient {
  const { url, signing, sealedKeys, sealedHeaders } = sealed;
  const owner = ownerOf(tenant, id);
  return {
    url,
    signing,
    headers: openHeaders(vault, tenant, id, sealedHeaders),
    keys: sealedKeys.flatMap((generation) => openWebhookKeys(vault, owner, generation)),
  };
}
