import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { ForeignDelivery, ForeignReply } from '../../src/index.js';
import { DOOR, gate, message, started, type Contract, type Knock } from '../world.js';
import { testIf } from './needs.js';

const answer = (body: unknown, headers = {}): ForeignReply => ({
  status: 'ok',
  contentType: 'application/json',
  headers,
  body,
});
const knock = (rest: Partial<Knock> = {}): Knock => ({ name: 'light.on', body: '{"lamp":1}', ...rest });
const read = ({ content }: Pick<ForeignDelivery, 'content'>) => JSON.parse(content.toString()) as { lamp: number };

export function doorContract({ open, capabilities }: Contract): void {
  describe('a door', () => {
    test('lets a message of a plain client in as it is, and brings it the reply', async () => {
      const world = open();
      const [worker] = await started(world, 'worker');
      const seen = new Recording<ForeignDelivery>('messages');
      await worker.intake(DOOR, async (delivery) => {
        seen.record(delivery);
        return { kind: 'done', reply: answer({ lit: true }, { status: 200, etag: '"1"' }) };
      });
      const outsider = await world.outsider();
      await outsider.knock(knock({ id: 'm-1', correlationId: 'c-1', headers: { authorization: 'Bearer x' } }));

      const reply = await outsider.replies.nth(1);
      expect(reply).toMatchObject({
        status: 'ok',
        correlationId: 'c-1',
        contentType: 'application/json',
        headers: { status: 200, etag: '"1"' },
        body: { lit: true },
      });
      const [delivery] = seen.items;
      expect(delivery).toMatchObject({
        name: 'light.on',
        id: 'm-1',
        correlationId: 'c-1',
        headers: { authorization: 'Bearer x' },
        wantsReply: true,
        attempt: 1,
      });
      expect(delivery && read(delivery)).toEqual({ lamp: 1 });
    });

    test('lets in what nobody can make sense of, too: the handler says what the sender is told', async () => {
      const world = open();
      const [worker] = await started(world, 'worker');
      await worker.intake(DOOR, async ({ content }) => ({
        kind: 'reject',
        reason: 'no sense in it',
        reply: { status: 'problem', contentType: 'application/problem+json', headers: {}, body: content.toString() },
      }));
      const outsider = await world.outsider();
      await outsider.knock({ name: 'light.off', contentType: 'text/csv', body: 'a,b' });
      expect(await outsider.replies.nth(1)).toMatchObject({
        status: 'problem',
        contentType: 'application/problem+json',
        body: 'a,b',
      });
    });

    testIf(capabilities.deadLetters, 'keeps what was rejected, with the reason and without the token', async () => {
      const world = open();
      const [worker] = await started(world, 'worker');
      await worker.intake(DOOR, async () => ({ kind: 'reject', reason: 'not today', reply: answer(null) }));
      const outsider = await world.outsider();
      await outsider.knock(knock({ id: 'm-1', headers: { authorization: 'Bearer secret' }, wantsReply: false }));
      expect(await world.deadLetter()).toEqual({
        id: 'm-1',
        reason: 'not today',
        headers: expect.not.arrayContaining(['authorization']) as string[],
      });
    });

    test('delivers again what is to be retried, behind which others of its key wait, and nobody else', async () => {
      const world = open();
      const [worker] = await started(world, 'worker');
      const seen = new Recording<string>('messages');
      await worker.intake(
        DOOR,
        async (delivery) => {
          const { lamp } = read(delivery);
          seen.record(`${lamp}:${delivery.id ?? ''}:${delivery.attempt}`);
          if (delivery.id === 'a' && delivery.attempt === 1) return { kind: 'retry', afterMs: 200 };
          return { kind: 'done', reply: answer(lamp) };
        },
        { keyOf: (delivery) => String(read(delivery).lamp) },
      );
      const outsider = await world.outsider();
      await outsider.knock(knock({ id: 'a', body: '{"lamp":1}' }));
      await outsider.knock(knock({ id: 'b', body: '{"lamp":1}' }));
      await outsider.knock(knock({ id: 'c', body: '{"lamp":2}' }));
      await outsider.replies.nth(3);
      expect(seen.items.filter((item) => item.startsWith('1'))).toEqual(['1:a:1', '1:a:2', '1:b:1']);
      expect(seen.items.indexOf('2:c:1')).toBeLessThan(seen.items.indexOf('1:a:2'));
    });

    test('answers what is in hand before it shuts', async () => {
      const world = open();
      const [worker] = await started(world, 'worker');
      const [entered, busy] = [gate(), gate()];
      await worker.intake(DOOR, async () => {
        entered.open();
        await busy.opened;
        return { kind: 'done', reply: answer('just in time') };
      });
      const outsider = await world.outsider();
      await outsider.knock(knock());
      await entered.opened;
      const stopping = worker.stop();
      busy.open();
      await stopping;
      expect((await outsider.replies.nth(1)).body).toBe('just in time');
    });

    test('is opened by its service alone', async () => {
      const [caller] = await started(open(), 'caller');
      const never = async () => ({ kind: 'done', reply: answer(null) }) as const;
      await expect(caller.intake(DOOR, never)).rejects.toMatchObject({ code: 'unroutable' });
    });
  });

  describe('an announcement', () => {
    test('reaches plain clients, whoever publishes it, in order', async () => {
      const world = open();
      const [worker, caller] = await started(world, 'worker', 'caller');
      const outsider = await world.outsider();
      // A subscription needs a moment to arrive: say it until it is heard.
      let heard = false;
      void outsider.heard.nth(1).then(() => (heard = true));
      while (!heard) {
        await worker.publish('warm.up', message(0));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const n of [1, 2, 3]) await caller.publish('outside.news', message({ n }));
      await expect.poll(() => outsider.heard.items.filter(([topic]) => topic === 'outside.news')).toHaveLength(3);
      expect(outsider.heard.items.filter(([topic]) => topic === 'outside.news')).toEqual(
        [1, 2, 3].map((n) => ['outside.news', { n }]),
      );
    });
  });
}
