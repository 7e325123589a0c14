/** Something to time; runs once per call. */
export type Task = () => unknown;

export interface MeasureOptions {
  /** Rounds; each times every task once. */
  readonly rounds: number;
  /** How long one task runs in one round, in ms. */
  readonly roundTime: number;
  /** How long each task runs before the first round, for the compiler to settle, in ms. */
  readonly warmUp: number;
}

/**
 * Times tasks against each other: all in turn, round after round, so that whatever else the machine does hits them alike.
 * @returns the median time of one run, in µs, by the task's name.
 */
export function measure(tasks: Readonly<Record<string, Task>>, options: MeasureOptions): Record<string, number> {
  const named = Object.entries(tasks).map(([name, task]) => ({ name, task, samples: [] as number[] }));
  for (const { task } of named) timeOf(task, options.warmUp);
  for (let round = 0; round < options.rounds; round++) {
    for (const { task, samples } of named) {
      // What the task before left behind is collected now, not at this one's expense.
      timeOf(task, options.roundTime / 4);
      samples.push(timeOf(task, options.roundTime));
    }
  }
  return Object.fromEntries(named.map(({ name, samples }) => [name, median(samples)]));
}

/** @returns µs per run. */
function timeOf(task: Task, roundTime: number): number {
  const start = performance.now();
  let runs = 0;
  let elapsed = 0;
  for (let batch = 1; elapsed < roundTime; batch = Math.min(batch * 2, 256)) {
    for (let i = 0; i < batch; i++) task();
    runs += batch;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1000) / runs;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
