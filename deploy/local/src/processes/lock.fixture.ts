import { takeLock } from './lock.js';

/** Tries to take a lock, says how it went and stays: `lock.fixture.ts <file>`. */
const [, , file = ''] = process.argv;
const answer = await takeLock(file).then(
  () => 'taken',
  (error: unknown) => String(error),
);
console.log(answer);
setInterval(() => undefined, 1_000);
