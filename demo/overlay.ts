/**
 * Draws a frame, the attention map and the boxes on a canvas. The canvas gets as many pixels as it covers on the
 * screen, so that lines and words stay sharp however small the frame is.
 */
import type { Box, Detection, Result } from 'saccadenet';
import { type Colour, GATE_WASHES, LABEL_COLOURS, labelColour } from '../cli/draw/palette.ts';

const GATE_FILLS = GATE_WASHES.map(({ colour, alpha }) => css(colour, alpha));
const OUTLINE = 'rgb(6 8 12 / 0.65)';
const LABEL_TEXT = '#10131a';

/** In CSS px. */
const LINE_WIDTH = 2.5;
const LABEL_SIZE = 13;
/** On a canvas narrower than NARROW, where tags are the label alone. */
const SMALL_LABEL_SIZE = 11;
const NARROW = 480;
const LABEL_PADDING = 4;
const MOST_CANVAS_PIXELS_WIDE = 2560;

export interface View {
  readonly image: CanvasImageSource;
  readonly result: Result;
  readonly showAttention: boolean;
}

/** Gives the page the colours of the overlay, for its legend: --gate-0 to --gate-2, --person, --pole. */
export function colourLegend({ style }: HTMLElement): void {
  for (const [gate, fill] of GATE_FILLS.entries()) style.setProperty(`--gate-${gate}`, fill);
  for (const [label, colour] of Object.entries(LABEL_COLOURS)) style.setProperty(`--${label}`, css(colour));
}

/** Draws over the whole canvas and gives it the frame's shape. */
export function draw(canvas: HTMLCanvasElement, { image, result, showAttention }: View): void {
  const { width, height } = result;
  const shownWidth = Math.min(canvas.clientWidth, (canvas.clientHeight * width) / height) || width;
  const pixelRatio = globalThis.devicePixelRatio || 1;
  const canvasWidth = Math.round(Math.min(MOST_CANVAS_PIXELS_WIDE, Math.max(width, shownWidth * pixelRatio)));
  const scale = canvasWidth / width;
  const canvasHeight = Math.round(height * scale);
  if (canvas.width !== canvasWidth || canvas.height !== canvasHeight) {
    canvas.width = canvasWidth;
    canvas.height = canvasHeight;
  }
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0, canvasWidth, canvasHeight);
  if (showAttention) drawGates(context, result, scale);
  const cssPixel = canvasWidth / shownWidth;
  // The surest last: where tags overlap, theirs can be read.
  const detections = [...result.detections].sort((a, b) => a.score - b.score);
  for (const { label, box } of detections) drawBox(context, label, scaled(box, scale), cssPixel);
  for (const detection of detections) drawTag(context, detection, scaled(detection.box, scale), cssPixel);
}

/** Corners are rounded to whole pixels, so that neighbours neither overlap nor leave a seam. */
function drawGates(
  context: CanvasRenderingContext2D,
  { attention, width, height }: Result,
  scale: number,
): void {
  const { columns, rows, blockWidth, blockHeight, gates } = attention;
  const x = (column: number) => Math.round(Math.min(width, column * blockWidth) * scale);
  const y = (row: number) => Math.round(Math.min(height, row * blockHeight) * scale);
  for (const [gate, fill] of GATE_FILLS.entries()) {
    context.beginPath();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (gates[row * columns + column] !== gate) continue;
        context.rect(x(column), y(row), x(column + 1) - x(column), y(row + 1) - y(row));
      }
    }
    context.fillStyle = fill;
    context.fill();
  }
}

function css([red, green, blue]: Colour, alpha = 1): string {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

function scaled({ x, y, width, height }: Box, scale: number): Box {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}

function drawBox(context: CanvasRenderingContext2D, label: string, box: Box, cssPixel: number): void {
  context.lineJoin = 'round';
  for (const [style, lineWidth] of [
    [OUTLINE, LINE_WIDTH + 2],
    [css(labelColour(label)), LINE_WIDTH],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = lineWidth * cssPixel;
    context.strokeRect(box.x, box.y, box.width, box.height);
  }
}

/** Above the box, or within it where there is no room above; never over the canvas' edge. */
function drawTag(
  context: CanvasRenderingContext2D,
  { label, score }: Detection,
  box: Box,
  cssPixel: number,
): void {
  const narrow = context.canvas.width < NARROW * cssPixel;
  const text = narrow ? label : `${label} ${Math.round(score * 100)} %`;
  const padding = LABEL_PADDING * cssPixel;
  const size = (narrow ? SMALL_LABEL_SIZE : LABEL_SIZE) * cssPixel;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 2 * padding;
  const height = size + 1.5 * padding;
  const left = box.x - (LINE_WIDTH * cssPixel) / 2;
  const x = Math.max(0, Math.min(left, context.canvas.width - width));
  const y = box.y - height >= 0 ? box.y - height : box.y;
  context.fillStyle = css(labelColour(label));
  context.fillRect(x, y, width, height);
  context.fillStyle = LABEL_TEXT;
  context.fillText(text, x + padding, y + height / 2);
}
