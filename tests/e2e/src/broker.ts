import { TOPOLOGY } from '@handover/contracts';
import { startRabbitMq } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';

/** Names of one's own on a real RabbitMQ. */
export interface Broker {
  /** Environment of a platform that uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** Deletes every durable name of the platform, which has stopped. */
  remove(): Promise<void>;
}

export async function ownBroker(): Promise<Broker> {
  const server = await startRabbitMq();
  const prefix = `e2e-${randomUUID()}`;
  return {
    env: { AMQP_URL: server.url, AMQP_PREFIX: prefix },
    async remove() {
      const connection = await connect(server.url);
      const channel = await connection.createChannel();
      for (const { name } of [...TOPOLOGY.queues, ...TOPOLOGY.subscriptions])
        await channel.deleteQueue(`${prefix}.${name}`);
      for (const { name } of TOPOLOGY.doors) await channel.deleteQueue(`${prefix}.${name}`);
      await channel.deleteQueue(`${prefix}.dead`);
      for (const name of ['events', 'dead', 'broadcast', 'commands']) await channel.deleteExchange(`${prefix}.${name}`);
      await connection.close();
      await server.stop();
    },
  };
}
