/**
 * Frames of a track from the `readable` of its MediaStreamTrackProcessor, in the page or in the worker to which it was
 * handed over. Source: https://www.w3.org/TR/mediacapture-transform/
 */
import { epochMs } from './epoch.ts';
import type { Mailbox } from './mailbox.ts';

/** Fills the mailbox until the track ends. @returns what stops it */
export function captureReadable(readable: ReadableStream<VideoFrame>, mailbox: Mailbox): () => void {
  const reader = readable.getReader();
  // Frames are read late where this thread computes. The quickest of all tells the camera's clock from ours.
  let offsetMs = Number.POSITIVE_INFINITY;
  const pump = async () => {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return mailbox.end();
      const timestampMs = frame.timestamp / 1000;
      offsetMs = Math.min(offsetMs, epochMs() - timestampMs);
      mailbox.put({ frame, timestampMs, capturedMs: timestampMs + offsetMs });
    }
  };
  pump().catch((error) => mailbox.fail(error));
  return () => void reader.cancel().catch(() => {});
}
