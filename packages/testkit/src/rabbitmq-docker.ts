import type { RabbitMqServer } from './rabbitmq-server.js';

const IMAGE = 'rabbitmq:3.13-alpine';
const PORT = 5672;

/** @throws when no Docker engine answers or the image cannot be had */
export async function dockerRabbitMq(): Promise<RabbitMqServer> {
  // Loading the library takes a while, and most machines need not.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  await getContainerRuntimeClient();
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forLogMessage(/Server startup complete/))
    .start();
  let stopped: Promise<unknown> | undefined;
  return {
    url: `amqp://guest:guest@${container.getHost()}:${container.getMappedPort(PORT)}`,
    stop: async () => {
      await (stopped ??= container.stop());
    },
  };
}
