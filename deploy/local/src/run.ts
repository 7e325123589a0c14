import { Launcher, type LauncherOptions } from './launcher.js';
import { print } from './terminal.js';

/** npm passes on the signal that the terminal sends to everyone: one Ctrl-C arrives twice within a moment. */
const ONE_KEY_MS = 500;
/** The promise is five seconds; whatever hangs is killed in the last of them. */
const STOP_WITHIN_MS = 4_800;

/**
 * Runs the platform until it is told to stop, and ends this process then: with 0 after a stop in order, 1 when the start
 * failed, 130 when a second Ctrl-C cut the stop short.
 */
export async function run(options: LauncherOptions): Promise<void> {
  const launcher = new Launcher(options);
  let stopSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopSince === undefined) {
      stopSince = performance.now();
      print('\nstopping; Ctrl-C once more stops at once');
      void end(launcher, 0);
    } else if (signal === 'SIGINT' && performance.now() - stopSince > ONE_KEY_MS) {
      launcher.kill();
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // The terminal may be gone while the platform stops.
  process.stdout.on('error', () => undefined);
  try {
    await launcher.start();
  } catch (error) {
    if (stopSince !== undefined) return;
    stopSince = performance.now();
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    await end(launcher, 1);
  }
}

async function end(launcher: Launcher, code: number): Promise<void> {
  setTimeout(() => {
    launcher.kill();
    process.exit(1);
  }, STOP_WITHIN_MS);
  try {
    await launcher.stop();
    if (code === 0) print('stopped');
  } finally {
    process.exit(code);
  }
}
