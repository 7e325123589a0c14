import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { help } from './help.mjs';
import { install } from './install.mjs';
import { stage } from './stage.mjs';
import { root } from './workspace.mjs';

const commands = {
  start,
  test,
  check,
  build: prepare,
  conformance: (args) => run('tests/conformance/dist/main.js', args),
  load: (args) => run('tests/load/dist/load.js', args),
  'load:core': (args) => run('tests/load/dist/core.js', args),
};

/** @param {string[]} args the command and its arguments */
export async function main([command = '--help', ...rest]) {
  const wantsHelp =
    command === '--help' || (command === 'start' && rest.some((arg) => arg === '--help' || arg === '-h'));
  if (wantsHelp) {
    console.log(help);
    return;
  }
  if (!Object.hasOwn(commands, command)) {
    console.error(`unknown command "${command}"\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  endWithParent();
  try {
    await commands[command](rest);
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

async function prepare() {
  process.chdir(root);
  await stage('dependencies', install);
  await stage('build', build);
}

/** @param {string[]} args */
async function start(args) {
  if (args.length > 0) throw new Error(`npm start takes no arguments (${args.join(' ')}); see npm start -- --help`);
  await prepare();
  process.setSourceMapsEnabled(true);
  await import('../dist/main.js');
}

/** @param {string[]} args for vitest: file names, `--project unit`, ... */
async function test(args) {
  await prepare();
  await become('node_modules/vitest/vitest.mjs', [
    'run',
    '--config',
    '.config/vitest.config.ts',
    '--root',
    '.',
    ...args,
  ]);
}

/**
 * A built program of the repository, with what it needs built first.
 * @param {string} script below the root
 * @param {string[]} args
 */
async function run(script, args) {
  await prepare();
  await become(script, args);
}

/** Repeats what CI checks; goes on after a failure, so that one run names everything that is wrong. */
async function check() {
  await prepare();
  const failed = [];
  for (const [name, args] of [
    ['format and lint', ['run', '--silent', 'lint']],
    ['types', ['run', '--silent', 'types']],
    ['tests', ['test', '--silent']],
  ]) {
    console.log(`\n== ${name}`);
    if ((await npm(args)) !== 0) failed.push(name);
  }
  if (failed.length > 0) throw new Error(`check failed: ${failed.join(', ')}`);
  console.log('\ncheck passed: format and lint, types, tests');
}

/**
 * npm runs a script through a shell that dies of a signal without passing it on. Takes the end of that shell for the
 * signal, so that `kill` on npm stops everything too.
 */
function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}

/**
 * Goes on as another script in this very process: signals reach it directly and its exit code is ours.
 * @param {string} script below the root
 * @param {string[]} args
 */
async function become(script, args) {
  const file = join(root, script);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} exit code; a signal counts as failure
 */
function npm(args) {
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const child = spawn(command, [...first, ...args], { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward);
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}
