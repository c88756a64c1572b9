/**
 * Draws a frame, the attention map and the boxes on a canvas. The canvas gets as many pixels as it covers on the
 * screen, so that lines and words stay sharp however small the frame is.
 */
import type { Box, Detection, Result } from 'saccadenet';
import { type Colour, GATE_WASHES, LABEL_COLOURS, labelColour } from '../cli/draw/palette.ts';

const GATE_FILLS = GATE_WASHES.map(({ colour, alpha }) => css(colour, alpha));
const OUTLINE = 'rgb(6 8 12 / 0.65)';
const LABEL_TEXT = '#10131a';
const ALERT = 'rgb(255 104 92)';
const TRAIL = '255 255 255';

/** In CSS px. */
const LINE_WIDTH = 2.5;
const LABEL_SIZE = 13;
/** On a canvas narrower than NARROW, where tags are the label alone, or a track's with its age. */
const SMALL_LABEL_SIZE = 11;
const NARROW = 480;
const LABEL_PADDING = 4;
const FIXATION_RADIUS = 7;
const TRAIL_WIDTH = 2;
const ALERT_DASH = 6;
const MOST_CANVAS_PIXELS_WIDE = 2560;

export interface View {
  readonly image: CanvasImageSource;
  readonly result: Result;
  readonly showAttention: boolean;
  /** Where the eye went in the last frames. */
  readonly showTrail: boolean;
}

/** Gives the page the colours of the overlay, for its legend: --gate-0 to --gate-2, --person, --pole. */
export function colourLegend({ style }: HTMLElement): void {
  for (const [gate, fill] of GATE_FILLS.entries()) style.setProperty(`--gate-${gate}`, fill);
  style.setProperty('--alert', ALERT);
  for (const [label, colour] of Object.entries(LABEL_COLOURS)) style.setProperty(`--${label}`, css(colour));
}

/** Draws over the whole canvas and gives it the frame's shape. */
export function draw(canvas: HTMLCanvasElement, { image, result, showAttention, showTrail }: View): void {
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
  for (const { kind, box } of result.alerts ?? []) drawAlert(context, kind, scaled(box, scale), cssPixel);
  // The surest last: where tags overlap, theirs can be read.
  const detections = [...result.detections].sort((a, b) => a.score - b.score);
  for (const { label, box } of detections) drawBox(context, label, scaled(box, scale), cssPixel);
  for (const detection of detections) drawTag(context, detection, scaled(detection.box, scale), cssPixel);
  if (showTrail) drawTrail(context, result, scale, cssPixel);
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

/** Dashed, as what moved is no detection yet; named within, where there is room and no tag of a box lies. */
function drawAlert(context: CanvasRenderingContext2D, kind: string, box: Box, cssPixel: number): void {
  context.setLineDash([ALERT_DASH * cssPixel, ALERT_DASH * cssPixel]);
  for (const [style, lineWidth] of [
    [OUTLINE, LINE_WIDTH + 2],
    [ALERT, LINE_WIDTH],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = lineWidth * cssPixel;
    context.strokeRect(box.x, box.y, box.width, box.height);
  }
  context.setLineDash([]);
  context.font = `600 ${SMALL_LABEL_SIZE * cssPixel}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  context.lineWidth = 3 * cssPixel;
  context.strokeStyle = OUTLINE;
  const padding = LABEL_PADDING * cssPixel;
  if (context.measureText(kind).width + 2 * padding > box.width) return;
  const [x, y] = [box.x + padding, box.y + box.height - padding];
  context.strokeText(kind, x, y);
  context.fillStyle = ALERT;
  context.fillText(kind, x, y);
}

/** Older is fainter; a ring where the eye is now. */
function drawTrail(
  context: CanvasRenderingContext2D,
  { scanPath = [] }: Result,
  scale: number,
  cssPixel: number,
): void {
  const places = scanPath.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
  context.lineCap = context.lineJoin = 'round';
  for (let i = 1; i < places.length; i++) {
    const [from, to] = [places[i - 1], places[i]];
    const freshness = i / (places.length - 1);
    for (const [style, lineWidth] of [
      [`rgb(6 8 12 / ${0.5 * freshness})`, TRAIL_WIDTH + 2],
      [`rgb(${TRAIL} / ${0.15 + 0.85 * freshness})`, TRAIL_WIDTH],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = lineWidth * cssPixel;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
  }
  const now = places.at(-1);
  if (!now) return;
  for (const [style, lineWidth] of [
    [OUTLINE, TRAIL_WIDTH + 3],
    [`rgb(${TRAIL})`, TRAIL_WIDTH + 0.5],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = lineWidth * cssPixel;
    context.beginPath();
    context.arc(now.x, now.y, FIXATION_RADIUS * cssPixel, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** Above the box, or within it where there is no room above; never over the canvas' edge. */
function drawTag(
  context: CanvasRenderingContext2D,
  { label, score, trackId, ageFrames }: Detection,
  box: Box,
  cssPixel: number,
): void {
  const narrow = context.canvas.width < NARROW * cssPixel;
  const name = trackId === undefined ? label : `${label} ${trackId}`;
  const more = ageFrames === undefined ? `${Math.round(score * 100)} %` : `· ${ageFrames}`;
  const text = narrow && ageFrames === undefined ? name : `${name} ${more}`;
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
