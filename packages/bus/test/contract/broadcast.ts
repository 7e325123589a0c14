import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/index.js';
import { type Contract, message, started } from '../world.js';

export function broadcastContract({ open }: Contract): void {
  describe('broadcast', () => {
    test('reaches every other process that listens to the channel', async () => {
      const buses = await started(open(), 'caller', 'worker', 'audit');
      const heard = await Promise.all(
        buses.map(async (bus) => {
          const broadcasts = new Recording<Message>('broadcasts');
          await bus.listen('keys', broadcasts.record);
          return broadcasts;
        }),
      );
      const [caller, worker] = buses;
      const revoked = message({ key: 'k-1' }, { type: 'apikey.revoked.v1', headers: { tenant: 'acme' } });

      await caller.broadcast('other channel', message('not this one'));
      await caller.broadcast('keys', revoked);
      await worker.broadcast('keys', message('from the worker'));

      const said = ({ id }: Message) => id === revoked.id;
      expect(await heard[1]?.first(said)).toEqual(revoked);
      expect(await heard[2]?.first(said)).toEqual(revoked);
      expect(await heard[0]?.nth(1)).toMatchObject({ body: 'from the worker' });
      expect(heard.flatMap(({ items }) => items).filter(({ body }) => body === 'not this one')).toEqual([]);
    });

    test('survives a listener that throws and stops with its registration', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const heard = new Recording<Message>('broadcasts');
      const closed = new Recording<Message>('broadcasts to the closed listener');
      const registration = await worker.listen('keys', closed.record);
      await worker.listen('keys', (said) => {
        heard.record(said);
        throw new Error('listener');
      });
      await caller.broadcast('keys', message(1));
      await heard.nth(1);
      await registration.close();
      await caller.broadcast('keys', message(2));
      await heard.nth(2);
      expect(closed.items).toHaveLength(1);
    });
  });
}
