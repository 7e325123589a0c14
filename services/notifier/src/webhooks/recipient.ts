import type { WebhookSigning } from '@handover/contracts';
import type { Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { ownerOf, type SecretVault } from './secret.js';
import { openHeaders, type Headers } from './webhook-headers.js';
import { openWebhookKeys } from './webhook-keys.js';
import { findSealedRecipient } from './webhook.repository.js';

/** How a webhook is reached now. */
export interface Recipient {
  readonly url: string;
  readonly headers: Headers;
  /** Current and those still valid beside it, newest first. */
  readonly keys: readonly string[];
  readonly signing: WebhookSigning;
}

/** @returns undefined when it wants nothing any more */
export async function findRecipient(
  tx: Transaction<NotifierSchema>,
  vault: SecretVault,
  tenant: string,
  id: string,
): Promise<Recipient | undefined> {
  const { url, sealedKeys, sealedHeaders, signing, wanted } = await findSealedRecipient(tx, id);
  if (!wanted) return undefined;
  const owner = ownerOf(tenant, id);
  return {
    url,
    headers: openHeaders(vault, tenant, id, sealedHeaders),
    keys: sealedKeys.flatMap((sealed) => openWebhookKeys(vault, owner, sealed)),
    signing,
  };
}
