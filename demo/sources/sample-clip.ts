/** The shipped clip: a procedural street scene rendered by the project, as Motion JPEG, in an endless loop. */
import { splitMotionJpeg } from '../../train/data/motion-jpeg.ts';
import { type FrameSource, grab, SourceError, wait } from './frame-source.ts';

const CLIP_URL = new URL('../clip/street.mjpeg', import.meta.url);
/** Rate that the clip is rendered for; a slow machine shows every frame, later. */
const FRAMES_PER_SECOND = 15;

/** @throws {SourceError} when the clip is not there. */
export async function openSampleClip(): Promise<FrameSource> {
  let pictures: Uint8Array[] = [];
  try {
    const response = await fetch(CLIP_URL);
    if (response.ok) pictures = splitMotionJpeg(new Uint8Array(await response.arrayBuffer()));
  } catch {
    // Told below, with the clip that is there but empty.
  }
  if (pictures.length === 0) {
    throw new SourceError(
      'The sample clip could not be loaded. Build the page again (npm run build), then reload it.',
    );
  }
  return new SampleClip(pictures);
}

class SampleClip implements FrameSource {
  readonly name: string;
  readonly moving = true;
  readonly stepMs = 1000 / FRAMES_PER_SECOND;
  readonly #pictures: Uint8Array[];
  #index = 0;
  #dueMs = 0;

  constructor(pictures: Uint8Array[]) {
    this.#pictures = pictures;
    this.name = `Sample clip, ${pictures.length} frames`;
  }

  async next(signal: AbortSignal): Promise<ImageBitmap> {
    const now = performance.now();
    if (this.#dueMs > now) await wait(this.#dueMs - now, signal);
    this.#dueMs = Math.max(now, this.#dueMs) + this.stepMs;
    return this.step();
  }

  step(): Promise<ImageBitmap> {
    const picture = this.#pictures[this.#index];
    this.#index = (this.#index + 1) % this.#pictures.length;
    return grab(new Blob([picture as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }));
  }

  setPaused(): void {}

  close(): void {}
}
