import { createBus } from '../src/index.js';
import { type PortableConfig, silent, TASKS } from './world.js';

/** A consumer to be killed: tells what it took and, as asked, holds it for ever, dies of it or acknowledges it. */
const [config = '', mode = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const bus = createBus({ ...(JSON.parse(config) as PortableConfig), logger: silent });

await bus.consume(TASKS, async ({ body, attempt }) => {
  say(`took ${JSON.stringify(body)} attempt ${attempt}`);
  if (mode === 'die') process.kill(process.pid, 'SIGKILL');
  if (mode !== 'acknowledge') await new Promise(() => undefined);
  return { kind: 'done' };
});
await bus.start();
say('consuming');
