/** Capture of a track by MediaStreamTrackProcessor. Source: https://www.w3.org/TR/mediacapture-transform/ */
import type { Mailbox } from './mailbox.ts';

interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

const processorClass = () =>
  (globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }).MediaStreamTrackProcessor;

export function hasTrackProcessor(): boolean {
  return typeof processorClass() === 'function';
}

/** Fills the mailbox until the track ends. The track stays the caller's. @returns what stops it */
export function captureProcessor(track: MediaStreamTrack, mailbox: Mailbox): () => void {
  const Processor = processorClass()!;
  const reader = new Processor({ track, maxBufferSize: 1 }).readable.getReader();
  const pump = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return mailbox.end();
      mailbox.put({ frame: value, timestampMs: value.timestamp / 1000 });
    }
  };
  pump().catch((error) => mailbox.fail(error));
  return () => void reader.cancel().catch(() => {});
}
