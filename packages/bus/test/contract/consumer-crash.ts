import { fileURLToPath } from 'node:url';
import { type ManagedChild, Recording, spawnNode } from '@handover/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { type Contract, DELIVERY_LIMIT, message, started, TASKS, type World } from '../world.js';
import { testIf } from './needs.js';

const SCRIPT = fileURLToPath(new URL('../consumer.process.ts', import.meta.url));

export function consumerCrashContract({ open, capabilities }: Contract): void {
  const children: ManagedChild[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
  });
  const consumer = (world: World, mode: 'hold' | 'die'): ManagedChild => {
    const child = spawnNode(SCRIPT, { args: [JSON.stringify(world.config('worker')), mode] });
    children.push(child);
    return child;
  };

  describe('consumer crash', () => {
    test(
      'SIGKILL while holding messages: the next process gets them again, in order',
      { timeout: 60_000 },
      async () => {
        const world = open();
        const [caller] = await started(world, 'caller');
        const killed = consumer(world, 'hold');
        await killed.line(/consuming/, 20_000);
        const numbers = Array.from({ length: 40 }, (_, index) => index);
        const sent = Promise.all(
          numbers.map((n) => caller.send(TASKS, message(n, { key: `k${n % 4}` }), { timeoutMs: 50_000 })),
        );
        for (const held of [0, 1, 2, 3]) await killed.line(new RegExp(`took ${held} attempt 1`));
        await killed.kill();

        const seen = new Recording<{ body: unknown; attempt: number }>('deliveries');
        const [next] = await started(world, 'worker');
        await next.consume(TASKS, async ({ body, attempt }) => {
          seen.record({ body, attempt });
          return { kind: 'done' };
        });
        await seen.nth(numbers.length, 20_000);
        await sent;
        for (let key = 0; key < 4; key++) {
          const ofKey = seen.items.map(({ body }) => body as number).filter((n) => n % 4 === key);
          expect(ofKey).toEqual(numbers.filter((n) => n % 4 === key));
        }
        const held = seen.items.filter(({ body }) => (body as number) < 4);
        expect(held.every(({ attempt }) => attempt > 1)).toBe(true);
      },
    );

    testIf(capabilities.deadLetters, 'a message that kills its consumer ends among the dead letters', async () => {
      const world = open();
      const [caller] = await started(world, 'caller');
      const poison = message('poison');
      await caller.send(TASKS, poison);
      for (let life = 1; life <= DELIVERY_LIMIT; life++) {
        const child = consumer(world, 'die');
        await child.line(new RegExp(`attempt ${life}`), 20_000);
        await child.exited;
      }
      const { id, reason } = await world.deadLetter();
      expect(id).toBe(poison.id);
      expect(reason).toBe('delivery_limit');
    });
  });
}
