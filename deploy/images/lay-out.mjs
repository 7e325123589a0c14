/**
 * Lays out what an image holds: node deploy/images/lay-out.mjs <folder>
 * Per program a folder with its built code, its production dependencies, and a list of them (`sbom.cdx.json`, CycloneDX).
 * Runs in the image's build stage, after `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = ['gateway', 'engine', 'auth', 'notifier', 'setup'];
/** Of our own packages only the built code is run. */
const NOT_RUN = ['src', 'test', 'tsconfig.json', 'README.md'];

const [, , out] = process.argv;
if (out === undefined) throw new Error('usage: node deploy/images/lay-out.mjs <folder>');
const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));

for (const program of PROGRAMS) {
  const folder = join(out, program);
  // The optional dependency that is left out is the embedded Postgres.
  const options = ['deploy', '--legacy', '--prod', '--no-optional', folder];
  execFileSync('npx', ['--yes', packageManager, '--filter', `@handover/${program}`, ...options], { stdio: 'inherit' });
  prune(folder);
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(program, folder), null, 1)}\n`);
}

/** @param {string} folder */
function prune(folder) {
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
      const { version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      return { name, version, license, path };
    });
}

/**
 * @param {string} program
 * @param {string} folder
 */
function billOfMaterials(program, folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const component = ({ name, version, license }) => {
    const [scope, bare] = name.startsWith('@') ? name.split('/', 2) : [undefined, name];
    const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${bare}@${version}`;
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(typeof license === 'string' && { licenses: [{ expression: license }] }),
    };
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': `handover-${program}`, name: `handover-${program}`, version },
    },
    components: packagesIn(folder).map(component),
  };
}
