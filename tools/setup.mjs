// What `npm start` and `npm test` need before anything else: the Node version, node_modules, the build, Chromium.
// Needs only Node built-ins, since it runs before `npm ci`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const LEAST_NODE = 20;
/** VideoFrames reach the GPU through these on a machine without one (tools/chromium.mjs says why). */
const DEBIAN_PACKAGES = ['chromium', 'libegl1', 'libgl1-mesa-dri'];

/** A failure that is told in one sentence, without a stack. */
export class SetupError extends Error {}

/** Runs a command in the repository with its output shown. @returns {boolean} whether it succeeded. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  return !error && status === 0;
}

/** @throws {SetupError} on a Node that is too old. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < LEAST_NODE) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: install Node ${LEAST_NODE} or newer (https://nodejs.org).`,
    );
  }
}

/** `npm ci` where node_modules is absent or older than the lock file. @throws {SetupError} */
export function installPackages() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && isComplete(installed)) return;
  console.log('Installing packages (npm ci) ...');
  if (!run('npm', ['ci', '--no-audit', '--no-fund'])) {
    throw new SetupError(
      'npm ci failed: see its message above; it needs the network once. Then run this again.',
    );
  }
}

/** Every package that the lock file wants here is there, in that version (optional ones of other systems aside). */
function isComplete(installed) {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
  );
}

/** Builds build/ and dist/ where they are older than their sources. @returns {boolean} whether all parts built. */
export function buildMissing() {
  return run(process.execPath, [join(ROOT, 'tools', 'build.mjs')]);
}

/**
 * Chromium's path; installs it where there is none.
 * @returns {string}
 * @throws {SetupError} with what to do by hand.
 */
export function requireChromium() {
  const debianRoot = isDebian() && process.getuid?.() === 0;
  let path = findChromium();
  if (path && (!debianRoot || process.env.CHROMIUM_PATH || librariesAreThere())) return path;
  if (debianRoot) {
    console.log(`Installing ${DEBIAN_PACKAGES.join(', ')} (apt-get) ...`);
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    if (run('apt-get', ['update', '-q'], quiet))
      run('apt-get', ['install', '-y', '-q', ...DEBIAN_PACKAGES], quiet);
  } else {
    console.log("Installing Playwright's Chromium ...");
    const withLibraries = process.platform === 'linux' && process.getuid?.() === 0 ? ['--with-deps'] : [];
    run('npx', ['playwright', 'install', ...withLibraries, 'chromium']);
  }
  path = findChromium();
  if (path) return path;
  throw new SetupError(
    'No Chromium was found and none could be installed: install Chromium (Debian: apt-get install ' +
      `${DEBIAN_PACKAGES.join(' ')}; elsewhere: npx playwright install --with-deps chromium), ` +
      'or set CHROMIUM_PATH to one, and run this again.',
  );
}

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function librariesAreThere() {
  const { status } = spawnSync('dpkg', ['-s', ...DEBIAN_PACKAGES.slice(1)], { stdio: 'ignore' });
  return status === 0;
}

/** Whether `path`, relative to the repository, is a file with something in it. */
export function isThere(path) {
  const full = join(ROOT, path);
  return existsSync(full) && statSync(full).size > 0;
}

/** Ends the process with the sentence of a SetupError; other errors keep their stack. */
export function explain(error) {
  console.error(error instanceof SetupError ? `\n${error.message}` : error);
  process.exitCode = 1;
}
