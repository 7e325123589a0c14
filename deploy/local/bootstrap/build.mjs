import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow, fingerprint, isStamped, packageFolders, root, stampFile } from './workspace.mjs';

const NOT_SHIPPED = /\.(spec|fixture|bench)\.ts$|\.d\.ts$/;

/**
 * Turns every package's `src` into `dist`, file by file: types are checked by `npm run types`, and nothing is bundled, so
 * that a stack trace shows the file it names. What has no source any more is removed.
 */
export async function build(say) {
  const folders = packageFolders();
  const sources = folders
    .flatMap((folder) => filesBelow(join(folder, 'src')))
    .filter((file) => !NOT_SHIPPED.test(file));
  const modules = sources.filter((file) => file.endsWith('.ts'));
  const others = sources.filter((file) => !file.endsWith('.ts'));
  const outputs = new Set([
    ...modules.flatMap((file) => [outputOf(file), `${outputOf(file)}.map`]),
    ...others.map(outputOf),
  ]);
  const print = fingerprint([...sources, 'deploy/local/bootstrap/build.mjs', 'pnpm-lock.yaml']);
  if (isStamped('build', print) && [...outputs].every((file) => existsSync(join(root, file)))) return say('unchanged');

  say(`${modules.length} modules`);
  rmSync(stampFile('build'), { force: true });
  const stale = folders.flatMap((folder) => filesBelow(join(folder, 'dist'))).filter((file) => !outputs.has(file));
  for (const file of stale) rmSync(join(root, file));
  await transpile(modules);
  for (const file of others) {
    mkdirSync(dirname(join(root, outputOf(file))), { recursive: true });
    copyFileSync(join(root, file), join(root, outputOf(file)));
  }
  writeFileSync(stampFile('build'), print);
}

/** `packages/x/src/a/b.ts` becomes `packages/x/dist/a/b.js`. */
function outputOf(file) {
  return file.replace(/([\\/])src([\\/])/, '$1dist$2').replace(/\.ts$/, '.js');
}

async function transpile(modules) {
  // Installed by the stage before this one, so it cannot be imported when this file is loaded.
  const { build: esbuild, stop } = await import('esbuild');
  await esbuild({
    absWorkingDir: root,
    entryPoints: modules.map((file) => ({ in: file, out: outputOf(file).replace(/\.js$/, '') })),
    outdir: root,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'silent',
  });
  // The platform goes on in this process; the compiler's need not.
  await stop();
}
