import type { DemoAccount } from './gateway-client.js';

export interface BannerFacts {
  /** Such as `http://127.0.0.1:3000` */
  readonly address: string;
  readonly accounts: readonly DemoAccount[];
  readonly dataDirectory: string;
  readonly tookMs: number;
}

/** What the user reads when everything runs: where it is, who to be, what to type. */
export function banner({ address, accounts, dataDirectory, tookMs }: BannerFacts): string {
  const width = Math.max(0, ...accounts.map((account) => nameOf(account).length));
  const tokens = accounts.map((account) => `  ${nameOf(account).padEnd(width)}  ${account.token}`);
  const [anybody] = accounts;
  const authorization =
    anybody === undefined ? '' : ` -H 'Authorization: Bearer ${(adminOf(accounts) ?? anybody).token}'`;
  return [
    '',
    `Handover is ready at ${address} (${(tookMs / 1000).toFixed(1)} s)`,
    ...(tokens.length > 0 ? ['', 'Demo accounts and their tokens', ...tokens] : []),
    '',
    'Try it',
    `  curl -s ${address}/scenarios${authorization}`,
    '',
    `Data and logs are in ${dataDirectory}. Ctrl-C stops everything.`,
    '',
  ].join('\n');
}

export function adminOf(accounts: readonly DemoAccount[]): DemoAccount | undefined {
  return accounts.find(({ roles }) => roles.includes('admin'));
}

function nameOf({ id, roles }: DemoAccount): string {
  return roles.length > 0 ? `${id} (${roles.join(', ')})` : id;
}
