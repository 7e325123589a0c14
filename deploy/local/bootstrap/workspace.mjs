import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Folders of the workspace's packages, relative to the root, as pnpm-workspace.yaml lists them. */
export function packageFolders() {
  const [, list = ''] =
    /^packages:\n((?: +- .*\n)+)/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) ?? [];
  const patterns = list.match(/(?<=- ['"]?)[\w./*-]+/g) ?? [];
  return patterns
    .flatMap((pattern) => (pattern.endsWith('/*') ? childrenOf(pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

function childrenOf(folder) {
  return readdirSync(join(root, folder)).map((name) => join(folder, name));
}

/** All files below a folder, relative to the root; none when it does not exist. */
export function filesBelow(folder) {
  const directory = join(root, folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => relative(root, file))
    .sort();
}

/**
 * Changes when a file changes, appears or goes.
 * @param {string[]} files relative to the root
 * @param {string[]} more what else the result depends on
 */
export function fingerprint(files, more = []) {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const file of files) {
    hash.update(`\n${file}\n`);
    if (existsSync(join(root, file)))
      hash.update(
        createHash('sha256')
          .update(readFileSync(join(root, file)))
          .digest(),
      );
  }
  return hash.digest('hex');
}

/** @param {string} name of a stamp in node_modules, where it lives and goes with what it vouches for */
const stampFile = (name) => join(root, 'node_modules', `.handover-${name}`);

/** @returns {boolean} whether this is the fingerprint that was stamped */
export function isStamped(name, print) {
  return existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === print;
}

export { stampFile };
