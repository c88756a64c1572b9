/**
 * A camera or a video as a feed of results, by the best way that there is:
 * - `processor`: MediaStreamTrackProcessor; its readable is handed to the worker, where frames are read, computed and
 *   closed, so that a busy page slows nothing;
 * - `video-frame-callback`: the page takes a picture of every frame of the video, or of one made for the track;
 * - `canvas`: it looks whenever it paints, and draws the video.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import type { EngineDetectOptions, FrameCounts, StreamReply, StreamsApi } from '../session/engine-api.ts';
import { Mailbox, REAL_CLOCK } from './mailbox.ts';
import { captureReadable } from './readable.ts';
import { type RunFrame, StreamLoop } from './stream-loop.ts';
import { captureVideo, tellsOfFrames } from './video.ts';

export type CaptureSource = MediaStreamTrack | MediaStream | HTMLVideoElement;
export type StreamTier = 'processor' | 'video-frame-callback' | 'canvas';

/** Where the frames go. */
export interface Computer {
  readonly streams: StreamsApi | undefined;
  readonly options: EngineDetectOptions;
  /** From this thread, where they cannot be read beside the engine. */
  readonly run: RunFrame;
}

export interface Feed {
  readonly tier: StreamTier;
  /** As `StreamLoop.take`. */
  take(): Promise<StreamReply>;
  pause(paused: boolean): void;
  /** Resolves when every frame is closed. The source stays the caller's. */
  stop(): Promise<FrameCounts>;
}

type TrackProcessorClass = new (init: {
  track: MediaStreamTrack;
  maxBufferSize?: number;
}) => { readonly readable: ReadableStream<VideoFrame> };

/** Streams are numbered through, whatever net they are of. */
let streams = 0;

/** @throws INVALID_OPTION where the source is none, or has no video that lives. */
export async function openFeed(source: CaptureSource, computer: Computer): Promise<Feed> {
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (tag === 'HTMLVideoElement') return videoFeed(source as HTMLVideoElement, computer);
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
  const { MediaStreamTrackProcessor: Processor } = globalThis as {
    MediaStreamTrackProcessor?: TrackProcessorClass;
  };
  if (!Processor) return trackFeed(track, computer);
  const { readable } = new Processor({ track, maxBufferSize: 1 });
  return (
    (await remoteFeed(readable, computer)) ??
    localFeed('processor', computer, (mailbox) => captureReadable(readable, mailbox))
  );
}

/** In the worker; undefined where there is none, or the browser does not hand readables over. */
async function remoteFeed(
  readable: ReadableStream<VideoFrame>,
  { streams: api, options }: Computer,
): Promise<Feed | undefined> {
  if (!api) return undefined;
  const stream = ++streams;
  try {
    await api.open(stream, readable, options);
  } catch (error) {
    if ((error as Error)?.name === 'DataCloneError') return undefined;
    throw error;
  }
  return {
    tier: 'processor',
    take: () => api.take(stream),
    pause: (paused) => void api.pause(stream, paused).catch(() => {}),
    stop: () => api.close(stream),
  };
}

function localFeed(tier: StreamTier, { run }: Computer, capture: (mailbox: Mailbox) => () => void): Feed {
  const mailbox = new Mailbox(REAL_CLOCK);
  const loop = new StreamLoop(mailbox, run, capture(mailbox));
  return {
    tier,
    take: () => loop.take(),
    pause: (paused) => {
      loop.paused = paused;
    },
    stop: () => loop.stop(),
  };
}

function videoFeed(video: HTMLVideoElement, computer: Computer): Feed {
  const tier = tellsOfFrames() ? 'video-frame-callback' : 'canvas';
  return localFeed(tier, computer, (mailbox) => captureVideo(video, mailbox));
}

/** By a video of our own. */
function trackFeed(track: MediaStreamTrack, computer: Computer): Feed {
  const tier = tellsOfFrames() ? 'video-frame-callback' : 'canvas';
  return localFeed(tier, computer, (mailbox) => {
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
  });
}

function invalidSource(message: string): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message, { details: { field: 'source' } });
}
