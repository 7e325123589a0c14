import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readLogLine } from './log-line.js';

/**
 * Runs a service's migrations with the role that owns its schema.
 * @param signal ends it; the schema is then as it was before
 * @throws with the last words of the migration when it fails
 */
export async function runMigration(
  service: string,
  script: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    killSignal: 'SIGKILL',
    signal,
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = readLogLine(text, service, 'stdout');
    if (line.severe) said.push(line.summary);
  });
  createInterface({ input: child.stderr }).on('line', (text) => said.push(text));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killed) => {
      if (code === 0) resolve();
      else reject(new Error(`the migration of ${service} failed (${killed ?? code})\n${said.slice(-15).join('\n')}`));
    });
  });
}
