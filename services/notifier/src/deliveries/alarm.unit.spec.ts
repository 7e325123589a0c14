import { describe, expect, it } from 'vitest';
import { createAlarm } from './alarm.js';

const LONG = 60_000;

describe('an alarm', () => {
  it('ends a wait when it rings', async () => {
    const alarm = createAlarm();
    const wait = alarm.wait(LONG);
    alarm.ring();
    await wait;
  });

  it('keeps a ring nobody waited for, once', async () => {
    const alarm = createAlarm();
    alarm.ring();
    alarm.ring();
    await alarm.wait(LONG);
    const quiet = Symbol('quiet');
    const next = alarm.wait(LONG);
    expect(await Promise.race([next, new Promise((resolve) => setImmediate(resolve, quiet))])).toBe(quiet);
    alarm.ring();
    await next;
  });

  it('ends a wait by itself', async () => {
    await createAlarm().wait(1);
  });
});
