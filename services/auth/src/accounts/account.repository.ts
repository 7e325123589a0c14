import { sql, type Transaction } from 'kysely';
import type { AuthSchema } from '../database.js';

type Tx = Transaction<AuthSchema>;

/** A user as an issuer last described them. */
export interface Account {
  readonly id: string;
  readonly info: Record<string, unknown>;
  readonly roles: readonly string[];
}

/** Makes the tenant known. @returns whether its tokens are exchanged */
export async function isServed(tx: Tx, tenant: string): Promise<boolean> {
  const known = await tx.selectFrom('tenants').select('suspended_at').where('id', '=', tenant).executeTakeFirst();
  if (known) return known.suspended_at === null;
  await tx
    .insertInto('tenants')
    .values({ id: tenant, suspended_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
}

/** Keeps what a token says of a user, unless a later token said something else. A token seen before writes nothing. */
export async function recordAccount(tx: Tx, tenant: string, account: Account, statedAt: Date): Promise<void> {
  const info = JSON.stringify(account.info);
  await tx
    .insertInto('accounts')
    .values({ tenant, id: account.id, info, roles: [...account.roles], stated_at: statedAt })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ info, roles: [...account.roles], stated_at: statedAt })
        .where(
          sql<boolean>`accounts.stated_at < excluded.stated_at or (accounts.stated_at = excluded.stated_at
            and (accounts.roles, accounts.info::text) is distinct from (excluded.roles, excluded.info::text))`,
        ),
    )
    .execute();
}

export function findAccount(tx: Tx, id: string): Promise<Account | undefined> {
  return tx.selectFrom('accounts').select(['id', 'info', 'roles']).where('id', '=', id).executeTakeFirst();
}
