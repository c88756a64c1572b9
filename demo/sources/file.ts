/** A picture or a video of the user's own. It is read here and goes nowhere. */
import { type FrameSource, grab, SourceError } from './frame-source.ts';
import { createVideo, nextVideoFrame } from './video-frames.ts';

/** Length of a step in a paused video; its own rate is not known to the page. */
const STEP_SECONDS = 1 / 25;

/** @throws {SourceError} when the browser cannot read it. */
export async function openFile(file: File): Promise<FrameSource> {
  if (file.type.startsWith('video/')) return openVideo(file);
  try {
    return new Picture(file.name, await createImageBitmap(file));
  } catch {
    throw new SourceError(
      `This browser cannot read ${file.name}. Choose a JPEG, PNG or WebP picture, or an MP4 or WebM video.`,
    );
  }
}

async function openVideo(file: File): Promise<FrameSource> {
  const video = createVideo();
  const url = URL.createObjectURL(file);
  video.loop = true;
  video.src = url;
  try {
    await video.play();
  } catch {
    URL.revokeObjectURL(url);
    throw new SourceError(`This browser cannot play ${file.name}. Choose an MP4 (H.264) or WebM video.`);
  }
  return new VideoFile(file.name, video, url);
}

class VideoFile implements FrameSource {
  readonly name: string;
  readonly moving = true;
  readonly #video: HTMLVideoElement;
  readonly #url: string;

  constructor(name: string, video: HTMLVideoElement, url: string) {
    this.name = `${name}, ${video.videoWidth} × ${video.videoHeight}`;
    this.#video = video;
    this.#url = url;
  }

  next(signal: AbortSignal): Promise<ImageBitmap> {
    return nextVideoFrame(this.#video, signal);
  }

  step(signal: AbortSignal): Promise<ImageBitmap> {
    const frame = nextVideoFrame(this.#video, signal);
    const { currentTime, duration } = this.#video;
    this.#video.currentTime = currentTime + STEP_SECONDS < duration ? currentTime + STEP_SECONDS : 0;
    return frame;
  }

  setPaused(paused: boolean): void {
    if (paused) this.#video.pause();
    else void this.#video.play().catch(() => undefined);
  }

  close(): void {
    this.#video.pause();
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }
}

class Picture implements FrameSource {
  readonly name: string;
  readonly moving = false;
  readonly #bitmap: ImageBitmap;

  constructor(name: string, bitmap: ImageBitmap) {
    this.name = `${name}, ${bitmap.width} × ${bitmap.height}`;
    this.#bitmap = bitmap;
  }

  next(): Promise<ImageBitmap> {
    return grab(this.#bitmap, this.#bitmap.width, this.#bitmap.height);
  }

  step(): Promise<ImageBitmap> {
    return this.next();
  }

  setPaused(): void {}

  close(): void {
    this.#bitmap.close();
  }
}
