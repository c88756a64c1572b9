// Where Chromium is and with which flags it runs WebGPU without a GPU: shared by vitest.config.ts, tools/test.mjs
// and the tests that drive a page. Needs only Node built-ins until Playwright's own download is asked for.
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const PATH_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const FIXED_PATHS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Flags for headless Chromium. `--enable-unsafe-webgpu`: no adapter without it. `--use-angle=gl-egl` and
 * `--ignore-gpu-blocklist`: without them every VideoFrame-to-GPU path fails on a machine without a GPU.
 */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=gl-egl',
  '--ignore-gpu-blocklist',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The camera is Chromium's test picture and is granted without asking. */
export const FAKE_CAMERA_FLAGS = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

/**
 * The executable, in this order: CHROMIUM_PATH, names on PATH, usual places, Playwright's own download.
 * @returns {string | null} null where there is none.
 * @throws {Error} when CHROMIUM_PATH names something that cannot be run.
 */
export function findChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (isExecutable(wanted)) return wanted;
    throw new Error(
      `CHROMIUM_PATH is '${wanted}', which cannot be run; unset it or give Chromium's own path.`,
    );
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    ...PATH_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...FIXED_PATHS,
  ];
  return candidates.find(isExecutable) ?? playwrightChromium();
}

/** Playwright's download, or null where it (or Playwright itself) is not there. */
function playwrightChromium() {
  try {
    const { chromium } = createRequire(import.meta.url)('playwright-core');
    const path = chromium.executablePath();
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
