/**
 * Frames of a camera or a video, latest first. Tiers: MediaStreamTrackProcessor where the page has one (Chromium),
 * else requestVideoFrameCallback on the video, or on one made for the track, else a look at every animation frame.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import { type CapturedFrame, Mailbox } from './mailbox.ts';
import { captureProcessor, hasTrackProcessor } from './track-processor.ts';
import { captureVideo } from './video.ts';

export type CaptureSource = MediaStreamTrack | MediaStream | HTMLVideoElement;

export interface Capture {
  /** The newest frame, owned by the caller; null when the source has ended. */
  next(): Promise<CapturedFrame | null>;
  /** Ends `next` with the reason given, or quietly; frees frames and all that was made here, not the source. */
  stop(reason?: unknown): void;
}

/** @throws INVALID_OPTION where the source is none, or has no video that lives. */
export function openCapture(source: CaptureSource): Capture {
  const mailbox = new Mailbox();
  const release = start(source, mailbox);
  return {
    next: () => mailbox.take(),
    stop: (reason) => {
      // An end without a reason too frees the frame that waits.
      mailbox.fail(reason);
      release();
    },
  };
}

function start(source: CaptureSource, mailbox: Mailbox): () => void {
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (tag === 'HTMLVideoElement') return captureVideo(source as HTMLVideoElement, mailbox);
  const track =
    tag === 'MediaStream' ? (source as MediaStream).getVideoTracks()[0] : (source as MediaStreamTrack);
  // Tracks of a canvas are a class of their own.
  const isTrack = typeof track === 'object' && track !== null && 'kind' in track && 'readyState' in track;
  if (!isTrack) {
    throw invalidSource(
      tag === 'MediaStream'
        ? 'The MediaStream has no video track; ask getUserMedia for { video: true }.'
        : `The source is of type ${tag}; pass a MediaStreamTrack, a MediaStream or a video element.`,
    );
  }
  if (track.kind !== 'video') throw invalidSource(`The track's kind is '${track.kind}'; pass a video track.`);
  if (track.readyState === 'ended') throw invalidSource('The track has ended; ask for the camera again.');
  return hasTrackProcessor() ? captureProcessor(track, mailbox) : captureTrackByVideo(track, mailbox);
}

function captureTrackByVideo(track: MediaStreamTrack, mailbox: Mailbox): () => void {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const release = captureVideo(video, mailbox);
  const onEnded = () => mailbox.end();
  track.addEventListener('ended', onEnded);
  video.play().catch((error) => mailbox.fail(error));
  return () => {
    track.removeEventListener('ended', onEnded);
    release();
    video.srcObject = null;
  };
}

function invalidSource(message: string): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message, { details: { field: 'source' } });
}
