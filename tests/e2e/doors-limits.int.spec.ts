import { afterAll, beforeAll, expect, it } from 'vitest';
import { RECORDS } from './src/doors/furniture.js';
import { openDoors, type Doors } from './src/doors/world.js';

const LIMIT = 2;

let doors: Doors;
beforeAll(async () => {
  doors = await openDoors({ gateway: { RATE_LIMIT_KEY: String(LIMIT) } });
});
afterAll(() => doors.platform.stop());

/** Each surface says it its own way. */
it.each([
  ['operator', '/v1/processes', { code: 'RATE_LIMITED', error: expect.any(String) as unknown }],
  ['agent', RECORDS, { detail: expect.any(String) as unknown }],
  ['dashboard', '/v1/workflows', { detail: expect.any(String) as unknown }],
  ['backend', '/cases/00000000-0000-4000-8000-000000000000', { code: 'rate_limited' }],
] as const)('a key of too many requests, %s’s, is told to wait', async (who, path, body) => {
  const send = () => doors.send('GET', path, doors[who]);
  for (let left = LIMIT - 1; left >= 0; left--) {
    const { status, headers } = await send();
    expect([status === 429, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual([
      false,
      String(LIMIT),
      String(left),
    ]);
  }
  const refused = await send();
  expect(refused).toMatchObject({ status: 429, body });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1_000);
});
