import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const schema = z.object({
  /** Signs and verifies bearer tokens. */
  jwtSecret: z.string(),
  /** 32 bytes in base64: encrypts the webhooks' secrets at rest. */
  webhookSecretKey: z.string(),
  /** Database passwords per service. */
  passwords: z.record(z.string(), z.object({ owner: z.string(), runtime: z.string() })),
});
export type Secrets = z.infer<typeof schema>;

/**
 * The secrets of this installation: made on the first start and kept, readable for this user only.
 * @param services those that need database passwords; a new one gets its own
 * @throws when the file is there and cannot be read: new secrets would lock everybody out
 */
export async function keepSecrets(file: string, services: readonly string[]): Promise<Secrets> {
  const kept = await readSecrets(file);
  const missing = services.filter((name) => kept?.passwords[name] === undefined);
  if (kept !== undefined && missing.length === 0) return kept;
  const made = missing.map((name) => [name, { owner: password(), runtime: password() }] as const);
  const secrets: Secrets = {
    jwtSecret: kept?.jwtSecret ?? password(),
    webhookSecretKey: kept?.webhookSecretKey ?? randomBytes(32).toString('base64'),
    passwords: { ...kept?.passwords, ...Object.fromEntries(made) },
  };
  // Renamed when it is complete: a start that is interrupted here must not lose what was there.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}

async function readSecrets(file: string): Promise<Secrets | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  await chmod(file, 0o600);
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is damaged: restore it. Without it tokens and stored webhook secrets are worth nothing.`);
  }
}

const password = (): string => randomBytes(24).toString('base64url');
