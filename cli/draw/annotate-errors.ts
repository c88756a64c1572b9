/**
 * A frame with what a model got right and wrong in it: hits in the colour of their label, false alarms in their own
 * colour with their score, what was missed as white dashes; the truth of hits as thin white dashes.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Box, Result } from '../../src/result.ts';
import { drawAttention } from './annotate.ts';
import { Canvas, textSize } from './canvas.ts';
import { type Colour, FALSE_ALARM_COLOUR, labelColour, TRUTH_COLOUR } from './palette.ts';

export interface FrameErrors {
  readonly attention: Result['attention'];
  readonly hits: readonly { readonly label: string; readonly box: Box; readonly truth: Box }[];
  readonly misses: readonly { readonly label: string; readonly cause: string; readonly box: Box }[];
  readonly falseAlarms: readonly {
    readonly label: string;
    readonly cause: string;
    readonly score: number;
    readonly box: Box;
  }[];
}

/** Frames narrower than this are drawn at twice their size, so that tags can be read. */
const ENLARGE_BELOW_PX = 600;
const INK: Colour = [0, 0, 0];
const DASH_PX = 5;

/** @returns a new frame, one or two times the size of the one given */
export function annotateErrors(frame: PixelFrame, errors: FrameErrors): PixelFrame {
  const factor = frame.width < ENLARGE_BELOW_PX ? 2 : 1;
  const canvas = new Canvas(frame, factor);
  drawAttention(canvas, errors, factor);
  const scaled = (box: Box) => [box.x, box.y, box.width, box.height].map((v) => Math.round(v * factor));
  for (const { label, box, truth } of errors.hits) {
    const [x, y, width, height] = scaled(truth);
    canvas.dashed(x, y, width, height, 1, DASH_PX, TRUTH_COLOUR);
    solid(canvas, scaled(box), labelColour(label));
  }
  for (const { box } of errors.falseAlarms) solid(canvas, scaled(box), FALSE_ALARM_COLOUR);
  for (const { box } of errors.misses) {
    const [x, y, width, height] = scaled(box);
    canvas.outline(x - 2, y - 2, width + 4, height + 4, 1, INK);
    canvas.dashed(x - 1, y - 1, width + 2, height + 2, 2, DASH_PX, TRUTH_COLOUR);
  }
  // Tags last and the surest topmost, so that they can be read where boxes crowd.
  for (const { label, box, score } of [...errors.falseAlarms].reverse()) {
    tag(canvas, scaled(box), `${label} ${Math.round(100 * score)}`, FALSE_ALARM_COLOUR);
  }
  return canvas;
}

function solid(canvas: Canvas, [x, y, width, height]: number[], colour: Colour): void {
  canvas.outline(x - 2, y - 2, width + 4, height + 4, 1, INK);
  canvas.outline(x - 1, y - 1, width + 2, height + 2, 2, colour);
}

const PADDING = 2;

/** Above the box, below its top where there is no room. */
function tag(canvas: Canvas, [x, y]: number[], text: string, colour: Colour): void {
  const size = textSize(text, 1);
  const width = size.width + 2 * PADDING;
  const height = size.height + 2 * PADDING;
  const left = Math.min(Math.max(0, x - 1), Math.max(0, canvas.width - width));
  const top = y - height - 1 >= 0 ? y - height - 1 : Math.min(y + 2, canvas.height - height);
  canvas.fill(left, top, width, height, colour, 0.85);
  canvas.text(text, left + PADDING, top + PADDING, 1, INK);
}
