/** What camera and video file share: the pictures of a <video> element as it plays. */
import { grab, SourceError } from './frame-source.ts';

/** A playing element that is in no document: muted and inline, or phones refuse to play it. */
export function createVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  return video;
}

/** The next picture that the element presents. */
export async function nextVideoFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<ImageBitmap> {
  await presented(video, signal);
  if (video.videoWidth === 0) throw new SourceError('The video has no picture. Choose another one.');
  return grab(video, video.videoWidth, video.videoHeight);
}

function presented(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const fail = (error: unknown) => {
      video.cancelVideoFrameCallback?.(handle);
      done();
      reject(error);
    };
    const abort = () => fail(signal.reason);
    const error = () =>
      fail(new SourceError('The video stopped playing: its data is damaged. Choose another one.'));
    const done = () => {
      signal.removeEventListener('abort', abort);
      video.removeEventListener('error', error);
    };
    signal.addEventListener('abort', abort, { once: true });
    video.addEventListener('error', error, { once: true });
    const finish = () => {
      done();
      resolve();
    };
    // Firefox before 132 has no requestVideoFrameCallback.
    const handle = video.requestVideoFrameCallback?.(finish) ?? requestAnimationFrame(finish);
  });
}
