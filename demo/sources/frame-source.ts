/** Where pictures come from: a camera, a video, the sample clip or one picture. */

export interface FrameSource {
  /** For the status line: 'Camera, 640 × 480'. */
  readonly name: string;
  /** Time from picture to picture where every one is shown, however late; else the clock tells it. */
  readonly stepMs?: number;
  /** False for a single picture: `next` then gives the same picture each time. */
  readonly moving: boolean;
  /**
   * The next picture, once there is one; slow readers get the newest, never a queue. The caller owns it and
   * closes it. @throws the signal's reason when it is aborted, a `SourceError` when the source ended badly.
   */
  next(signal: AbortSignal): Promise<ImageBitmap>;
  /** The picture after the last one, while paused. */
  step(signal: AbortSignal): Promise<ImageBitmap>;
  setPaused(paused: boolean): void;
  /** Lets go of the camera, the file or the clip. */
  close(): void;
}

/** A source that cannot be used; the message is the sentence shown, with what to do. */
export class SourceError extends Error {}

/** Larger pictures are scaled down on the way in: the network works at less, and the page stays light. */
const MOST_PIXELS_WIDE = 1280;

/** A copy of the picture that `image` shows now, at most 1280 px wide. */
export async function grab(
  image: HTMLVideoElement | ImageBitmap | Blob,
  width?: number,
  height?: number,
): Promise<ImageBitmap> {
  if (width === undefined || height === undefined || width <= MOST_PIXELS_WIDE)
    return createImageBitmap(image);
  return createImageBitmap(image, {
    resizeWidth: MOST_PIXELS_WIDE,
    resizeHeight: Math.round((height * MOST_PIXELS_WIDE) / width),
    resizeQuality: 'medium',
  });
}

/** Resolves after `milliseconds`; rejects with the signal's reason when it is aborted first. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
