/** Serves the built page and opens it in headless Chromium, with what a test needs to know of it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
// @ts-expect-error: plain JavaScript of the tools, without types
import { CHROMIUM_FLAGS, findChromium } from '../../tools/chromium.mjs';
// @ts-expect-error: plain JavaScript of the tools, without types
import { serve } from '../../tools/serve.mjs';

export const ROOT = resolve(import.meta.dirname, '..', '..');
export const CLIP = join(ROOT, 'demo', 'clip', 'street.mjpeg');
const DEMO = join(ROOT, 'dist', 'demo');

/** The camera plays the sample clip and is granted; refused; or there is none. */
export type CameraKind = 'clip' | 'refused' | 'none';

const CAMERA_FLAGS: Record<CameraKind, string[]> = {
  clip: [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${CLIP}`,
  ],
  refused: ['--use-fake-ui-for-media-stream=deny', '--use-fake-device-for-media-stream'],
  none: ['--use-fake-ui-for-media-stream'],
};

export interface Demo {
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function openDemo(camera: CameraKind): Promise<Demo> {
  if (!existsSync(join(DEMO, 'index.html'))) throw new Error('dist/demo is not built; run: npm run build');
  const server: { url: string; close(): Promise<void> } = await serve(DEMO);
  const browser = await chromium.launch({
    executablePath: findChromium() ?? undefined,
    args: [...CHROMIUM_FLAGS, ...CAMERA_FLAGS[camera]],
  });
  return {
    url: server.url,
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

export interface Visit {
  readonly page: Page;
  /** Addresses asked for, of all origins. */
  readonly requests: string[];
  /** Errors that the console showed. */
  readonly errors: string[];
}

/** A fresh page on which the sample clip plays, on the wasm backend. */
export async function visit({ browser, url }: Demo, size = { width: 1280, height: 860 }): Promise<Visit> {
  const page = await browser.newPage({ viewport: size });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`${url}?backend=wasm`);
  await resultArrives(page);
  return { page, requests, errors };
}

/** How many results the page has shown. */
export async function results(page: Page): Promise<number> {
  return Number(await page.locator('#stage').getAttribute('data-results'));
}

/** Waits until the page has shown more than `before` results; without it, than it has now: for moving sources. */
export async function resultArrives(page: Page, before?: number): Promise<void> {
  await page.waitForFunction(
    (count) => Number(document.querySelector<HTMLElement>('#stage')?.dataset.results ?? 0) > count,
    before ?? (await results(page)),
    { timeout: 30_000 },
  );
}

/** Presses Pause and waits until the frame under way, if any, is shown. */
export async function pause(page: Page): Promise<void> {
  await page.locator('#pause').click();
  await page.waitForFunction(() => document.querySelector('#pause')?.textContent === 'Play');
  await page.waitForFunction(() => document.querySelector<HTMLElement>('#stage')?.dataset.idle === 'true');
}

/** The number in front of ' %'. */
export async function percentOf(page: Page, selector: string): Promise<number> {
  const text = (await page.locator(selector).textContent()) ?? '';
  return Number(text.replace('−', '-').replace(/\s*%$/, ''));
}

interface Snapshots {
  snapshots?: Record<string, Uint8ClampedArray>;
}

/** Keeps the canvas' pixels within the page, under a name. @returns how many different values its green has. */
export async function snapshot(page: Page, name: string): Promise<number> {
  return page.evaluate((key) => {
    const canvas = document.querySelector('canvas') as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const kept = globalThis as Snapshots;
    kept.snapshots = { ...kept.snapshots, [key]: data };
    return new Set(data.filter((_, i) => i % 4 === 1)).size;
  }, name);
}

/** Shares of the pixels that are different, tinted (redder or bluer, which dimming never makes), or darker in `b` than `a`. */
export async function compare(
  page: Page,
  a: string,
  b: string,
): Promise<{ changed: number; tinted: number; darker: number }> {
  return page.evaluate(
    ([nameA, nameB]) => {
      const { snapshots } = globalThis as Snapshots;
      const [before, after] = [snapshots![nameA], snapshots![nameB]];
      if (before.length !== after.length)
        throw new Error('the canvas changed its size between the snapshots');
      const counts = { changed: 0, tinted: 0, darker: 0 };
      for (let i = 0; i < before.length; i += 4) {
        const [red, green, blue] = [0, 1, 2].map((channel) => after[i + channel] - before[i + channel]);
        if (red !== 0 || green !== 0 || blue !== 0) counts.changed++;
        if (red > 20 || blue > 20) counts.tinted++;
        else if (red < 0 && blue < 0) counts.darker++;
      }
      const pixels = before.length / 4;
      return {
        changed: counts.changed / pixels,
        tinted: counts.tinted / pixels,
        darker: counts.darker / pixels,
      };
    },
    [a, b] as const,
  );
}
