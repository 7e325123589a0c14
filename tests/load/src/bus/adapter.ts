import { createBus, type Bus, type Topology } from '@handover/bus';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { IN_HAND, PATIENCE_MS, type Asker, type Way } from './way.js';

const TOPOLOGY: Topology = { services: ['asker', 'echo'], queues: [], subscriptions: [] };

const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (context: object, line: string) => console.error(line, context),
  error: (context: object, line: string) => console.error(line, context),
};

/** The bus of one side, as a service makes it. */
function busOf({ transport, place, name }: Way, service: 'asker' | 'echo'): Bus {
  const common = { service, topology: TOPOLOGY, logger };
  if (transport === 'amqp') return createBus({ transport, url: place, prefix: name, ...common });
  const endpoints = { asker: `ipc://${join(place, 'asker')}`, echo: `ipc://${join(place, 'echo')}` };
  return createBus({ transport, endpoints, ...common });
}

export async function answerByAdapter(way: Way): Promise<void> {
  const bus = busOf(way, 'echo');
  await bus.respond('echo', async ({ body }) => ({ status: 'ok', body }), { concurrency: IN_HAND });
  await bus.start();
}

export async function askByAdapter(way: Way): Promise<Asker> {
  const bus = busOf(way, 'asker');
  await bus.start();
  return {
    ask: async (body) => {
      const id = randomUUID();
      const headers = { requestId: id, tenant: 'acme' };
      const message = { id, type: 'echo.v1', headers, body };
      return (await bus.request('echo', message, { timeoutMs: PATIENCE_MS })).body;
    },
    close: () => bus.stop(),
  };
}
