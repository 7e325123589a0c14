import { Recording } from '@handover/testkit';
import { describe, expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.js';

const limits = { batch: 3, queue: 5 };

interface Batch {
  readonly group: string;
  readonly commands: readonly string[];
  finish(): void;
}

/** A runner whose batches finish when the test says so. */
function manual() {
  const batches = new Recording<Batch>('batches');
  const commit = createGroupCommit<string>(
    (group, batch) =>
      new Promise((resolve) => {
        const finish = () => {
          for (const entry of batch) entry.resolve(`${entry.command} done`);
          resolve([]);
        };
        batches.record({ group, commands: batch.map(({ command }) => command), finish });
      }),
    limits,
  );
  return { commit, batches };
}

describe('group commit', () => {
  it('runs a lone command at once', async () => {
    const { commit, batches } = manual();
    const answer = commit.submit('a', 'one');
    expect(batches.items.map(({ commands }) => commands)).toEqual([['one']]);
    batches.items[0]?.finish();
    expect(await answer).toBe('one done');
  });

  it('puts what waits meanwhile into one batch, in order and within its limit', async () => {
    const { commit, batches } = manual();
    const answers = ['1', '2', '3', '4', '5'].map((command) => commit.submit('a', command));
    for (const n of [1, 2, 3]) (await batches.nth(n)).finish();
    await Promise.all(answers);
    expect(batches.items.map(({ commands }) => commands)).toEqual([['1'], ['2', '3', '4'], ['5']]);
  });

  it('runs groups side by side', () => {
    const { commit, batches } = manual();
    void commit.submit('a', '1');
    void commit.submit('b', '2');
    expect(batches.items.map(({ group }) => group)).toEqual(['a', 'b']);
  });

  it('decides a returned command again, before those that came later', async () => {
    const again: string[][] = [];
    const commit = createGroupCommit<string>(async (_, batch) => {
      again.push(batch.map(({ command }) => command));
      const [first, ...rest] = batch;
      if (again.length === 1 && first) return [first];
      for (const entry of first ? [first, ...rest] : []) entry.resolve(entry.command);
      return [];
    }, limits);
    const answers = [commit.submit('a', '1'), commit.submit('a', '2')];
    expect(await Promise.all(answers)).toEqual(['1', '2']);
    expect(again).toEqual([['1'], ['1', '2']]);
  });

  it('refuses what it cannot hold, with a time to come back', async () => {
    const { commit } = manual();
    for (let n = 0; n < limits.queue; n++) void commit.submit('a', String(n));
    await expect(commit.submit('b', 'too much')).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });

  it('fails a whole batch when its runner does, and goes on with the next', async () => {
    let calls = 0;
    const commit = createGroupCommit<string>(async (_, batch) => {
      calls += 1;
      if (calls === 1) throw new Error('no database');
      for (const entry of batch) entry.resolve('done');
      return [];
    }, limits);
    await expect(commit.submit('a', '1')).rejects.toThrow('no database');
    expect(await commit.submit('a', '2')).toBe('done');
  });

  it('finishes what it has taken before it stops, and takes no more', async () => {
    const { commit, batches } = manual();
    const answer = commit.submit('a', '1');
    const stopped = commit.stop();
    await expect(commit.submit('a', '2')).rejects.toMatchObject({ code: 'unavailable' });
    batches.items[0]?.finish();
    await stopped;
    expect(await answer).toBe('1 done');
  });
});
