/** One run on one backend: the net is created anew, so that its first frame is a first frame, and freed at the end. */
import { createSaccadeNet } from 'saccadenet';
import { openSampleClip } from '../sources/sample-clip.ts';
import type { Device } from './device.ts';
import type { NetReport, RunSettings } from './report.ts';

/** Shares of the blocks that the curve is taken at. */
const SHARES = [0, 0.05, 0.1, 0.25, 0.5, 1];

export async function measure(
  device: Device,
  { backend, width, height, rounds }: RunSettings,
  onProgress: (share: number, doing: string) => void,
  signal: AbortSignal,
): Promise<NetReport> {
  onProgress(0, 'Loading the model');
  const image = await pictureOf(width, height, signal);
  const startMs = performance.now();
  const net = await createSaccadeNet({ backends: [backend], maxWorkingPixels: width * height, signal });
  const createMs = performance.now() - startMs;
  try {
    const benchmark = await net.benchmark({
      frames: rounds,
      shares: SHARES,
      image,
      signal,
      onProgress: (done, total) => onProgress(done / total, `Frame ${done} of ${total}`),
    });
    const { name, parameters, fileBytes } = net.model;
    const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
    return {
      report: 'saccadenet benchmark page',
      date: new Date().toISOString(),
      device,
      model: { name, parameters, fileBytes },
      rounds,
      createMs,
      benchmark,
      backendBytes: net.memory().backendBytes,
      ...(memory ? { pageHeapBytes: memory.usedJSHeapSize } : {}),
    };
  } finally {
    await net.dispose();
  }
}

/** The first picture of the sample clip, at this size. */
async function pictureOf(width: number, height: number, signal: AbortSignal): Promise<ImageData> {
  const clip = await openSampleClip();
  const picture = await clip.step(signal);
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } finally {
    picture.close();
    clip.close();
  }
}
