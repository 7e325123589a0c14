import { Recording } from '@handover/testkit';
import { describe, expect, it } from 'vitest';
import { createGroupCommit, type GroupCommitOptions } from './group-commit.js';

const limits = { batch: 3, queue: 5, sideBySide: 1 };
const claims = (command: string): string[] => [command];

interface Batch {
  readonly group: string;
  readonly commands: readonly string[];
  finish(): void;
}

/** A runner whose batches finish when the test says so. */
function manual(sideBySide = 1) {
  const batches = new Recording<Batch>('batches');
  const commit = createGroupCommit<string>({
    claims,
    limits: { ...limits, sideBySide },
    run: (group, batch) =>
      new Promise((resolve) => {
        const finish = () => {
          for (const entry of batch) entry.resolve(`${entry.command} done`);
          resolve([]);
        };
        batches.record({ group, commands: batch.map(({ command }) => command), finish });
      }),
  });
  return { commit, batches };
}

describe('group commit', () => {
  it('runs a lone command in the next turn of the event loop', async () => {
    const { commit, batches } = manual();
    const answer = commit.submit('a', 'one');
    expect((await batches.nth(1)).commands).toEqual(['one']);
    batches.items[0]?.finish();
    expect(await answer).toBe('one done');
  });

  it('puts what waits meanwhile into one batch, in order and within its limit', async () => {
    const { commit, batches } = manual();
    const answers = [commit.submit('a', '1')];
    const first = await batches.nth(1);
    answers.push(...['2', '3', '4', '5'].map((command) => commit.submit('a', command)));
    first.finish();
    for (const n of [2, 3]) (await batches.nth(n)).finish();
    await Promise.all(answers);
    expect(batches.items.map(({ commands }) => commands)).toEqual([['1'], ['2', '3', '4'], ['5']]);
  });

  it('runs groups side by side', async () => {
    const { commit, batches } = manual();
    void commit.submit('a', '1');
    void commit.submit('b', '2');
    await batches.nth(2);
    expect(batches.items.map(({ group }) => group)).toEqual(['a', 'b']);
  });

  it('runs batches of a group side by side, but never two with the same claim, whose commands keep their order', async () => {
    const { commit, batches } = manual(2);
    const answers = [commit.submit('a', 'x')];
    const first = await batches.nth(1);
    answers.push(...['x', 'y', 'x', 'z'].map((command) => commit.submit('a', command)));
    const second = await batches.nth(2);
    expect(second.commands).toEqual(['y', 'z']);
    second.finish();
    first.finish();
    (await batches.nth(3)).finish();
    await Promise.all(answers);
    expect(batches.items.map(({ commands }) => commands)).toEqual([['x'], ['y', 'z'], ['x', 'x']]);
  });

  it('decides a returned command again, before those that came later', async () => {
    const again: string[][] = [];
    const run: GroupCommitOptions<string>['run'] = async (_, batch) => {
      again.push(batch.map(({ command }) => command));
      const [first, ...rest] = batch;
      if (again.length === 1 && first) return [first];
      for (const entry of first ? [first, ...rest] : []) entry.resolve(entry.command);
      return [];
    };
    const commit = createGroupCommit({ run, claims, limits });
    const answers = [commit.submit('a', '1')];
    await new Promise(setImmediate);
    answers.push(commit.submit('a', '2'));
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
    const run: GroupCommitOptions<string>['run'] = async (_, batch) => {
      calls += 1;
      if (calls === 1) throw new Error('no database');
      for (const entry of batch) entry.resolve('done');
      return [];
    };
    const commit = createGroupCommit({ run, claims, limits });
    await expect(commit.submit('a', '1')).rejects.toThrow('no database');
    expect(await commit.submit('a', '2')).toBe('done');
  });

  it('finishes what it has taken before it stops, and takes no more', async () => {
    const { commit, batches } = manual();
    const answer = commit.submit('a', '1');
    const stopped = commit.stop();
    await expect(commit.submit('a', '2')).rejects.toMatchObject({ code: 'unavailable' });
    (await batches.nth(1)).finish();
    await stopped;
    expect(await answer).toBe('1 done');
  });
});
