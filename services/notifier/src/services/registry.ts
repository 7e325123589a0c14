import type { ServiceConfig } from '@handover/contracts';
import type { Transaction } from 'kysely';
import type { Destination } from '../couriers/courier.js';
import type { NotifierSchema } from '../database.js';
import { ownerOf, type SecretVault } from '../webhooks/secret.js';
import { findSealed } from './service.repository.js';
import type { ConfiguredServices } from './services-file.js';

/** Where services are, by tenant and name: the tenant's own first, then those of the configuration. */
export interface Registry {
  find(tx: Transaction<NotifierSchema>, tenant: string, name: string): Promise<Destination | undefined>;
}

export function createRegistry(vault: SecretVault, configured: ConfiguredServices): Registry {
  return {
    async find(tx, tenant, name) {
      const sealed = await findSealed(tx, name);
      if (sealed) {
        const config = JSON.parse(vault.open(sealed, ownerOf(tenant, `service:${name}`))) as ServiceConfig;
        return { name, config, trusted: false };
      }
      const config = configured.find(tenant, name);
      return config && { name, config, trusted: true };
    },
  };
}
