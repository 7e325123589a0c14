import { describe, expect, it } from 'vitest';
import { createRevocations } from './revocations.js';

/** A list that auth keeps, a clock, and the number of times the list was asked for. */
function given() {
  const state = { revoked: new Set<string>(), now: 0, asked: 0, down: false };
  const revocations = createRevocations(
    async () => {
      state.asked += 1;
      if (state.down) throw new Error('auth is away');
      return [...state.revoked];
    },
    () => state.now,
  );
  return { state, revocations };
}

describe('revocations', () => {
  it('are asked for once, however many want to know', async () => {
    const { state, revocations } = given();
    await Promise.all(Array.from({ length: 1_000 }, () => revocations.includes('k1')));
    expect(state.asked).toBe(1);
  });

  it('are known at once after a broadcast', async () => {
    const { state, revocations } = given();
    expect(await revocations.includes('k1')).toBe(false);
    state.revoked.add('k1');
    revocations.changed();
    expect(await revocations.includes('k1')).toBe(true);
  });

  it('are known within five seconds when the broadcast is lost', async () => {
    const { state, revocations } = given();
    await revocations.includes('k1');
    state.revoked.add('k1');
    state.now = 5_000;
    expect(await revocations.includes('k1')).toBe(true);
  });

  it('do not rely on an answer that was asked for before the broadcast', async () => {
    const answers: ((keys: string[]) => void)[] = [];
    const revocations = createRevocations(() => new Promise((resolve) => answers.push(resolve)));
    const early = revocations.includes('k1');
    revocations.changed();
    const late = revocations.includes('k1');
    answers[1]?.(['k1']);
    expect(await late).toBe(true);
    answers[0]?.([]);
    await early;
    expect(await revocations.includes('k1')).toBe(true);
    expect(answers).toHaveLength(2);
  });

  it('are not guessed when auth is away for longer than a revocation may take', async () => {
    const { state, revocations } = given();
    await revocations.includes('k1');
    state.down = true;
    state.now = 4_999;
    expect(await revocations.includes('k1')).toBe(false);
    state.now = 5_000;
    await expect(revocations.includes('k1')).rejects.toThrow('auth is away');
    state.down = false;
    expect(await revocations.includes('k1')).toBe(false);
  });
});
