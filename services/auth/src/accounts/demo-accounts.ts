import type { DemoAccount } from '@handover/contracts';
import { SignJWT } from 'jose';

/** The accounts of engine-service §4.4. Their tokens carry the roles they are listed with. */
export const DEMO_ACCOUNTS: readonly Omit<DemoAccount, 'token'>[] = [
  { id: 'alice', info: { name: 'Alice' }, roles: ['support'] },
  { id: 'bob', info: { name: 'Bob' }, roles: ['management'] },
  { id: 'claire', info: { name: 'Claire' }, roles: ['client'] },
  { id: 'david', info: { name: 'David' }, roles: [] },
  { id: 'admin', info: { name: 'Arnold' }, roles: ['admin'] },
];

export interface TokenClaims {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly tenant: string;
}

/** Every demo account with a bearer token signed by `secret`, good for 24 hours. */
export function issueDemoTokens(secret: Uint8Array, claims: TokenClaims): Promise<DemoAccount[]> {
  return Promise.all(
    DEMO_ACCOUNTS.map(async (account) => {
      const token = new SignJWT({ ...account, tenant: claims.tenant })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime('24h');
      if (claims.issuer !== undefined) token.setIssuer(claims.issuer);
      if (claims.audience !== undefined) token.setAudience(claims.audience);
      return { ...account, token: await token.sign(secret) };
    }),
  );
}
