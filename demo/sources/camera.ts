/** The camera. Every way in which it can be absent or refused has a sentence that says what to do. */
import { type FrameSource, SourceError } from './frame-source.ts';
import { createVideo, nextVideoFrame } from './video-frames.ts';

const WANTED: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  facingMode: { ideal: 'environment' },
};

const INSTEAD = 'The sample clip and your own files work without a camera.';

/** @throws {SourceError} when there is no camera or it is refused. */
export async function openCamera(): Promise<FrameSource> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new SourceError(
      `This page may not use a camera because it was not opened securely. Open it over https or at localhost. ${INSTEAD}`,
    );
  }
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
  } catch (error) {
    throw new SourceError(`${whyNoCamera(error)} ${INSTEAD}`);
  }
  const video = createVideo();
  video.srcObject = stream;
  await video.play();
  return new Camera(stream, video);
}

function whyNoCamera(error: unknown): string {
  switch ((error as DOMException).name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The camera was refused. Allow it for this page in the browser’s site settings (the icon beside the address), then press Camera again.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No camera was found. Connect one, then press Camera again.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The camera could not be started; another program may be using it. Close that program, then press Camera again.';
    default:
      return `The camera could not be started (${(error as Error).message}). Press Camera to try again.`;
  }
}

class Camera implements FrameSource {
  readonly name: string;
  readonly moving = true;
  readonly #stream: MediaStream;
  readonly #video: HTMLVideoElement;
  readonly #lost = new AbortController();

  constructor(stream: MediaStream, video: HTMLVideoElement) {
    this.#stream = stream;
    this.#video = video;
    this.name = `Camera, ${video.videoWidth} × ${video.videoHeight}`;
    stream.getVideoTracks()[0].addEventListener('ended', () => {
      this.#lost.abort(
        new SourceError(`The camera was disconnected. Connect it, then press Camera again. ${INSTEAD}`),
      );
    });
  }

  next(signal: AbortSignal): Promise<ImageBitmap> {
    return nextVideoFrame(this.#video, AbortSignal.any([signal, this.#lost.signal]));
  }

  step(signal: AbortSignal): Promise<ImageBitmap> {
    return this.next(signal);
  }

  /** A paused camera stays on, so that a step shows what is there now. */
  setPaused(): void {}

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }
}
