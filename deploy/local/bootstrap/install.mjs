import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fingerprint, isStamped, packageFolders, root, stampFile } from './workspace.mjs';

/** Installs exactly what the lock file says, when it or a manifest changed since the last time. */
export async function install(say) {
  const manifests = ['package.json', ...packageFolders().map((folder) => join(folder, 'package.json'))];
  // Native parts fit one platform and one Node only.
  const machine = [process.platform, process.arch, process.versions.modules];
  const print = fingerprint(['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests], machine);
  if (isStamped('install', print)) return say('unchanged');
  say('installing; the first time takes a while');
  await run([...pnpm(), 'install', '--frozen-lockfile', '--config.confirm-modules-purge=false']);
  writeFileSync(stampFile('install'), print);
  say('installed');
}

/** @returns {string[]} command line of the pnpm that package.json pins: the one on the path, or else brought by npx */
function pnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Asked outside of the clone, where pnpm would obey `packageManager` and answer with that version in any case.
  const present = spawnSync('pnpm', ['--version'], { cwd: tmpdir(), encoding: 'utf8', timeout: 3_000 });
  return `pnpm@${present.stdout?.trim()}` === packageManager ? ['pnpm'] : ['npx', '-y', packageManager];
}

/** Shows the output only when the command fails. */
function run([command, ...args]) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  const collect = (chunk) => (output += chunk);
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${[command, ...args].join(' ')} failed (${code ?? signal})\n${output.trimEnd()}`));
    });
  });
}
