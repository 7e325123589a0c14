import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoAccount, storeScenario } from './gateway-client.js';
import type { Say } from './terminal.js';

/**
 * Stores the example scenarios as an admin would. One that is refused is named and does not keep the others out.
 * @returns how many were stored
 */
export async function storeExamples(
  directory: string,
  address: string,
  admin: DemoAccount,
  notice: Say,
): Promise<number> {
  const files = (await readdir(directory).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  let stored = 0;
  for (const file of files) {
    try {
      await storeScenario(address, admin.token, await readFile(join(directory, file), 'utf8'));
      stored += 1;
    } catch (error) {
      notice(`the example ${file} was not stored: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return stored;
}
