import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer } from './usable.js';

/** A server of our own in a temporary directory; it ends with this process in any case. */
export async function embeddedPostgres(): Promise<PostgresServer> {
  const { startEmbeddedPostgres } = await import('@handover/database/embedded');
  const directory = await mkdtemp(join(tmpdir(), 'handover-test-'));
  // When root runs the tests, the server runs as another user, who must get in.
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  return {
    adminUrl: server.adminUrl,
    source: 'embedded',
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
