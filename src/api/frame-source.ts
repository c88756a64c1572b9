/**
 * Any frame source to a frame that the engine may own: a copy taken at the time of the call. VideoFrame.clone()
 * shares the pixels, createImageBitmap copies on the GPU where there is one.
 */
import type { PixelFrame } from '../backends/backend.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import type { EngineFrame } from '../session/engine-api.ts';
import type { FrameSource } from './types.ts';
import { show } from './validate.ts';

const ALLOWED =
  'a VideoFrame, ImageBitmap, ImageData, video, img, canvas or OffscreenCanvas, or { data, width, height } with RGBA bytes';

/** @throws INVALID_OPTION (as a rejection) for what is no frame, is closed, empty, or of a tainted origin. */
export async function captureFrame(source: FrameSource): Promise<EngineFrame> {
  switch (tagOf(source)) {
    case 'VideoFrame':
      return captureVideoFrame(source as VideoFrame);
    case 'ImageBitmap':
      return capture(source as ImageBitmap, sizeOf(source), 'The ImageBitmap is closed');
    case 'HTMLVideoElement': {
      const { videoWidth, videoHeight, readyState } = source as HTMLVideoElement;
      const size = { width: readyState >= 2 ? videoWidth : 0, height: videoHeight };
      return capture(source as HTMLVideoElement, size, "The video has no frame yet (wait for 'loadeddata')");
    }
    case 'HTMLImageElement': {
      const { naturalWidth: width, naturalHeight: height } = source as HTMLImageElement;
      return capture(
        source as HTMLImageElement,
        { width, height },
        'The image is not loaded (await image.decode())',
      );
    }
    case 'HTMLCanvasElement':
    case 'OffscreenCanvas':
      return capture(source as HTMLCanvasElement, sizeOf(source), 'The canvas is empty');
    default:
      return capturePixels(source as PixelFrame);
  }
}

/** A frame's pixels in this thread, as they are displayed. @throws what `captureFrame` throws */
export async function readPixels(source: FrameSource): Promise<PixelFrame> {
  const frame = await captureFrame(source);
  if ('data' in frame) return frame;
  try {
    const [width, height] =
      'displayWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(frame, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    throw frameError(error);
  } finally {
    frame.close();
  }
}

function captureVideoFrame(frame: VideoFrame): VideoFrame {
  // A closed or transferred frame has lost its format and its size.
  if (frame.displayWidth === 0 || frame.displayHeight === 0) {
    throw invalidFrame(
      'The VideoFrame is closed; pass a frame that is still open, and close it after the call.',
    );
  }
  return frame.clone();
}

async function capture(
  source: ImageBitmap | HTMLVideoElement | HTMLImageElement | HTMLCanvasElement,
  size: { width: number; height: number },
  whenEmpty: string,
): Promise<ImageBitmap> {
  if (!(size.width > 0 && size.height > 0)) {
    throw invalidFrame(
      `${whenEmpty}: its size is ${size.width}x${size.height}; pass one of at least 1x1 px.`,
    );
  }
  try {
    return await createImageBitmap(source);
  } catch (cause) {
    throw invalidFrame(
      `The frame could not be read (${String(cause)}); draw it onto a canvas of its size, or a smaller one, and pass that.`,
      cause,
    );
  }
}

function capturePixels(source: PixelFrame): PixelFrame {
  if (typeof source !== 'object' || source === null)
    throw invalidFrame(`The frame is ${show(source)}; pass ${ALLOWED}.`);
  const { data, width, height } = source;
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (!bytes || typeof width !== 'number' || typeof height !== 'number') {
    throw invalidFrame(`The frame is ${show(source)} without RGBA bytes and a size; pass ${ALLOWED}.`);
  }
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1) {
    throw invalidFrame(`The frame's size is ${width}x${height}; pass one of at least 1x1 whole px.`);
  }
  if (data.length !== width * height * 4) {
    throw invalidFrame(
      `The frame has ${data.length} bytes; ${width}x${height} px of RGBA without padding are ${width * height * 4}.`,
    );
  }
  return { data: new Uint8ClampedArray(data), width, height };
}

/**
 * The error of a call, which is about the frame where the browser keeps its pixels from the page: it then neither
 * hands an ImageBitmap to a worker (DataCloneError) nor reads it here (SecurityError).
 */
export function frameError(error: unknown): unknown {
  const { name } =
    ((error instanceof SaccadeNetError ? error.cause : error) as { name?: string } | undefined) ?? {};
  return name === 'SecurityError' || name === 'DataCloneError' ? taintedFrame(error) : error;
}

function taintedFrame(cause: unknown): SaccadeNetError {
  return invalidFrame(
    "The frame's pixels come from another origin without CORS; set crossOrigin on the img or video and have the server allow it.",
    cause,
  );
}

function invalidFrame(message: string, cause?: unknown): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message, { details: { field: 'frame' }, cause });
}

function sizeOf(source: FrameSource): { width: number; height: number } {
  const { width, height } = source as ImageBitmap;
  return { width, height };
}

/** By tag rather than instanceof: sources from another frame of the page count too. */
function tagOf(source: unknown): string {
  return Object.prototype.toString.call(source).slice(8, -1);
}
