/**
 * The benchmark in headless Chromium: all of it, ours and peers, in one page. Needs the repository (the page is
 * bundled from its sources when it is asked for) with its development packages, and a Chromium.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchPlan } from '../plan.ts';
import type { BenchReport, Machine } from '../report.ts';
import type { BenchEvents } from '../run-bench.ts';
import type { PagePlan, PeerFolders } from './page.ts';
import { serveFiles } from './serve-files.ts';

/** For a machine with a GPU: Vulkan without a window; timestamps to the nanosecond, not to 0.1 ms. */
const GPU_FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-webgpu-developer-features',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
  '--no-first-run',
];
const PAGE = 'bench/hosts/page.ts';
const HTML = '<!doctype html><title>saccadenet bench</title><script type="module" src="/page.js"></script>';

/** @param softwareGpu false: the machine's own GPU. */
export async function benchInChromium(
  plan: BenchPlan,
  machine: Machine,
  softwareGpu: boolean,
  events: BenchEvents = {},
): Promise<BenchReport> {
  const root = repository();
  // @ts-expect-error: plain JavaScript of the tools, without types
  const tools = await import('../../tools/chromium.mjs');
  // @ts-expect-error: plain JavaScript of the tools, without types
  const { bundleBench, PEER_FOLDERS, versionOf } = await import('../../tools/bench-bundle.mjs');
  const { chromium } = await import('playwright-core');
  const executablePath = tools.findChromium();
  if (!executablePath) throw new Error('no Chromium was found; set CHROMIUM_PATH to one, or use --host node');
  const folders: PeerFolders = PEER_FOLDERS;
  const script: string = await bundleBench(join(root, PAGE), { backend: plan.backend, format: 'esm' });
  const server = await serveFiles({
    texts: { '/': HTML, '/page.js': script },
    folders: mapValues(folders, (folder) => join(root, folder)),
  });
  const args = softwareGpu ? tools.CHROMIUM_FLAGS : GPU_FLAGS;
  const browser = await chromium.launch({ executablePath, args }).catch((error: Error) => {
    server.close();
    throw new Error(`Chromium did not start: ${error.message.split('\n')[0]}`);
  });
  const stop = () => void browser.close();
  events.signal?.addEventListener('abort', stop, { once: true });
  try {
    const page = await browser.newPage();
    await page.exposeFunction('reportProgress', events.onProgress ?? (() => {}));
    await page.goto(server.url);
    await page.waitForFunction(() => 'startBench' in globalThis);
    const files = mapValues(folders, (_, name) => `${server.url}${name}/`);
    const text = JSON.stringify(pagePlan(plan, files, versionOf('@litertjs/core')));
    return await page.evaluate(
      ([json, about]) =>
        (globalThis as unknown as { startBench(...args: unknown[]): Promise<BenchReport> }).startBench(
          json,
          about,
        ),
      [text, { ...machine, browser: `Chromium ${browser.version()}` }] as const,
    );
  } catch (error) {
    events.signal?.throwIfAborted();
    throw new Error(
      `the benchmark's page failed: ${(error as Error).message.replace(/^page\.\w+: (Error: )?/, '').split('\n')[0]}`,
    );
  } finally {
    events.signal?.removeEventListener('abort', stop);
    await browser.close();
    server.close();
  }
}

function pagePlan(plan: BenchPlan, files: PeerFolders, liteRtVersion: string): PagePlan {
  const weights = [...plan.model.weights].map(([name, values]): [string, number[]] => [name, [...values]]);
  return { ...plan, model: { ...plan.model, weights }, files, liteRtVersion };
}

/** Where bench/ lies, from its sources as from dist/. */
function repository(): string {
  const roots = ['../..', '..', '.'].map((up) => fileURLToPath(new URL(up, new URL('.', import.meta.url))));
  const root = roots.find((one) => existsSync(join(one, PAGE)));
  if (root) return root;
  throw new Error('the benchmark in Chromium runs in the repository only; use --host node');
}

function mapValues<K extends string>(
  record: Readonly<Record<K, string>>,
  change: (value: string, key: K) => string,
): Record<K, string> {
  const entries = (Object.entries(record) as [K, string][]).map(([key, value]) => [key, change(value, key)]);
  return Object.fromEntries(entries) as Record<K, string>;
}
