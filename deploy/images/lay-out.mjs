/**
 * Lays out what images hold: node deploy/images/lay-out.mjs <folder> [program…]
 * Per program, all unless some are named, a folder with its built code, its production dependencies, and a list of them (`sbom.cdx.json`, CycloneDX).
 * Runs in the image's build stage, after `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = ['gateway', 'engine', 'auth', 'notifier', 'setup'];
/** Of our own packages only the built code is run. */
const NOT_RUN = ['src', 'test', 'tsconfig.json', 'README.md'];

/** OWASP's own for npm projects; like pnpm it is fetched, in the build stage only. */
const LISTS_CONTENTS = '@cyclonedx/cyclonedx-npm@6.0.1';
const LIST = 'sbom.cdx.json';

const [, , out, ...named] = process.argv;
if (out === undefined) throw new Error('usage: node deploy/images/lay-out.mjs <folder> [program…]');
const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));

for (const program of named.length > 0 ? named : PROGRAMS) {
  const folder = join(out, program);
  // The optional dependency that is left out is the embedded Postgres. Versions are those of the lock file; what is known of packages is not asked
  // for again for each program.
  const options = ['deploy', '--legacy', '--prod', '--no-optional', '--prefer-offline', folder];
  execFileSync('npx', ['--yes', packageManager, '--filter', `@handover/${program}`, ...options], { stdio: 'inherit' });
  prune(folder, program);
  listContents(folder);
}

/**
 * @param {string} folder
 * @param {string} program
 */
function prune(folder, program) {
  // pnpm links the program to where it was built, which the image does not have.
  rmSync(join(folder, 'node_modules/.pnpm/node_modules/@handover', program), { force: true });
  const own = [
    folder,
    ...packagesIn(folder)
      .filter(({ name }) => name.startsWith('@handover/'))
      .map(({ path }) => path),
  ];
  for (const path of own) for (const part of NOT_RUN) rmSync(join(path, part), { recursive: true, force: true });
  for (const { name, path } of packagesIn(folder)) {
    if (name !== 'zeromq') continue;
    // It brings its library for every system; the image has one.
    for (const system of ['darwin', 'win32']) rmSync(join(path, 'build', system), { recursive: true, force: true });
  }
}

/**
 * Every package below a folder that pnpm laid out.
 * @param {string} folder
 */
function packagesIn(folder) {
  const store = join(folder, 'node_modules', '.pnpm');
  return readdirSync(store)
    .filter((entry) => entry.includes('@') && existsSync(join(store, entry, 'node_modules')))
    .map((entry) => {
      // `@scope+name@1.2.3_peers`: what is real in there is the package of that name, all else are links to others.
      const name = entry.slice(0, entry.indexOf('@', 1)).replace('+', '/');
      const path = join(store, entry, 'node_modules', name);
      const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      return { name, version, path };
    });
}

/**
 * Writes the list of what a folder holds. The tool sees a project of npm's, in which much is amiss: what pnpm leaves out is not missing.
 * @param {string} folder
 * @throws {Error} unless the list has every package
 */
function listContents(folder) {
  const options = ['--ignore-npm-errors', '--omit', 'dev', '--omit', 'optional', '--output-reproducible'];
  // What it would build checks XML, which is not asked for.
  const env = { ...process.env, npm_config_ignore_scripts: 'true' };
  const run = { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 64 * 1024 * 1024 };
  execFileSync('npx', ['--yes', LISTS_CONTENTS, ...options, '--spec-version', '1.6', '--output-file', LIST], run);
  const listed = new Set(purlsIn(JSON.parse(readFileSync(join(folder, LIST), 'utf8')).components));
  const left = packagesIn(folder).filter(
    ({ name, version }) => !listed.has(`pkg:npm/${name.replace('@', '%40')}@${version}`),
  );
  if (left.length > 0) throw new Error(`${LIST} of ${folder} has no ${left.map(({ name }) => name).join(', ')}`);
}

/** Components hold those that only they use; where a package comes from follows its version. */
function purlsIn(components = []) {
  return components.flatMap(({ purl, components: inner }) => [purl.replace(/\?.*/, ''), ...purlsIn(inner)]);
}
