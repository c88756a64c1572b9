/** The built benchmark page with the box for other runtimes ticked, in headless Chromium: one short run, and a cancelled one. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PeersReport } from '../../demo/benchmark/report.ts';
import { type Demo, openDemo } from './open-demo.ts';

/** Two runtimes of 10 MB and more are compiled, on machines that may be shared. */
const RUN_TIMEOUT_MS = 240_000;
const SHARES = ['0%', '5%', '10%', '25%', '50%', '100%'];
const OURS = [...SHARES, 'static', 'dense'].map((row) => `wasm ${row}`);
const PEERS = ['onnxruntime-web', '@tensorflow/tfjs-backend-wasm', '@litertjs/core'];
const PEER_LANES = ['onnxruntime-web wasm', '@tensorflow/tfjs-backend-wasm', '@litertjs/core wasm'];

let demo: Demo;
let page: Page;
let report: PeersReport;
const errors: string[] = [];
const elsewhere: string[] = [];
/** Bytes by address, of what lies under other-runtimes. */
const loaded = new Map<string, number>();

async function open(query: string): Promise<Page> {
  const opened = await demo.browser.newPage({ viewport: { width: 360, height: 740 } });
  opened.on('pageerror', (error) => errors.push(error.message));
  opened.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  opened.on('response', (response) => {
    const url = response.url();
    if (!url.startsWith(demo.url) && !/^(blob|data):/.test(url)) elsewhere.push(url);
    if (url.includes('/other-runtimes/')) loaded.set(url, Number(response.headers()['content-length']));
  });
  await opened.goto(`${demo.url}benchmark.html?${query}`);
  return opened;
}

const statusIs = (on: Page, start: string, timeout = RUN_TIMEOUT_MS) =>
  on.waitForFunction((text) => document.querySelector('#status')?.textContent?.startsWith(text), start, {
    timeout,
  });

const rowsOf = (id: string) =>
  page
    .locator(`#${id} tbody tr`)
    .evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent ?? '')));

beforeAll(async () => {
  demo = await openDemo('none');
  page = await open('backend=wasm&size=96x64&rounds=1');
  await statusIs(page, 'Ready.');
  await page.locator('#peers').check();
  await page.locator('#run').click();
  await statusIs(page, 'Done: wasm, 96 × 64, 1 round.');
  report = JSON.parse(await page.locator('#json').inputValue());
}, RUN_TIMEOUT_MS);
afterAll(() => demo?.close());

it('reports ours, the others on the same dense network, and ratios, as JSON', () => {
  const { bench } = report;
  expect(report).toMatchObject({ report: 'saccadenet benchmark page', rounds: 1 });
  expect(bench).toMatchObject({ host: 'page', backend: 'wasm', frame: { width: 96, height: 64 }, rounds: 1 });
  expect(bench.ours.map(({ name }) => name)).toEqual(OURS);
  expect(bench.peers.map(({ name }) => name)).toEqual(PEERS);
  for (const peer of bench.peers) {
    expect(peer.reason).toBeUndefined();
    expect(peer.version).toMatch(/^\d+\.\d+/);
    expect(peer.threads).toBe(1);
    expect(peer.msMedian).toBeGreaterThan(0);
    expect(peer.maxAbsDifference!.cells).toBeLessThan(1e-2);
  }
  const against = ['wasm dense', ...PEER_LANES];
  const pairs = against.flatMap((other) =>
    OURS.filter((one) => one !== other).map((one) => `${one}/${other}`),
  );
  expect(Object.keys(bench.ratios).sort()).toEqual(pairs.sort());
  for (const { median, p5, p95 } of Object.values(bench.ratios)) {
    expect(median).toBeGreaterThan(0);
    expect(p5).toBeLessThanOrEqual(median);
    expect(p95).toBeGreaterThanOrEqual(median);
  }
});

it('shows them in tables and in the chart, on a phone too', async () => {
  const runtimes = await rowsOf('runtimes');
  expect(runtimes.map(([name]) => name.split(' ')[0])).toEqual(['SaccadeNet,', 'SaccadeNet,', ...PEERS]);
  const faster = await rowsOf('faster');
  expect(faster.length).toBe(OURS.length);
  for (const [, , ...times] of faster) {
    expect(times.length).toBe(PEERS.length);
    for (const text of times) expect(text).toMatch(/^[\d.]+ \([\d.]+ to [\d.]+\)$/);
  }
  // Times faster, not the share of the time: the first peer's time over our dense path's.
  const { ours, peers } = report.bench;
  const times = Number.parseFloat(faster[OURS.indexOf('wasm dense')][2]);
  expect(times / (peers[0].msMedian! / ours[OURS.indexOf('wasm dense')].msMedian)).toBeCloseTo(1, 1);
  expect(await page.locator('#chart').getAttribute('aria-label')).toContain('onnxruntime-web');
  expect(await page.locator('#chart .peer-label').count()).toBe(PEERS.length);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
});

it('loads as many MB as it says, from its own origin, and leaves the console quiet', async () => {
  const bytes = [...loaded.values()].reduce((sum, one) => sum + one, 0);
  expect(await page.locator('#peers-help').textContent()).toBe(
    `Loads about ${Math.round(bytes / 1e6)} MB more, from this site.`,
  );
  expect([...loaded.keys()].filter((url) => url.endsWith('.wasm')).length).toBe(PEERS.length);
  expect(elsewhere).toEqual([]);
  expect(errors).toEqual([]);
});

it(
  'can be cancelled at once, and leaves no worker behind',
  async () => {
    const other = await open('backend=wasm&size=480x360&rounds=100&peers&run');
    await statusIs(other, 'Starting ours');
    expect(other.workers().length).toBe(1);
    await other.keyboard.press('Escape');
    await statusIs(other, 'Cancelled.');
    await expect.poll(() => other.workers().length, { timeout: 60_000 }).toBe(0);
    expect(await other.locator('#report').isVisible()).toBe(false);
    expect(await other.locator('#run').isEnabled()).toBe(true);
    await other.close();
  },
  RUN_TIMEOUT_MS,
);
