import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS, limitOfProcess, limitsOf, needOf, type Assumptions, type Costs } from './model.js';

const COSTS: Costs = {
  processorUs: { gateway: 120, engine: 180, auth: 0.5, notifier: 40, postgres: 120, rabbitmq: 60 },
  logBytesPerStep: 2_000,
  rowsPerStep: 4,
  bytesPerProcess: 2_000,
  bytesPerStep: 500,
  aloneMs: 4,
};
const STATED: Assumptions = { ...ASSUMPTIONS, utilisation: 0.5, databaseCores: 64, stepsPerProcess: 10 };
const at = (stepsPerSecond: number, processes = 1_000_000) => needOf(COSTS, { stepsPerSecond, processes }, STATED);

describe('what a target needs', () => {
  it('is processor time at the planned utilisation, in whole processors', () => {
    // 1,000 × 180 µs are 0.18 processors, of which half is used.
    expect(at(1_000).cores).toEqual({ gateway: 1, engine: 1, auth: 1, notifier: 1, postgres: 1, rabbitmq: 1 });
    expect(at(10_000).cores).toEqual({ gateway: 3, engine: 4, auth: 1, notifier: 1, postgres: 3, rabbitmq: 2 });
  });

  it('is at least two of each service, so that one may be away', () => {
    expect(at(1).replicas).toEqual({ gateway: 2, engine: 2, auth: 2, notifier: 2 });
  });

  it('is log by the second, and disk by what is kept', () => {
    expect(at(10_000)).toMatchObject({ logBytesPerSecond: 20e6, rowsPerSecond: 40_000, diskBytes: 7e9, parts: 1 });
    // A billion processes of ten steps: 2 TB of processes, 5 TB of events in parts of 100 GB.
    expect(at(10_000, 1e9)).toMatchObject({ diskBytes: 7e12, parts: 50 });
  });

  it('grows in proportion with the steps, and its disk with the processes alone', () => {
    const [one, ten] = [at(1_000), at(10_000)];
    expect(ten.logBytesPerSecond).toBe(10 * one.logBytesPerSecond);
    expect(ten.diskBytes).toBe(one.diskBytes);
  });
});

describe('where an installation ends', () => {
  it('is at the narrowest of its limits, each with its reason', () => {
    const limits = limitsOf(COSTS, STATED);
    expect(limits.map(({ name, stepsPerSecond }) => [name, Math.round(stepsPerSecond)])).toEqual([
      ['the notifier that reads the events', 12_500],
      ['the queue of the events', 15_000],
      ["Postgres's log", 100_000],
      ["Postgres's processors", 266_667],
    ]);
    for (const { why } of limits) expect(why).not.toBe('');
  });

  it('is not met by what stays below, and divides what goes beyond', () => {
    expect(at(12_500)).toMatchObject({ exceeded: [], installations: 1, eventQueues: 1 });
    expect(at(100_000).exceeded.map(({ name }) => name)).toEqual([
      'the notifier that reads the events',
      'the queue of the events',
    ]);
    expect(at(100_000)).toMatchObject({ installations: 8, eventQueues: 7 });
  });

  it('leaves out what was not measured', () => {
    const costs = { ...COSTS, processorUs: { ...COSTS.processorUs, notifier: Number.NaN } };
    expect(limitsOf(costs, STATED)[0]?.name).toBe('the queue of the events');
  });

  it('is for one process the time a step takes', () => {
    expect(limitOfProcess(COSTS)).toBe(250);
  });
});
