/** One run on one backend: the net is created anew, so that its first frame is a first frame, and freed at the end. */
import { type Benchmark, createSaccadeNet } from 'saccadenet';
import { openSampleClip } from '../sources/sample-clip.ts';
import type { Device } from './device.ts';

/** Shares of the blocks that the curve is taken at. */
const SHARES = [0, 0.05, 0.1, 0.25, 0.5, 1];

export interface RunSettings {
  readonly backend: 'webgpu' | 'wasm';
  readonly width: number;
  readonly height: number;
  readonly rounds: number;
}

/** What the page's report holds, as JSON. Times in ms, sizes in bytes. */
export interface PageReport {
  readonly report: 'saccadenet benchmark page';
  readonly date: string;
  readonly device: Device;
  readonly model: { readonly name: string; readonly parameters: number; readonly fileBytes: number };
  readonly rounds: number;
  /** From nothing to a net that takes frames: the worker, the model and the backend's kernels. */
  readonly createMs: number;
  readonly benchmark: Benchmark;
  /** Weights and maps on the backend; the page's own heap where the browser tells. */
  readonly backendBytes: number;
  readonly pageHeapBytes?: number;
}

export async function measure(
  device: Device,
  { backend, width, height, rounds }: RunSettings,
  onProgress: (share: number, doing: string) => void,
  signal: AbortSignal,
): Promise<PageReport> {
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
