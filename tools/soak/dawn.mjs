// WebGPU in Node for the soak: npm `webgpu` (Dawn) as navigator.gpu. See src/backends/webgpu/webgpu-backend.ts.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from '../chromium.mjs';

const DEBIAN_FOLDER = '/usr/lib/chromium';
const DRIVER = 'vk_swiftshader_icd.json';

/** Dawn's instance stays referenced: without it the process aborts. */
let instance;

/** Puts Dawn's GPU where pages have theirs. @throws {Error} where it finds no adapter */
export async function openDawn() {
  const { create, globals } = await import('webgpu');
  instance = create([]);
  const adapter = await instance.requestAdapter();
  if (!adapter) throw new Error('Dawn for Node finds no adapter.');
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: instance }, configurable: true });
}

/**
 * What the environment of a process must hold for Dawn to find the software adapter of an installed Chromium; nothing
 * where there is none, or where the machine's own loader is named already.
 */
export function softwareAdapterEnvironment() {
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return {};
  const chromium = findChromium();
  const folders = [...(chromium ? [dirname(realpathSync(chromium))] : []), DEBIAN_FOLDER];
  const folder = folders.find((candidate) => existsSync(join(candidate, DRIVER)));
  if (folder === undefined) return {};
  return {
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    VK_ICD_FILENAMES: join(folder, DRIVER),
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp',
  };
}
