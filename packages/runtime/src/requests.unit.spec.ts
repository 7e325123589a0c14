import type { Bus, Delivery, RequestHandler } from '@handover/bus';
import { HandoverError, getSigningKeys } from '@handover/contracts';
import { describe, expect, it } from 'vitest';
import { createLogger } from './log.js';
import { answer, route } from './requests.js';

/** What a service answers a request with, and what its log says of it. */
async function answered(fails: Error) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('auth', 'info', {
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  let handler: RequestHandler | undefined;
  const bus = {
    respond: async (_: string, given: RequestHandler) => {
      handler = given;
      return { close: async () => undefined };
    },
  } as unknown as Bus;
  await answer(bus, 'auth', [route(getSigningKeys, () => Promise.reject(fails))], log);
  const delivery: Delivery = {
    id: 'm1',
    type: getSigningKeys.type,
    headers: { requestId: 'r1', principal: 'signed' },
    body: {},
    attempt: 1,
    signal: new AbortController().signal,
  };
  return { reply: await handler?.(delivery), lines };
}

describe('a request that fails', () => {
  it('is told why it was refused; the log says whose it was', async () => {
    const { reply, lines } = await answered(new HandoverError('forbidden', 'not you'));
    expect(reply).toMatchObject({ status: 'problem', body: { code: 'forbidden', requestId: 'r1' } });
    expect(lines).toMatchObject([{ level: 'info', requestId: 'r1', commandId: 'm1', code: 'forbidden' }]);
  });

  it('for a reason nobody foresaw is told nothing of it; the log has all', async () => {
    const { reply, lines } = await answered(new Error('the disk is on fire'));
    expect(reply).toMatchObject({ status: 'problem', body: { code: 'internal' } });
    expect(JSON.stringify(reply)).not.toContain('fire');
    expect(lines).toMatchObject([{ level: 'error', requestId: 'r1', err: { message: 'the disk is on fire' } }]);
  });
});
