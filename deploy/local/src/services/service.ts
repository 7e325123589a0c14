import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Backoff, type BackoffTimes, RESTART } from '../processes/backoff.js';
import type { StartedProcesses } from '../processes/leftovers.js';
import type { Say } from '../terminal.js';
import type { ServiceOutput } from './service-output.js';

/** What a service sends over IPC when it is ready. */
const readySchema = z.object({
  kind: z.literal('ready'),
  addresses: z.object({ http: z.string().optional(), ops: z.string() }),
});
export type Addresses = z.infer<typeof readySchema>['addresses'];

export interface ServiceOptions {
  readonly name: string;
  readonly script: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly output: ServiceOutput;
  readonly started: StartedProcesses;
  readonly notice: Say;
  readonly restart?: BackoffTimes;
}

/**
 * A service's garbage is what requests leave behind. More room for it has most of it gone before it is looked at, and several
 * threads that look take time from the other services (a tenth of a step and more). The images start Node alike.
 */
const NODE_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=32', '--no-parallel-scavenge'];
const READY_WITHIN_MS = 30_000;
const LAST_WORDS_MS = 100;

/** One service as a child process: started, kept running, stopped. */
export class Service {
  readonly name: string;
  readonly #options: ServiceOptions;
  readonly #backoff: Backoff;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#backoff = new Backoff(options.restart ?? RESTART);
  }

  /**
   * Starts it for the first time; from then on it is started again whenever it dies.
   * @throws when it ends, or stays silent too long, before it is ready: then something is wrong that a restart won't mend
   */
  async start(): Promise<Addresses> {
    const began = performance.now();
    const child = this.#spawn();
    // Listened for at once: a message that nobody listens for is lost.
    const [addresses] = await Promise.all([this.#ready(child), this.#note(child)]);
    child.once('exit', (code, signal) => {
      this.#died(began, signal ?? code);
    });
    return addresses;
  }

  /** Asks it to stop and waits; kills it when it has not ended after `graceMs`. Idempotent. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child !== undefined && isRunning(child)) {
      const [exited, closed] = [once(child, 'exit'), once(child, 'close')];
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
      // Its last words arrive a moment later, unless something it started keeps its output open.
      await Promise.race([closed, delay(LAST_WORDS_MS)]);
    }
    this.#options.output.close();
  }

  /** At once and without asking. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#child?.kill('SIGKILL');
  }

  #spawn(): ChildProcess {
    const { name, script, environment, output } = this.#options;
    if (this.#stopping) throw new Error(`${name} is stopping`);
    const child = spawn(process.execPath, [...NODE_OPTIONS, script], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Out of the terminal's process group: Ctrl-C is for the launcher, which stops the services in order.
      detached: true,
    });
    this.#child = child;
    // Whether it could be started or not shows in its exit.
    child.once('error', () => undefined);
    if (child.stdout && child.stderr) output.follow(child.stdout, child.stderr);
    return child;
  }

  async #note({ pid }: ChildProcess): Promise<void> {
    if (pid !== undefined) await this.#options.started.note(this.name, pid);
  }

  #ready(child: ChildProcess): Promise<Addresses> {
    const { name, output } = this.#options;
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        clearTimeout(timer);
        reject(new Error(`${name} ${what} before it was ready; see ${output.logFile}`));
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`was silent for ${READY_WITHIN_MS / 1000} s`);
      }, READY_WITHIN_MS);
      child.on('message', (message) => {
        const parsed = readySchema.safeParse(message);
        if (!parsed.success) return;
        clearTimeout(timer);
        resolve(parsed.data.addresses);
      });
      child.once('error', (error) => {
        fail(`could not be started (${error.message})`);
      });
      child.once('exit', (code, signal) => {
        fail(ended(signal ?? code));
      });
    });
  }

  #died(began: number, how: NodeJS.Signals | number | null): void {
    if (this.#stopping) return;
    const { name, notice, output } = this.#options;
    const waitMs = this.#backoff.after(performance.now() - began);
    notice(`${name} ${ended(how)}; it is started again in ${waitMs / 1000} s (log: ${output.logFile})`);
    this.#restart = setTimeout(() => void this.#startAgain(), waitMs);
  }

  async #startAgain(): Promise<void> {
    const began = performance.now();
    try {
      await this.start();
      this.#options.notice(`${this.name} is back`);
    } catch {
      this.#died(began, this.#child?.signalCode ?? this.#child?.exitCode ?? null);
    }
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function ended(how: NodeJS.Signals | number | null): string {
  return typeof how === 'string' ? `was killed (${how})` : `ended (code ${how ?? 'unknown'})`;
}
