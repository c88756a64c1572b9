/**
 * Capture of a playing video element. The element stays the caller's: it is neither played nor paused here. Where the
 * browser tells of every frame that is a VideoFrame (or an ImageBitmap); else the video is looked at whenever the page
 * is painted, and drawn on a canvas.
 */
import { epochMs } from './epoch.ts';
import type { CapturedFrame, Mailbox } from './mailbox.ts';

/** HTMLMediaElement.HAVE_CURRENT_DATA */
const HAVE_CURRENT_DATA = 2;

export function tellsOfFrames(): boolean {
  return typeof HTMLVideoElement === 'function' && 'requestVideoFrameCallback' in HTMLVideoElement.prototype;
}

/** Fills the mailbox until the video ends. @returns what stops it */
export function captureVideo(video: HTMLVideoElement, mailbox: Mailbox): () => void {
  let stopped = false;
  let handle = 0;
  const withCallback = tellsOfFrames();
  const takePicture = withCallback ? takeFrame : drawFrame();
  const schedule = () => {
    if (stopped) return;
    handle = withCallback ? video.requestVideoFrameCallback(onFrame) : requestAnimationFrame(onAnimation);
  };
  /** `timestampMs` on the page's clock: it rises also where the video loops or is wound back. */
  const grab = (timestampMs: number, capturedMs: number) => {
    if (mailbox.paused || video.readyState < HAVE_CURRENT_DATA || video.videoWidth === 0) return;
    takePicture(video, timestampMs).then(
      (frame) => mailbox.put({ frame, timestampMs, capturedMs }),
      (error) => mailbox.fail(error),
    );
  };
  const onFrame = (nowMs: number, { captureTime }: { captureTime?: number }) => {
    grab(nowMs, captureTime === undefined ? epochMs() : performance.timeOrigin + captureTime);
    schedule();
  };
  let shownAtS = -1;
  const onAnimation = (nowMs: number) => {
    if (video.currentTime !== shownAtS) grab(nowMs, epochMs());
    shownAtS = video.currentTime;
    schedule();
  };
  const onEnded = () => mailbox.end();
  const onError = () => mailbox.fail(video.error ?? new Error('The video failed.'));
  video.addEventListener('ended', onEnded);
  video.addEventListener('error', onError);
  // A video that is paused shows a frame for which no callback comes.
  if (video.paused) grab(performance.now(), epochMs());
  schedule();
  return () => {
    stopped = true;
    if (withCallback) video.cancelVideoFrameCallback(handle);
    else cancelAnimationFrame(handle);
    video.removeEventListener('ended', onEnded);
    video.removeEventListener('error', onError);
  };
}

async function takeFrame(video: HTMLVideoElement, timestampMs: number): Promise<CapturedFrame['frame']> {
  if (typeof VideoFrame !== 'function') return createImageBitmap(video);
  return new VideoFrame(video, { timestamp: Math.round(timestampMs * 1000) });
}

/** One canvas for all frames; its picture is handed over, not copied. */
function drawFrame(): typeof takeFrame {
  const canvas = document.createElement('canvas');
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    return createImageBitmap(canvas);
  };
}
