import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BusError } from '../port.js';
import { Outbox, type OutboxLimits, type Parcel } from './outbox.js';

const LIMITS: OutboxLimits = { messages: 3, bytes: 100, waiting: 5, waitingBytes: 1_000 };

/** An outbox on a transport that takes everything, or nothing while `full`. */
function setUp(limits: Partial<OutboxLimits> = {}) {
  const sent: Parcel<string>[] = [];
  const transport = { full: false };
  const outbox = new Outbox<string>('the peer', { ...LIMITS, ...limits }, (parcel) => {
    if (transport.full) return false;
    sent.push(parcel);
    return true;
  });
  const submit = (content: string, bytes = 1, timeoutMs = 1_000) => {
    const result = outbox.submit(content, bytes, timeoutMs);
    result.catch(() => undefined);
    return result;
  };
  return { outbox, sent, transport, submit, contents: () => sent.map(({ content }) => content).join('') };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('outbox', () => {
  test('sends in order as far as the window goes, and on with every acknowledgement', async () => {
    const { outbox, sent, submit, contents } = setUp();
    outbox.open();
    const first = submit('a');
    for (const content of 'bcde') void submit(content);
    expect(contents()).toBe('abc');
    outbox.settle(sent[1]?.sequence ?? 0);
    expect(contents()).toBe('abcd');
    outbox.settle(sent[0]?.sequence ?? 0);
    expect(contents()).toBe('abcde');
    await first;
    expect(outbox.size).toBe(3);
  });

  test('counts bytes too, but lets one message larger than the window pass alone', () => {
    const { outbox, sent, submit, contents } = setUp();
    outbox.open();
    void submit('a', 60);
    void submit('b', 60);
    void submit('c', 500);
    expect(contents()).toBe('a');
    outbox.settle(sent[0]?.sequence ?? 0);
    expect(contents()).toBe('ab');
    outbox.settle(sent[1]?.sequence ?? 0);
    expect(contents()).toBe('abc');
  });

  test('after a lost connection sends everything unacknowledged again, in order, before what came later', () => {
    const { outbox, sent, submit, contents } = setUp();
    outbox.open();
    for (const content of 'abcd') void submit(content);
    outbox.settle(sent[1]?.sequence ?? 0);
    expect(contents()).toBe('abcd');
    outbox.reset();
    void submit('e');
    outbox.open();
    expect(contents()).toBe('abcd' + 'acd');
    expect(sent.slice(4).map(({ sends }) => sends)).toEqual([2, 2, 2]);
  });

  test('keeps the order when the transport takes no more for a while', () => {
    const { outbox, transport, submit, contents } = setUp();
    outbox.open();
    transport.full = true;
    void submit('a');
    transport.full = false;
    void submit('b');
    expect(contents()).toBe('ab');
  });

  test('sends again what is not acknowledged in time, as long as it may take', () => {
    const { outbox, sent, submit, contents } = setUp();
    outbox.open();
    void submit('a', 1, 10_000);
    vi.advanceTimersByTime(3_000);
    outbox.resend(5_000);
    expect(contents()).toBe('a');
    vi.advanceTimersByTime(3_000);
    outbox.resend(5_000);
    expect(contents()).toBe('aa');
    expect(sent[1]).toMatchObject({ sends: 2, remainingMs: 4_000 });
    outbox.resend(5_000);
    expect(contents()).toBe('aa');
  });

  test('refuses one too many at once', async () => {
    const { submit } = setUp();
    for (const content of 'abcde') void submit(content);
    await expect(submit('f')).rejects.toMatchObject({ code: 'overloaded' });
  });

  test('counts the bytes that wait, also after a lost connection', async () => {
    const { outbox, submit } = setUp();
    outbox.open();
    void submit('a', 600);
    void submit('b', 900);
    await expect(submit('c', 200)).rejects.toMatchObject({ code: 'overloaded' });
    outbox.settle(1);
    void submit('c', 200);
    outbox.reset();
    await expect(submit('d', 1)).rejects.toMatchObject({ code: 'overloaded' });
    outbox.settle(2);
    void submit('d', 1);
    expect(outbox.size).toBe(2);
  });

  test('says when time is up how far it came', async () => {
    const { outbox, submit } = setUp({ messages: 1 });
    const away = submit('a', 1, 100);
    vi.advanceTimersByTime(100);
    await expect(away).rejects.toMatchObject({ code: 'unavailable' });
    outbox.open();
    const [sent, waiting] = [submit('b', 1, 100), submit('c', 1, 50)];
    vi.advanceTimersByTime(100);
    await expect(sent).rejects.toMatchObject({ code: 'timeout' });
    await expect(waiting).rejects.toMatchObject({ code: 'overloaded' });
    expect(outbox.size).toBe(0);
  });

  test('makes room when a message under way expires', () => {
    const { outbox, submit, contents } = setUp({ messages: 1 });
    outbox.open();
    void submit('a', 1, 100);
    void submit('b', 1, 1_000);
    vi.advanceTimersByTime(100);
    expect(contents()).toBe('ab');
  });

  test('rejects everything when it is closed, and whatever comes later', async () => {
    const { outbox, submit } = setUp({ messages: 1 });
    outbox.open();
    const all = [submit('a'), submit('b')];
    outbox.close(new BusError('stopped', 'the bus stopped'));
    all.push(submit('c'));
    for (const result of all) await expect(result).rejects.toMatchObject({ code: 'stopped' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
