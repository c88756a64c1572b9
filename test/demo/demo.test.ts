/** The built demo page in headless Chromium; the camera plays the shipped clip. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitMotionJpeg } from '../../train/data/motion-jpeg.ts';
import {
  CLIP,
  compare,
  type Demo,
  openDemo,
  pause,
  percentOf,
  resultArrives,
  results,
  snapshot,
  type Visit,
  visit,
} from './open-demo.ts';

describe('demo page', () => {
  let demo: Demo;
  let opened: Visit;
  beforeAll(async () => {
    demo = await openDemo('clip');
    opened = await visit(demo);
  });
  afterAll(() => demo?.close());

  it('plays the sample clip at once, within the budget', async () => {
    const { page } = opened;
    expect(await page.locator('#status').textContent()).toMatch(/^Sample clip, \d+ frames$/);
    expect(await page.locator('#backend').textContent()).toBe('wasm');
    const share = await percentOf(page, '#share');
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(20);
    expect(await percentOf(page, '#saved')).toBeGreaterThan(0);
    expect(await page.locator('#canvas').getAttribute('aria-label')).toMatch(
      /found; \d+ % of the blocks looked at/,
    );
  });

  it('looks at what the camera shows', async () => {
    const { page } = opened;
    await page.locator('#source-camera').click();
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.startsWith('Camera, '));
    await resultArrives(page);
    expect(await page.locator('#source-camera').getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('#source-clip').getAttribute('aria-pressed')).toBe('false');
    await page.waitForFunction(() => Number(document.querySelector('#fps')?.textContent) > 0);
    await pause(page);
    expect(await snapshot(page, 'camera')).toBeGreaterThan(50); // a picture, no plain colour
  });

  it('the attention map can be switched off: pixels of the picture itself come back', async () => {
    const { page } = opened;
    await snapshot(page, 'with');
    await page.keyboard.press('a');
    await snapshot(page, 'without');
    expect((await compare(page, 'with', 'without')).changed).toBeGreaterThan(0.5);
    await page.locator('#overlay').check();
    await snapshot(page, 'again');
    expect((await compare(page, 'with', 'again')).changed).toBe(0);
  });

  it('attended blocks are tinted, skipped ones dimmed', async () => {
    const { tinted, darker } = await compare(opened.page, 'without', 'with');
    expect(tinted).toBeGreaterThan(0.005);
    expect(darker).toBeGreaterThan(0.3);
  });

  it('the budget changes the share of blocks, while paused too', async () => {
    const { page } = opened;
    await page.locator('#budget').fill('3');
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector('#share')?.textContent ?? '', 10) <= 3,
    );
    const least = await percentOf(page, '#share');
    expect(await page.locator('#budget-text').textContent()).toBe('3 %');
    await page.locator('#budget').fill('100');
    await page.waitForFunction(
      (before) => Number.parseInt(document.querySelector('#share')?.textContent ?? '', 10) > before,
      least,
    );
    await page.locator('#budget').focus();
    await page.keyboard.press('Home');
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector('#share')?.textContent ?? '', 10) <= 1,
    );
    await page.locator('#budget').fill('20');
  });

  it('dense looks at every block and saves nothing', async () => {
    const { page } = opened;
    await page.getByRole('radio', { name: 'Dense' }).check();
    await page.waitForFunction(() => document.querySelector('#share')?.textContent === '100 %');
    expect(await percentOf(page, '#saved')).toBe(0);
    expect(await page.locator('#budget').isDisabled()).toBe(true);
  });

  it('dense and foveated stand side by side, on the same frame', async () => {
    const { page } = opened;
    await page.keyboard.press('d');
    await page.locator('#dense-figure').waitFor();
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector('#share')?.textContent ?? '', 10) <= 20,
    );
    expect(await page.locator('#caption').textContent()).toMatch(
      /^Foveated: \d+ % of the blocks, 0\.\d+ GMAC, /,
    );
    expect(await page.locator('#dense-caption').textContent()).toMatch(/^Dense: all blocks, \d\.\d+ GMAC, /);
    const [one, other] = await page.evaluate(() =>
      ['canvas', 'dense-canvas'].map((id) => document.getElementById(id)!.getBoundingClientRect().toJSON()),
    );
    expect(other).toMatchObject({ y: one.y, width: one.width, height: one.height });
    expect(other.x).toBeGreaterThanOrEqual(one.right);
    await page.keyboard.press('d');
    await page.locator('#dense-figure').waitFor({ state: 'hidden' });
    expect(await page.getByRole('radio', { name: 'Foveated' }).isChecked()).toBe(true);
  });

  it('steps one frame at a time', async () => {
    const { page } = opened;
    await page.locator('#source-clip').click();
    await resultArrives(page);
    await pause(page);
    const before = await results(page);
    await snapshot(page, 'before');
    await page.waitForTimeout(300);
    expect(await results(page)).toBe(before);
    await page.keyboard.press('.');
    await resultArrives(page, before);
    await snapshot(page, 'after');
    expect((await compare(page, 'before', 'after')).changed).toBeGreaterThan(0.1);
    expect(await page.locator('#pause').textContent()).toBe('Play');
  });

  it('tracks get older, and the time line tells of the frames', async () => {
    const { page } = opened;
    for (let i = 0; i < 6; i++) {
      const before = await results(page);
      await page.keyboard.press('.');
      await resultArrives(page, before);
    }
    expect(await page.locator('#oldest').textContent()).toMatch(/^([2-9]|\d\d+) frames$/);
    expect(await page.locator('#timeline-title').textContent()).toMatch(
      /^Time line of the last \d+ frames\. Blocks looked at: \d+ % to \d+ %, now \d+ %\. Time a frame: /,
    );
    expect(await page.locator('#timeline polyline').count()).toBe(2);
  });

  it('the trail of the eye can be switched off', async () => {
    const { page } = opened;
    await snapshot(page, 'trail');
    await page.keyboard.press('t');
    await snapshot(page, 'no trail');
    const { changed } = await compare(page, 'trail', 'no trail');
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(0.2);
    await page.locator('#trail').check();
  });

  it('in hindsight it shows the frame before, with the boxes that this one tells of it', async () => {
    const { page } = opened;
    await page.locator('#overlay').uncheck();
    await page.locator('#trail').uncheck();
    await snapshot(page, 'this');
    const before = await results(page);
    await page.keyboard.press('.');
    await resultArrives(page, before);
    await snapshot(page, 'next');
    await page.keyboard.press('h');
    await snapshot(page, 'late');
    const [same, other] = [await compare(page, 'this', 'late'), await compare(page, 'next', 'late')];
    expect(same.changed).toBeLessThan(0.2); // boxes and tags at most
    expect(other.changed).toBeGreaterThan(2 * same.changed);
    await page.locator('#hindsight').uncheck();
    for (const box of ['#overlay', '#trail']) await page.locator(box).check();
    await snapshot(page, 'now');
    expect((await compare(page, 'next', 'now')).changed).toBeGreaterThan(0); // the overlay is back
  });

  it('opens a picture of the user’s own', async () => {
    const { page } = opened;
    const [picture] = splitMotionJpeg(readFileSync(CLIP));
    // The test before left the clip paused; a still picture gives one result, perhaps before we look.
    const before = await results(page);
    await page
      .locator('#file')
      .setInputFiles({ name: 'street.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(picture) });
    await page.waitForFunction(() =>
      document.querySelector('#status')?.textContent?.startsWith('street.jpg, '),
    );
    await resultArrives(page, before);
    expect(await page.locator('#pause').isDisabled()).toBe(true);
  });

  it('plays a video that is dropped on it', async () => {
    const { page } = opened;
    await page.evaluate(dropRecordedVideo);
    await page.waitForFunction(
      () => document.querySelector('#status')?.textContent === 'dropped.webm, 320 × 240',
    );
    await resultArrives(page);
    expect(await page.locator('#message').isVisible()).toBe(false);
  });

  it('says what to do about a file that it cannot read, and keeps playing', async () => {
    const { page } = opened;
    await page
      .locator('#file')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.locator('#message').waitFor();
    expect(await page.locator('#message').textContent()).toMatch(/cannot read notes\.txt\. Choose a JPEG/);
    await resultArrives(page);
  });

  it('asked no other origin for anything, and left the console quiet', () => {
    const elsewhere = opened.requests.filter(
      (url) => !url.startsWith(demo.url) && !/^(blob|data):/.test(url),
    );
    expect(elsewhere).toEqual([]);
    expect(opened.errors).toEqual([]);
  });

  it('fits a phone of 360 px: nothing reaches over the edge, targets are large enough', async () => {
    const { page } = await visit(demo, { width: 360, height: 740 });
    const { overflow, small } = await page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - innerWidth,
      small: [...document.querySelectorAll('button, .segmented label, .switch, input[type=range]')]
        .filter((target) => target.getBoundingClientRect().height < 32)
        .map((target) => target.id || target.className),
    }));
    expect(overflow).toBe(0);
    expect(small).toEqual([]);
    await page.close();
  });
});

describe('demo page without a camera', () => {
  it.each([
    ['refused', /refused.*[Aa]llow it .* then press Camera again/],
    ['none', /No camera was found\. Connect one/],
  ] as const)('%s: a sentence says what to do, and the clip goes on', async (camera, sentence) => {
    const demo = await openDemo(camera);
    try {
      const { page } = await visit(demo);
      await page.locator('#source-camera').click();
      await page.locator('#message').waitFor();
      expect(await page.locator('#message').textContent()).toMatch(sentence);
      expect(await page.locator('#source-clip').getAttribute('aria-pressed')).toBe('true');
      await resultArrives(page);
    } finally {
      await demo.close();
    }
  });
});

/** Runs in the page: records a second of a moving square and drops it on the document. */
async function dropRecordedVideo(): Promise<void> {
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 240;
  const context = canvas.getContext('2d')!;
  const recorder = new MediaRecorder(canvas.captureStream(15), { mimeType: 'video/webm;codecs=vp8' });
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
  recorder.start();
  for (let i = 0; i < 15; i++) {
    context.fillStyle = '#446';
    context.fillRect(0, 0, 320, 240);
    context.fillStyle = '#fa3';
    context.fillRect(i * 15, 80, 60, 90);
    await new Promise((resolve) => setTimeout(resolve, 66));
  }
  recorder.stop();
  await stopped;
  const transfer = new DataTransfer();
  transfer.items.add(new File(parts, 'dropped.webm', { type: 'video/webm' }));
  document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}
