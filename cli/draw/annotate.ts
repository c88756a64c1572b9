/**
 * A result drawn over its frame: skipped blocks dimmed, attended ones tinted by their kernels, boxes with label
 * and score, a caption that says how much was looked at. Small frames are drawn at twice their size.
 */
import { attendedShare } from '../../src/attention/select.ts';
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Detection, Result } from '../../src/result.ts';
import { Canvas, textSize } from './canvas.ts';
import { type Colour, GATE_WASHES, labelColour } from './palette.ts';

/** Frames narrower than this are enlarged, so that labels can be read. */
const ENLARGE_BELOW_PX = 900;
const INK: Colour = [0, 0, 0];
const ALERT: Colour = [255, 225, 60];
const TRAIL_FRAMES = 8;
const PADDING_DOTS = 2;

/** @returns a new frame, one or two times the size of the one given */
export function annotate(frame: PixelFrame, result: Result): PixelFrame {
  const factor = frame.width < ENLARGE_BELOW_PX ? 2 : 1;
  const canvas = new Canvas(frame, factor);
  drawAttention(canvas, result, factor);
  drawTrail(canvas, result, factor);
  // The surest last, so that its label lies on top.
  for (const detection of [...result.detections].reverse()) drawDetection(canvas, detection, factor);
  drawCaption(canvas, caption(result));
  return canvas;
}

/** Dims skipped blocks and tints attended ones by their kernels. */
export function drawAttention(
  canvas: Canvas,
  { attention }: Pick<Result, 'attention'>,
  factor: number,
): void {
  const { columns, rows, gates } = attention;
  const width = attention.blockWidth * factor;
  const height = attention.blockHeight * factor;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { colour, alpha } = GATE_WASHES[gates[row * columns + column]];
      const [x, y] = [Math.round(column * width), Math.round(row * height)];
      const [w, h] = [Math.round((column + 1) * width) - x, Math.round((row + 1) * height) - y];
      canvas.fill(x, y, w, h, colour, alpha);
    }
  }
}

function drawDetection(
  canvas: Canvas,
  { label, score, box, trackId, ageFrames }: Detection,
  factor: number,
): void {
  const colour = labelColour(label);
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((v) => Math.round(v * factor));
  canvas.outline(x - 2, y - 2, width + 4, height + 4, 1, INK);
  canvas.outline(x - 1, y - 1, width + 2, height + 2, 2, colour);
  const track = trackId === undefined ? '' : ` #${trackId} age ${ageFrames}`;
  const text = `${label} ${Math.round(100 * score)}${track}`;
  const size = textSize(text, 1);
  const tag = { width: size.width + 2 * PADDING_DOTS, height: size.height + 2 * PADDING_DOTS };
  const left = Math.min(Math.max(0, x - 1), Math.max(0, canvas.width - tag.width));
  const top = y - tag.height - 1 >= 0 ? y - tag.height - 1 : Math.min(y + 2, canvas.height - tag.height);
  canvas.fill(left, top, tag.width, tag.height, colour, 0.9);
  canvas.text(text, left + PADDING_DOTS, top + PADDING_DOTS, 1, INK);
}

/** Where the eye went in the last frames, and what moved suddenly. */
function drawTrail(canvas: Canvas, { scanPath = [], alerts = [] }: Result, factor: number): void {
  const recent = scanPath.slice(-TRAIL_FRAMES);
  recent.forEach(({ x, y }, i) => {
    const side = 2 + Math.round((6 * (i + 1)) / recent.length);
    canvas.fill(
      ...([Math.round(x * factor - side / 2), Math.round(y * factor - side / 2), side, side] as const),
      ALERT,
      (i + 1) / recent.length,
    );
  });
  for (const { box } of alerts) {
    const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((v) => Math.round(v * factor));
    canvas.outline(x, y, width, height, 2, ALERT);
  }
}

function drawCaption(canvas: Canvas, text: string): void {
  const dot = canvas.width >= textSize(text, 2).width + 8 ? 2 : 1;
  const { width, height } = textSize(text, dot);
  const pad = 2 * dot;
  canvas.fill(0, canvas.height - height - 2 * pad, width + 2 * pad, height + 2 * pad, INK, 0.75);
  canvas.text(text, pad, canvas.height - height - pad, dot, [255, 255, 255]);
}

function caption({ attention, macs, timings }: Result): string {
  const looked = attendedShare(attention.gates);
  const saved = 1 - (macs.attention + macs.detail) / macs.dense;
  const percent = (share: number) => `${Math.round(100 * share)}%`;
  return `looked at ${percent(looked)} of blocks, ${percent(saved)} of MACs saved, ${Math.round(timings.totalMs)} ms`;
}
