/**
 * Pixels of a frame that was handed to the engine. A VideoFrame's rotation and mirroring are honoured, since the
 * canvas draws it as it is displayed.
 */
import type { PixelFrame, SourceFrame } from '../backends/backend.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import type { Size } from '../network/geometry.ts';
import type { EngineFrame } from './engine-api.ts';

type Context2d = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** Keeps one canvas, as large as the last frame. */
export class FrameReader {
  #context: Context2d | undefined;

  /** RGBA at the frame's own display size, or drawn at another where one is given; the frame stays open. */
  read(frame: SourceFrame, size?: Size): PixelFrame {
    if ('data' in frame) return frame;
    const { width, height } = size ?? frameSize(frame);
    const context = this.#contextOf(width, height);
    // 'copy': what was drawn before does not show through transparent pixels.
    context.globalCompositeOperation = 'copy';
    context.drawImage(frame, 0, 0, width, height);
    return { width, height, data: context.getImageData(0, 0, width, height).data };
  }

  /** Lets the canvas go; the next frame makes another. */
  release(): void {
    this.#context = undefined;
  }

  #contextOf(width: number, height: number): Context2d {
    const canvas = (this.#context?.canvas ?? createCanvas()) as OffscreenCanvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#context ??= canvas.getContext('2d', { willReadFrequently: true }) ?? undefined;
    if (!this.#context) {
      throw new SaccadeNetError(
        'UNSUPPORTED',
        'The browser gives no 2d canvas to read pixels from; pass ImageData.',
      );
    }
    return this.#context;
  }
}

/** A frame's own size in px, as it is displayed. */
export function frameSize(frame: SourceFrame): Size {
  return 'displayWidth' in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}

/** False for a VideoFrame that is displayed turned or mirrored: its pixels are to be read from a canvas. */
export function isUpright(frame: SourceFrame): boolean {
  const { rotation = 0, flip = false } = frame as { rotation?: number; flip?: boolean };
  return rotation === 0 && !flip;
}

function createCanvas(): OffscreenCanvas | HTMLCanvasElement {
  return typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
}

/** Frees a frame that has something to free. */
export function closeFrame(frame: EngineFrame): void {
  if ('close' in frame) frame.close();
}
