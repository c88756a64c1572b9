/**
 * Why a detection is there: the attended blocks under its box, in this frame and, of a track, in earlier ones; what is
 * left without them, and with them alone; and what came by the attention network from the blocks that were skipped.
 *
 * What is exact: the detail network reads attended blocks and `haloPx` around them. Other pixels of a skipped block come
 * in by the attention network's down-sampled frame alone, so graying them out with the gates held shows that way apart. Where
 * a noisy frame was smoothed, what it was smoothed by reaches a few px further, and how it was treated is held.
 */
import { boxIou } from '../boxes.ts';
import { treatmentReach } from '../conditioning/reach.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import type { Box, Detection, Result } from '../result.ts';
import type { Sighting } from '../session/engine-api.ts';
import type { CheckedCall } from './calls.ts';
import type { Explanation, FrameSource } from './types.ts';

export interface Explainer {
  run(source: FrameSource, call: CheckedCall): Promise<Result>;
  /** The frame's pixels, as they are displayed. */
  pixels(source: FrameSource): Promise<ImageData | Pixels>;
  /** Earlier frames of a stream's track. */
  sightings(result: Result, trackId: number): Promise<readonly Sighting[]>;
  /** Working px that the first detail layer reads around a block, and a block's side. */
  readonly haloPx: number;
  readonly blockPx: number;
}

interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A detection that overlaps the explained one by this IoU is the same thing. */
const SAME_IOU = 0.3;

export async function explain(
  { run, pixels, sightings, haloPx, blockPx }: Explainer,
  subject: FrameSource | Result,
  given?: Detection,
): Promise<Explanation> {
  const source = isResult(subject) ? undefined : subject;
  const result = isResult(subject) ? subject : await run(subject as FrameSource, { options: {} });
  const detection =
    given ?? result.detections.reduce((best, d) => (d.score > best.score ? d : best), result.detections[0]);
  if (!detection) {
    throw wrongDetection(
      'Nothing was found in this frame, so there is nothing to explain; lower scoreThreshold or give a detection.',
    );
  }
  requireDetection(detection);
  const blocks = blocksUnder(result, detection.box);
  const { trackId } = detection;
  const earlier =
    trackId === undefined
      ? []
      : (await sightings(result, trackId)).filter(
          ({ timestampMs }) => timestampMs < (result.timestampMs ?? Number.NEGATIVE_INFINITY),
        );
  const told: Explanation = { result, detection, blocks, earlier };
  if (!source) return told;
  const { attention } = result;
  const { gates, columns } = attention;
  const under = new Set(blocks.map(({ column, row }) => row * columns + column));
  // Held, since what is grayed out would have the frame measured otherwise.
  const treatment = result.treatment ?? null;
  const scoreOf = async (frame: FrameSource, forced: Uint8Array) => {
    const { detections } = await run(frame, { options: { scoreThreshold: 0 }, gates: forced, treatment });
    const same = detections.filter(
      ({ label, box }) => label === detection.label && boxIou(box, detection.box) >= SAME_IOU,
    );
    return Math.max(0, ...same.map(({ score }) => score));
  };
  const workingPx = haloPx + (treatment ? treatmentReach(treatment) : 0);
  const reachPx = Math.ceil((workingPx * attention.blockWidth) / blockPx);
  const grey = greyed(await pixels(source), result, reachPx);
  const chosen = (await run(grey, { options: {}, treatment })).attention.gates;
  return {
    ...told,
    scoreWithout: await scoreOf(
      source,
      gates.map((gate, block) => (under.has(block) ? 0 : gate)),
    ),
    scoreAlone: await scoreOf(
      source,
      gates.map((gate, block) => (under.has(block) ? gate : 0)),
    ),
    skipped: {
      haloPx: reachPx,
      scoreWithout: await scoreOf(grey, gates),
      gatesChanged: gates.reduce((sum, gate, block) => sum + (gate === chosen[block] ? 0 : 1), 0),
    },
  };
}

/** The frame with what the detail network did not read in its mean colour. */
function greyed({ data, width, height }: Pixels, { attention }: Result, reachPx: number): Pixels {
  const { columns, rows, blockWidth, blockHeight, gates } = attention;
  const read = new Uint8Array(width * height);
  for (let block = 0; block < columns * rows; block++) {
    if (gates[block] === 0) continue;
    const left = Math.max(0, Math.floor((block % columns) * blockWidth) - reachPx);
    const right = Math.min(width, Math.ceil(((block % columns) + 1) * blockWidth) + reachPx);
    const top = Math.max(0, Math.floor(Math.floor(block / columns) * blockHeight) - reachPx);
    const foot = Math.min(height, Math.ceil((Math.floor(block / columns) + 1) * blockHeight) + reachPx);
    for (let y = top; y < foot; y++) read.fill(1, y * width + left, y * width + right);
  }
  const mean = [0, 0, 0].map((_, channel) => {
    let sum = 0;
    for (let i = channel; i < data.length; i += 4) sum += data[i];
    return Math.round(sum / read.length);
  });
  const changed = new Uint8ClampedArray(data);
  for (let i = 0; i < read.length; i++) if (read[i] === 0) changed.set(mean, 4 * i);
  return { data: changed, width, height };
}

/** JavaScript callers have no types. */
function requireDetection(given: Partial<Detection>): void {
  const { x, y, width, height } = given.box ?? {};
  if ([x, y, width, height].every(Number.isFinite)) return;
  throw wrongDetection(
    "The detection has no box of finite x, y, width and height; give one of a result's detections.",
  );
}

function wrongDetection(message: string): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message, { details: { field: 'detection' } });
}

function blocksUnder({ attention, timestampMs }: Result, box: Box): Explanation['blocks'][number][] {
  const { columns, rows, blockWidth, blockHeight, gates } = attention;
  const from = (px: number, side: number) => Math.max(0, Math.floor(px / side));
  const to = (px: number, side: number, count: number) => Math.min(count, Math.ceil(px / side));
  const blocks: Explanation['blocks'][number][] = [];
  for (let row = from(box.y, blockHeight); row < to(box.y + box.height, blockHeight, rows); row++) {
    for (
      let column = from(box.x, blockWidth);
      column < to(box.x + box.width, blockWidth, columns);
      column++
    ) {
      const gate = gates[row * columns + column];
      blocks.push({ column, row, gate, ...(timestampMs === undefined ? {} : { timestampMs }) });
    }
  }
  return blocks;
}

function isResult(subject: FrameSource | Result): subject is Result {
  return typeof subject === 'object' && subject !== null && 'attention' in subject && 'detections' in subject;
}
