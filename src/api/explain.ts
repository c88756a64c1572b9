/** Why a detection is there: the blocks under its box, and what is left of it when they are skipped. */
import { SaccadeNetError } from '../errors/errors.ts';
import type { Box, Detection, Result } from '../result.ts';
import type { CheckedCall } from './calls.ts';
import type { Explanation, FrameSource } from './types.ts';

type Run = (source: FrameSource, call: CheckedCall) => Promise<Result>;

/** A detection that overlaps the explained one by this IoU is the same thing. */
const SAME_IOU = 0.3;

export async function explain(
  run: Run,
  subject: FrameSource | Result,
  given?: Detection,
): Promise<Explanation> {
  const source = isResult(subject) ? undefined : subject;
  const result = isResult(subject) ? subject : await run(subject as FrameSource, { options: {} });
  const detection =
    given ?? result.detections.reduce((best, d) => (d.score > best.score ? d : best), result.detections[0]);
  if (!detection) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      'Nothing was found in this frame, so there is nothing to explain; lower scoreThreshold or give a detection.',
      { details: { field: 'detection' } },
    );
  }
  requireDetection(detection);
  const blocks = blocksUnder(result, detection.box);
  if (!source) return { result, detection, blocks };
  const gates = Uint8Array.from(result.attention.gates);
  for (const { column, row } of blocks) gates[row * result.attention.columns + column] = 0;
  const without = await run(source, { options: { scoreThreshold: 0 }, gates });
  const left = without.detections.filter(
    ({ label, box }) => label === detection.label && iou(box, detection.box) >= SAME_IOU,
  );
  return { result, detection, blocks, scoreWithout: Math.max(0, ...left.map(({ score }) => score)) };
}

/** JavaScript callers have no types. */
function requireDetection(given: Partial<Detection>): void {
  const { x, y, width, height } = given.box ?? {};
  if ([x, y, width, height].every(Number.isFinite)) return;
  throw new SaccadeNetError(
    'INVALID_OPTION',
    "The detection has no box of finite x, y, width and height; give one of a result's detections.",
    { details: { field: 'detection' } },
  );
}

function blocksUnder({ attention }: Result, box: Box): Explanation['blocks'][number][] {
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
      blocks.push({ column, row, gate: gates[row * columns + column] });
    }
  }
  return blocks;
}

function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

function isResult(subject: FrameSource | Result): subject is Result {
  return typeof subject === 'object' && subject !== null && 'attention' in subject && 'detections' in subject;
}
