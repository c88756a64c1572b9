/** Capture of a playing video element. The element stays the caller's: it is neither played nor paused here. */
import type { CapturedFrame, Mailbox } from './mailbox.ts';

/** HTMLMediaElement.HAVE_CURRENT_DATA */
const HAVE_CURRENT_DATA = 2;

/** Fills the mailbox until the video ends. @returns what stops it */
export function captureVideo(video: HTMLVideoElement, mailbox: Mailbox): () => void {
  let stopped = false;
  let handle = 0;
  const withCallback = typeof video.requestVideoFrameCallback === 'function';
  const schedule = () => {
    if (stopped) return;
    handle = withCallback ? video.requestVideoFrameCallback(onFrame) : requestAnimationFrame(onAnimation);
  };
  const grab = (nowMs: number) => {
    if (video.readyState < HAVE_CURRENT_DATA || video.videoWidth === 0) return;
    takePicture(video, nowMs).then(
      (captured) => mailbox.put(captured),
      (error) => mailbox.fail(error),
    );
  };
  const onFrame = (nowMs: number) => {
    grab(nowMs);
    schedule();
  };
  let shownAtS = -1;
  const onAnimation = (nowMs: number) => {
    if (video.currentTime !== shownAtS) grab(nowMs);
    shownAtS = video.currentTime;
    schedule();
  };
  const onEnded = () => mailbox.end();
  const onError = () => mailbox.fail(video.error ?? new Error('The video failed.'));
  video.addEventListener('ended', onEnded);
  video.addEventListener('error', onError);
  // A video that is paused shows a frame for which no callback comes.
  if (video.paused) grab(performance.now());
  schedule();
  return () => {
    stopped = true;
    if (withCallback) video.cancelVideoFrameCallback(handle);
    else cancelAnimationFrame(handle);
    video.removeEventListener('ended', onEnded);
    video.removeEventListener('error', onError);
  };
}

/** `timestampMs` on the page's clock: it rises also where the video loops or is wound back. */
async function takePicture(video: HTMLVideoElement, nowMs: number): Promise<CapturedFrame> {
  if (typeof VideoFrame === 'function') {
    return { frame: new VideoFrame(video, { timestamp: Math.round(nowMs * 1000) }), timestampMs: nowMs };
  }
  return { frame: await createImageBitmap(video), timestampMs: nowMs };
}
