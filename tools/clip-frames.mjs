// Takes a video that Chromium plays apart into the data form, one JPEG a frame:
//   node tools/clip-frames.mjs <clip.mp4> <frames a second> <folder> [width]
// Nothing is labelled in what it writes; docs/experiments/saccades.md says where marks made by hand come from.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './chromium.mjs';

const [, , file, rateText, folder, widthText = '640'] = process.argv;
const rate = Number(rateText);
if (!folder || !(rate > 0)) {
  console.error('usage: node tools/clip-frames.mjs <clip.mp4> <frames a second> <folder> [width]');
  process.exit(2);
}
const name = basename(file).replace(/\.\w+$/, '');
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_FLAGS });
const images = [];
try {
  const page = await browser.newPage();
  const size = await page.evaluate(
    async ([base64, wide]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
      await new Promise((done, fail) => {
        video.onloadeddata = done;
        video.onerror = () => fail(new Error(`this Chromium does not play it: ${video.error?.message}`));
      });
      const canvas = document.createElement('canvas');
      canvas.width = wide;
      canvas.height = Math.round((wide * video.videoHeight) / video.videoWidth);
      const context = canvas.getContext('2d');
      globalThis.frameAt = async (seconds) => {
        const sought = new Promise((done) => {
          video.onseeked = done;
        });
        video.currentTime = seconds;
        await sought;
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
      };
      return { width: canvas.width, height: canvas.height, seconds: video.duration };
    },
    [readFileSync(file).toString('base64'), Number(widthText)],
  );
  mkdirSync(join(folder, 'images'), { recursive: true });
  const count = Math.floor(size.seconds * rate + 1e-6);
  for (let frame = 0; frame < count; frame++) {
    const image = `images/${name}_${String(frame).padStart(6, '0')}.jpg`;
    // The middle of the frame's time, so that rounding takes no neighbour.
    const jpeg = await page.evaluate((at) => globalThis.frameAt(at), (frame + 0.5) / rate);
    writeFileSync(join(folder, image), Buffer.from(jpeg, 'base64'));
    const { width, height } = size;
    images.push({ id: frame + 1, file_name: image, width, height, sequence: name, frame });
  }
} finally {
  await browser.close();
}
const info = { source: basename(file), labelled: [], frames_per_second: rate };
writeFileSync(join(folder, 'annotations.json'), JSON.stringify({ info, images, annotations: [] }));
console.log(`${images.length} frames in ${folder}`);
