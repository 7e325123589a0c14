import { createBus } from '@handover/bus';
import { setTimeout as delay } from 'node:timers/promises';
import { QUEUE, silent, type ConsumerOptions, type Step } from './traffic.js';

/** Takes messages, slowly if asked, and says so line by line before it acknowledges: a killed one leaves no doubt. */
const { bus: config, delayMs, concurrency } = JSON.parse(process.argv[2] ?? '') as ConsumerOptions;
const say = (line: string) => process.stdout.write(`${line}\n`);
const bus = createBus({ ...config, logger: silent });

await bus.consume(
  QUEUE,
  async ({ body }) => {
    const { key, step } = body as Step;
    say(`took ${key} ${step}`);
    await delay(delayMs);
    say(`handled ${key} ${step}`);
    return { kind: 'done' };
  },
  { concurrency },
);
await bus.start();
process.once('SIGTERM', () => void bus.stop().then(() => process.exit(0)));
say('consuming');
