import { expect, test } from 'vitest';
import { framesOf } from './frames.js';
import { decodeCalls, encode, OVERHEAD_BYTES } from './wire.js';

test('frames hold the records in order, many small ones or one large one each', () => {
  const sizes = [10, 20, 100_000, 30, 40_000, 40_000, 200_000];
  const records = sizes.map((size, n) =>
    encode(
      { kind: 'broadcast', channel: String(n), envelope: { id: 'm', type: 't', headers: {} } },
      Buffer.alloc(size),
    ),
  );
  const frames = framesOf(records);
  const channels = frames.map((frame) =>
    [...decodeCalls([frame])].map(({ head }) => ('channel' in head ? head.channel : '')),
  );
  expect(channels).toEqual([['0', '1'], ['2'], ['3', '4'], ['5'], ['6']]);
  expect(Buffer.concat(frames).equals(Buffer.concat(records))).toBe(true);
  expect(framesOf([])).toEqual([]);
});

test('a frame of several records is never larger than the largest message a socket takes', () => {
  const records = Array.from({ length: 1_000 }, (_, n) => Buffer.alloc(n));
  expect(Math.max(...framesOf(records).map(({ length }) => length))).toBeLessThan(OVERHEAD_BYTES);
});
