/**
 * Where the evidence of tracks comes from: of every stream the last frames, each with the attended blocks that lay under
 * each track then. Knows results only.
 */
import type { Result } from '../result.ts';
import type { Sighting } from './engine-api.ts';

const FRAMES_KEPT = 64;

export class Sightings {
  /** By stream, oldest first: of a frame the sighting of every track. */
  readonly #frames = new Map<string, Map<number, Sighting>[]>();

  note(streamId: string, { timestampMs = 0, detections, attention }: Result): void {
    const { columns, rows, blockWidth, blockHeight, gates } = attention;
    const seen = new Map<number, Sighting>();
    for (const { trackId, box } of detections) {
      if (trackId === undefined) continue;
      const blocks: Sighting['blocks'][number][] = [];
      const right = Math.min(columns, Math.ceil((box.x + box.width) / blockWidth));
      const foot = Math.min(rows, Math.ceil((box.y + box.height) / blockHeight));
      for (let row = Math.max(0, Math.floor(box.y / blockHeight)); row < foot; row++) {
        for (let column = Math.max(0, Math.floor(box.x / blockWidth)); column < right; column++) {
          const gate = gates[row * columns + column];
          if (gate > 0) blocks.push({ column, row, gate });
        }
      }
      if (blocks.length > 0) seen.set(trackId, { timestampMs, blocks });
    }
    const frames = this.#frames.get(streamId) ?? [];
    this.#frames.set(streamId, frames);
    if (frames.push(seen) > FRAMES_KEPT) frames.shift();
  }

  /** Of one track, oldest first. */
  of(streamId: string, trackId: number): Sighting[] {
    return (this.#frames.get(streamId) ?? []).flatMap((seen) => seen.get(trackId) ?? []);
  }

  reset(streamId?: string): void {
    if (streamId === undefined) this.#frames.clear();
    else this.#frames.delete(streamId);
  }
}
