import { readFile, stat } from 'node:fs/promises';

/** Whom the server runs as; empty for the user of this process. Fits the options of `spawn`. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Postgres refuses to run as root and wants its user to have a name: these exist on most systems. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * The user who owns an existing cluster, or else the one a new cluster is made for.
 * @throws when this process may not act as that user
 */
export async function accountFor(cluster: string): Promise<Account> {
  const self = process.getuid?.();
  const owner = await stat(cluster).catch(() => undefined);
  if (self !== 0) {
    if (owner === undefined || owner.uid === self) return {};
    throw new Error(
      `${cluster} belongs to another user (id ${owner.uid}): start as that user or use another directory`,
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return unprivileged();
}

async function unprivileged(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const candidate of CANDIDATES) {
    const [, , uid, gid] = lines.find(([name]) => name === candidate) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`Postgres does not run as root, and there is no user ${CANDIDATES.join(' or ')} to run it as`);
}
