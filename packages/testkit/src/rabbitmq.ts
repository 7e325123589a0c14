import { connect } from 'amqplib';
import { debianRabbitMq } from './rabbitmq-debian.js';
import { dockerRabbitMq } from './rabbitmq-docker.js';
import type { RabbitMqServer } from './rabbitmq-server.js';

export { debianRabbitMq, type OwnRabbitMq } from './rabbitmq-debian.js';
export type { RabbitMqServer } from './rabbitmq-server.js';

const LOCAL = 'amqp://guest:guest@127.0.0.1:5672';
let told = false;

/**
 * A real RabbitMQ 3.10 or newer. Every test keeps to names of its own (a prefix), since virtual hosts cannot be made over AMQP.
 * The first that answers:
 * 1. the one `AMQP_URL` names (no other is tried when it is set)
 * 2. guest/guest on 127.0.0.1:5672
 * 3. a container, when a Docker engine answers
 * 4. on Debian, as root: its package, installed when needed, started in a temporary directory on ports of its own
 * Tells once, on standard output, which it is.
 * @throws naming what was tried and why each failed
 */
export async function startRabbitMq(): Promise<RabbitMqServer> {
  const named = process.env.AMQP_URL;
  const candidates: readonly [string, () => Promise<RabbitMqServer>][] =
    named === undefined
      ? [
          ['127.0.0.1:5672', () => answering(LOCAL)],
          ['Docker', dockerRabbitMq],
          ['Debian package', debianRabbitMq],
        ]
      : [['AMQP_URL', () => answering(named)]];
  const failures: string[] = [];
  for (const [name, start] of candidates) {
    try {
      const server = await start();
      tell(name);
      return server;
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message || error.name : String(error)}`);
    }
  }
  throw new Error(`no RabbitMQ for tests; start one and set AMQP_URL. Tried\n  ${failures.join('\n  ')}`);
}

async function answering(url: string): Promise<RabbitMqServer> {
  const connection = await connect(url, { timeout: 5_000 });
  await connection.close();
  return { url, stop: async () => undefined };
}

function tell(name: string): void {
  if (told) return;
  told = true;
  process.stdout.write(`RabbitMQ for tests: ${name}\n`);
}
