/** The built benchmark page in headless Chromium: a short run, its report, cancelling, keys, sizes of screens. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, openDemo } from './open-demo.ts';

const QUERY = 'benchmark.html?backend=wasm&size=96x64&rounds=2';
const SHARES = [0, 0.05, 0.1, 0.25, 0.5, 1];

let demo: Demo;
let page: Page;
const errors: string[] = [];
const elsewhere: string[] = [];
/** Addresses of other runtimes that were asked for. */
const others: string[] = [];

async function open(query: string, viewport = { width: 1280, height: 900 }): Promise<Page> {
  const opened = await demo.browser.newPage({ viewport });
  opened.on('pageerror', (error) => errors.push(error.message));
  opened.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  opened.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(demo.url) && !/^(blob|data):/.test(url)) elsewhere.push(url);
    if (url.includes('other-runtimes')) others.push(url);
  });
  await opened.goto(demo.url + query);
  await opened.waitForFunction(
    () => document.querySelector('#status')?.textContent !== 'Looking at what this device offers',
  );
  return opened;
}

const statusIs = (on: Page, start: string) =>
  on.waitForFunction((text) => document.querySelector('#status')?.textContent?.startsWith(text), start, {
    timeout: 50_000,
  });

beforeAll(async () => {
  demo = await openDemo('none');
  page = await open(QUERY);
});
afterAll(() => demo?.close());

it('is linked from the demo, and links back', async () => {
  const link = await page.locator('a[href="./index.html"]').count();
  expect(link).toBe(1);
  const main = await (await fetch(demo.url)).text();
  expect(main).toContain('href="./benchmark.html"');
});

it('runs by keyboard alone, and gives a valid report', async () => {
  await statusIs(page, 'Ready.');
  expect(await page.locator('#report').isVisible()).toBe(false);
  await page.locator('#run').focus();
  await page.keyboard.press('Enter');
  await statusIs(page, 'Done: wasm, 96 × 64, 2 rounds.');
  const report = JSON.parse(await page.locator('#json').inputValue());
  expect(report).toMatchObject({
    report: 'saccadenet benchmark page',
    device: { backends: { webgpu: { available: true }, wasm: { available: true } }, softwareGpu: true },
    model: { name: 'people-vs-poles' },
    rounds: 2,
    benchmark: { backend: 'wasm', width: 96, height: 64, dense: { attended: 1 } },
  });
  expect(report.device.gpu).toMatch(/swiftshader/i);
  expect(report.benchmark.shares.map(({ share }: { share: number }) => share)).toEqual(SHARES);
  for (const { share, attended } of report.benchmark.shares)
    expect(attended).toBe(Math.floor(share * 24) / 24);
  for (const key of ['createMs', 'backendBytes']) expect(report[key]).toBeGreaterThan(0);
  expect(report.benchmark.firstFrameMs).toBeGreaterThan(0);
});

it('shows a row a share, the stages and the curve with the line of the MACs', async () => {
  const rows = SHARES.length + 2; // and foveated, and dense
  expect(await page.locator('#shares tbody tr').count()).toBe(rows);
  expect(await page.locator('#stages tbody tr').count()).toBe(rows);
  expect(await page.locator('#stages thead th').allTextContents()).toContain('Detail');
  expect(await page.locator('#chart circle.point').count()).toBeGreaterThanOrEqual(SHARES.length);
  expect(await page.locator('#chart path.macs').count()).toBeGreaterThan(0);
  expect(await page.locator('#chart').getAttribute('aria-label')).toMatch(
    /^Milliseconds a frame by blocks attended\. 0 %: /,
  );
});

it('copies the report, or selects it where the browser does not let it', async () => {
  await page.locator('#copy').click();
  await page.waitForFunction(() => document.querySelector('#copied')?.textContent !== '');
  expect(await page.locator('#copied').textContent()).toMatch(/^Copied\.$|it is selected/);
});

it('can be cancelled, and run again', async () => {
  const other = await open('benchmark.html?backend=wasm&size=480x360&rounds=100&run');
  await other.locator('#cancel:enabled').waitFor();
  await other.keyboard.press('Escape');
  await statusIs(other, 'Cancelled.');
  expect(await other.locator('#run').isEnabled()).toBe(true);
  expect(await other.locator('#report').isVisible()).toBe(false);
  await other.close();
});

it('fits a phone of 360 px with its report shown', async () => {
  const phone = await open(`${QUERY}&run`, { width: 360, height: 740 });
  await statusIs(phone, 'Done');
  const { overflow, small } = await phone.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    small: [...document.querySelectorAll('button, select, .segmented label')]
      .filter((target) => target.getBoundingClientRect().height < 32)
      .map((target) => target.id || target.className),
  }));
  expect(overflow).toBe(0);
  expect(small).toEqual([]);
  await phone.close();
});

it('loads nothing of other runtimes where they are not asked for', async () => {
  expect(await page.locator('#runtimes-card').isVisible()).toBe(false);
  expect(others).toEqual([]);
});

it('asked no other origin for anything, and left the console quiet', () => {
  expect(elsewhere).toEqual([]);
  expect(errors).toEqual([]);
});
