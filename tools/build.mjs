// Builds what is missing or older than its sources: assembly/<name>/index.ts -> build/<name>.wasm with asc, then
// dist/ with rollup, then dist/demo with vite. `--wasm-only` stops after the first, `--force` builds all. Exits 1 when anything failed;
// one failing part does not keep the others from being built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ASC = join(ROOT, 'node_modules', 'assemblyscript', 'bin', 'asc.js');

/**
 * `--importMemory`: the caller makes the memory; a stub runtime has no other way to grow it before its first store.
 * Warning 201 is about 64-bit memories, which these modules do not have.
 */
const ASC_FLAGS = '--enable simd -O3 --runtime stub --noAssert --importMemory --disableWarning 201'.split(
  ' ',
);

/** Modules that are built once more with other flags: build/<name>.wasm from assembly/<of>. */
const VARIANTS = ['training', 'muon'].map((of) => ({
  name: `${of}-fma`,
  of,
  flags: ['--enable', 'relaxed-simd'],
}));

/** The weight codec comes with every page that loads a network: its module has to stay small. */
const MODULE_FLAGS = { codec: ['--shrinkLevel', '2'] };

/** What dist/ is made from; build/ holds the compiled wasm. */
const BUNDLE_SOURCES = [
  'src',
  'workers',
  'cli',
  'train',
  'bench',
  'build',
  'models',
  'tools/asset-plugin.mjs',
  'tools/build.mjs',
  'rollup.config.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** @returns {number} how many modules failed to compile. */
export function buildWasm({ force = false } = {}) {
  let failed = 0;
  const modules = foldersOf('assembly').map((name) => ({ name, of: name, flags: MODULE_FLAGS[name] ?? [] }));
  for (const { name, of, flags } of [...modules, ...VARIANTS]) {
    const entry = join(ROOT, 'assembly', of, 'index.ts');
    if (!existsSync(entry)) continue;
    const out = join(ROOT, 'build', `${name}.wasm`);
    const sources = [join('assembly', of), 'tools/build.mjs', ...sharedAssembly()];
    if (!isStale(out, sources, force)) continue;
    const started = Date.now();
    mkdirSync(dirname(out), { recursive: true });
    const { status } = spawnSync(process.execPath, [ASC, entry, '-o', out, ...ASC_FLAGS, ...flags], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) {
      failed++;
      rmSync(out, { force: true });
      console.error(`build/${name}.wasm did not compile.`);
      continue;
    }
    writeStamp(out, sources);
    console.log(`build/${name}.wasm  ${statSync(out).size} bytes, ${Date.now() - started} ms`);
  }
  return failed;
}

/** @returns {Promise<number>} how many bundles failed. */
export async function buildBundles({ force = false } = {}) {
  const out = join(ROOT, 'dist');
  if (!isStale(out, BUNDLE_SOURCES, force)) return 0;
  const started = Date.now();
  const { rollup } = await import('rollup');
  const { default: configs } = await import(pathToFileURL(join(ROOT, 'rollup.config.mjs')).href);
  const before = fingerprint(BUNDLE_SOURCES);
  removeOldBundles(out);
  let failed = 0;
  for (const config of configs) {
    try {
      const bundle = await rollup({ ...config, onwarn: warnUnlessKnown });
      for (const output of [config.output].flat()) await bundle.write(output);
      await bundle.close();
    } catch (error) {
      failed++;
      const at = error.loc?.file ? ` (${relative(ROOT, error.loc.file)}:${error.loc.line})` : '';
      console.error(`dist/ from ${Object.values(config.input).join(', ')} failed: ${error.message}${at}`);
    }
  }
  if (failed === 0) writeStamp(out, BUNDLE_SOURCES, before);
  console.log(`dist/  ${configs.length - failed} of ${configs.length} bundles, ${Date.now() - started} ms`);
  return failed;
}

/** Chunks carry a hash in their name: without this, old ones would pile up and be published. */
function removeOldBundles(dist) {
  rmSync(join(dist, 'chunks'), { recursive: true, force: true });
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    if (/\.(js|js\.map|d\.ts)$/.test(name)) rmSync(join(dist, name));
  }
}

/** The demo page from dist/index.js. @returns {Promise<number>} 1 when it failed. */
export async function buildDemo({ force = false } = {}) {
  const out = join(ROOT, 'dist', 'demo');
  const sources = [...BUNDLE_SOURCES, 'demo'];
  if (!isStale(out, sources, force)) return 0;
  if (!existsSync(join(ROOT, 'dist', 'index.js'))) return 1;
  const started = Date.now();
  const before = fingerprint(sources);
  const { build } = await import('vite');
  try {
    await build({ configFile: join(ROOT, 'demo', 'vite.config.mjs') });
  } catch (error) {
    console.error(`dist/demo failed: ${error.message}`);
    return 1;
  }
  writeStamp(out, sources, before);
  console.log(`dist/demo  ${Date.now() - started} ms`);
  return 0;
}

/** Warnings of libraries' own code are not ours to mend. */
function warnUnlessKnown(warning, warn) {
  const inLibrary = [warning.id, ...(warning.ids ?? [])].some((id) => id?.includes('node_modules'));
  if (inLibrary && ['THIS_IS_UNDEFINED', 'CIRCULAR_DEPENDENCY', 'EVAL'].includes(warning.code)) return;
  warn(warning);
}

function foldersOf(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return [];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Folders of assembly/ without an index.ts are shared by the modules: a change there rebuilds all. */
function sharedAssembly() {
  return foldersOf('assembly')
    .filter((name) => !existsSync(join(ROOT, 'assembly', name, 'index.ts')))
    .map((name) => join('assembly', name));
}

/** `build/<name of out>.stamp` holds the fingerprint of the sources that `out` was built from. */
function stampOf(out) {
  return join(ROOT, 'build', `${basename(out)}.stamp`);
}

function isStale(out, sources, force) {
  if (force || !existsSync(out) || !existsSync(stampOf(out))) return true;
  return readFileSync(stampOf(out), 'utf8') !== fingerprint(sources);
}

function writeStamp(out, sources, print = fingerprint(sources)) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(stampOf(out), print);
}

/** Hash of the paths and contents of all files under `sources`: true across clones and copies, unlike dates. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = join(ROOT, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(join(path, name));
    } else if (!path.endsWith('.stamp')) {
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
    }
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { force: process.argv.includes('--force') };
  let failed = buildWasm(options);
  if (!process.argv.includes('--wasm-only')) {
    failed += await buildBundles(options);
    failed += await buildDemo(options);
  }
  process.exitCode = failed > 0 ? 1 : 0;
}
