import { randomUUID } from 'node:crypto';
import type { PostgresServer } from './usable.js';

const IMAGE = 'postgres:17-alpine';

/** @throws when no Docker engine answers or the image cannot be had */
export async function dockerPostgres(): Promise<PostgresServer> {
  // Loading the library takes a while, and most machines need not.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  await getContainerRuntimeClient();
  const password = randomUUID();
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withExposedPorts(5432)
    // Said once by the server that only initialises the data directory and again by the real one.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  const address = `${container.getHost()}:${container.getMappedPort(5432)}`;
  return {
    adminUrl: `postgres://postgres:${password}@${address}/postgres`,
    source: 'docker',
    stop: async () => {
      await container.stop();
    },
  };
}
