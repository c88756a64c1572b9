// One job of the soak in a headless Chromium of its own: serves the repository, opens page.html, and counts what the
// page cannot see: its workers, and the memory of Chromium's processes.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../chromium.mjs';
import { serve } from '../serve.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** How long a terminated worker may take to be gone. */
const WORKER_END_MS = 5000;
/** The memory of page and workers, exact and at once, is told to isolated pages, with these flags. */
export const MEMORY_FLAGS = ['--js-flags=--expose-gc', '--enable-blink-features=ForceEagerMeasureMemory'];
export const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * @param {object} job as page.mjs takes it
 * @param {(done: number, of: number) => void} progress
 */
export async function runInPage(job, progress) {
  const site = await serve(ROOT, { headers: ISOLATED });
  const server = await chromium.launchServer({
    executablePath: findChromium() ?? undefined,
    args: [...CHROMIUM_FLAGS, ...MEMORY_FLAGS],
  });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.exposeFunction('soakProgress', progress);
    await page.exposeFunction('soakOutside', () => ({
      workers: page.workers().length,
      ...residentBytes(server.process().pid),
    }));
    await page.goto(`${site.url}tools/soak/page.html`);
    await page.waitForFunction(() => 'runSoak' in globalThis);
    const answer = await page.evaluate((given) => globalThis.runSoak(given), job);
    const workers = await workersLeft(page);
    return { ...answer, left: answer.left + workers, errors };
  } finally {
    await server.close();
    await site.close();
  }
}

/** Workers that still run; the browser tells of a terminated one a little later. */
async function workersLeft(page) {
  for (let waitedMs = 0; page.workers().length > 0 && waitedMs < WORKER_END_MS; waitedMs += 50) {
    await setTimeout(50);
  }
  return page.workers().length;
}

/**
 * Resident bytes of the processes under `pid` that draw pages (`rss`) and that drive the GPU (`gpuRss`); nothing
 * where there is no /proc.
 */
function residentBytes(pid) {
  const processes = processesUnder(pid);
  if (processes.length === 0) return {};
  const sum = (type) =>
    processes.filter((one) => one.type === type).reduce((total, { bytes }) => total + bytes, 0);
  return { rss: sum('renderer'), gpuRss: sum('gpu-process') };
}

/** `pid` and what it started, with Chromium's name for what they do; none where there is no /proc. */
export function processesUnder(pid) {
  let processes;
  try {
    processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readProcess);
  } catch {
    return [];
  }
  const family = new Set([pid]);
  for (let grown = true; grown; ) {
    const before = family.size;
    for (const { pid: own, parent } of processes) if (family.has(parent)) family.add(own);
    grown = family.size > before;
  }
  return processes
    .filter(({ pid: own }) => family.has(own))
    .map((one) => ({ ...one, type: /--type=([\w-]+)/.exec(one.command)?.[1] }));
}

/** A process may end while it is looked at. */
function readProcess(name) {
  try {
    const status = readFileSync(`/proc/${name}/status`, 'utf8');
    const field = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
    return [{ pid: Number(name), parent: field('PPid'), bytes: field('VmRSS') * 1024, command }];
  } catch {
    return [];
  }
}
