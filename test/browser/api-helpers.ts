/** What the API's browser tests share: nets in a real worker, pictures, a stop-watch that waits for a condition. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { type CreateOptions, createSaccadeNet } from '../../src/index.ts';
import { tinyModelBytes } from '../api/fixture.ts';
import { randomFrame } from '../conformance/random.ts';

export const SIZE = { width: 70, height: 50 };

export const realWorker = () =>
  new Worker(new URL('../../workers/worker.ts', import.meta.url), { type: 'module' });

/** A worker and the moment at which its first frame was sent to it (comlink's message). */
export function watchedWorker(): { worker: () => Worker; handedOver: Promise<void> } {
  let sent = () => {};
  const handedOver = new Promise<void>((resolve) => {
    sent = resolve;
  });
  const worker = () => {
    const made = realWorker();
    const post = made.postMessage.bind(made) as (message: unknown, transfer: Transferable[]) => void;
    made.postMessage = (message: { path?: string[] }, transfer?: unknown) => {
      post(message, transfer as Transferable[]);
      if (message.path?.[0] === 'detect') sent();
    };
    return made;
  };
  return { worker, handedOver };
}

export function create(options: CreateOptions = {}) {
  return createSaccadeNet({
    model: tinyModelBytes(),
    backends: ['reference'],
    attention: { budget: 0.5 },
    conditioning: false, // the pictures are noise
    worker: realWorker,
    workerTimeoutMs: 50_000, // the first worker waits for the test server to transform the sources
    ...options,
  });
}

/** Seeded noise without transparency: a canvas gives it back to the bit. */
export function picture(seed = 1, size = SIZE): PixelFrame & { data: Uint8ClampedArray<ArrayBuffer> } {
  const data = Uint8ClampedArray.from(randomFrame(size, seed).data);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { ...size, data };
}

export function imageData(frame = picture()): ImageData {
  return new ImageData(frame.data, frame.width, frame.height);
}

export function canvasOf(frame = picture()): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = frame.width;
  canvas.height = frame.height;
  canvas.getContext('2d')?.putImageData(imageData(frame), 0, 0);
  return canvas;
}

/** Smooth colours: a video's subsampled chroma keeps them nearly. */
export function gradient(size = SIZE): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext('2d')!;
  const fill = context.createLinearGradient(0, 0, size.width, size.height);
  fill.addColorStop(0, '#204060');
  fill.addColorStop(1, '#e0c0a0');
  context.fillStyle = fill;
  context.fillRect(0, 0, size.width, size.height);
  return canvas;
}
