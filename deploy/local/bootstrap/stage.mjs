import { performance } from 'node:perf_hooks';
import process from 'node:process';

/**
 * Runs one stage of a start and shows it: on a terminal while it runs, everywhere when it is done, with its duration.
 * @template Result
 * @param {string} name
 * @param {(say: (text: string) => void) => Promise<Result>} work `say` tells what is going on or, last, what was done
 * @returns {Promise<Result>}
 */
export async function stage(name, work) {
  const started = performance.now();
  const label = `  ${name.padEnd(14)}`;
  const { isTTY } = process.stdout;
  let saying = '';
  const say = (text) => {
    saying = text;
    if (isTTY) process.stdout.write(`\r\x1b[2K${label}${text} …`);
  };
  say('');
  try {
    const result = await work(say);
    const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    process.stdout.write(`${isTTY ? '\r\x1b[2K' : ''}${label}${saying.padEnd(50)} ${seconds}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${isTTY ? '\r\x1b[2K' : ''}${label}failed\n`);
    throw error;
  }
}
