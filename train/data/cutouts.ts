/**
 * Cut-outs: people and poles taken from pictures by their masks, to be pasted into others. Source: Ghiasi et al.,
 * Simple copy-paste is a strong data augmentation method for instance segmentation, CVPR 2021.
 */
import type { Box } from '../../src/result.ts';
import { SCENE_CLASS } from '../scenes/scene-class.ts';
import { isUnjudged, NO_INSTANCE, PERSON_LABEL, type TruePicture, UNKNOWN_CLASS } from './instances.ts';
import { type Perspective, personHeight } from './perspective.ts';

/** Values of a cut-out's truth: its own pixels, pixels that come along and are nothing, pixels not judged. */
export const OWN_PIXEL = 1;

/** Label of a cut-out that is no object. */
export const NO_LABEL = -1;

export interface Cutout {
  /** Label index or NO_LABEL. */
  readonly label: number;
  readonly width: number;
  readonly height: number;
  /** [height, width, 4]: colours and how much of them is the thing's, 0..255. */
  readonly rgba: Uint8Array;
  /** [height, width]: NO_INSTANCE, OWN_PIXEL, IGNORED_PIXEL or PART_PIXEL. */
  readonly truth: Uint8Array;
  /** [height, width]: scene classes. */
  readonly classes: Uint8Array;
  /** The box that the detector shall answer, px of the cut-out. */
  readonly box: Box;
  /** The box's height over that of a person standing at the same foot row; NaN where not known. */
  readonly ratio: number;
  /** Mean colour around the thing where it was, 0..255: its light. */
  readonly surround: readonly number[];
}

/** People are pasted up to 110 px high; more is not kept. */
const MOST_HEIGHT_PX = 150;
const LEAST_PERSON_PX = 28;
const LEAST_POLE_PX = 24;
/** Of a person's box, and of a shaft's rows: less is a thing mostly hidden. */
const LEAST_FILL = 0.3;
const LEAST_ROWS = 0.8;
/** Height over width of a person: less is a lower half hidden, or a bicycle. */
const LEAST_ASPECT = 1.15;
/** Room beside and above a shaft for its lamp arms and signs, and beside a person for soft edges, px. */
const POLE_ROOM = { side: 14, above: 12 };
const EDGE_ROOM = 2;
/** Rows of feet nearer to the horizon say nothing about size. */
const LEAST_PERSON_FOR_RATIO_PX = 12;

/** The objects of a picture with outlines that are whole and large enough to be pasted elsewhere. */
export function cutPicture(picture: TruePicture, perspective: Perspective): Cutout[] {
  if (!picture.outlined) return [];
  return picture.objects.flatMap(({ label }, index) => {
    const cutout = label === PERSON_LABEL ? cutPerson(picture, index) : cutPole(picture, index, perspective);
    return cutout ? [cutout] : [];
  });
}

function cutPerson(picture: TruePicture, index: number): Cutout | null {
  const { box } = picture.objects[index];
  const touches =
    box.x <= 1 || box.x + box.width >= picture.width - 1 || box.y + box.height >= picture.height - 1;
  if (touches || box.height < LEAST_PERSON_PX || box.height < LEAST_ASPECT * box.width) return null;
  const region = expand(picture, box, EDGE_ROOM, EDGE_ROOM, EDGE_ROOM);
  const cutout = cutRegion(picture, region, (p) => picture.instances[p] === index + 1, {
    label: PERSON_LABEL,
    box,
    ratio: 1,
  });
  return ownPixels(cutout) < LEAST_FILL * box.width * box.height ? null : shrink(cutout);
}

function cutPole(picture: TruePicture, index: number, perspective: Perspective): Cutout | null {
  const { box, label } = picture.objects[index];
  const touches =
    box.x <= 1 ||
    box.y <= 1 ||
    box.x + box.width >= picture.width - 1 ||
    box.y + box.height >= picture.height - 1;
  const person = personHeight(perspective, box.y + box.height);
  if (touches || box.height < LEAST_POLE_PX || person < LEAST_PERSON_FOR_RATIO_PX) return null;
  const region = expand(picture, box, POLE_ROOM.side, POLE_ROOM.above, EDGE_ROOM);
  const attached = attachedToShaft(picture, index, region);
  const cutout = cutRegion(picture, region, (p) => attached.has(p), {
    label,
    box,
    ratio: box.height / person,
  });
  let rows = 0;
  for (let y = 0; y < cutout.height; y++) {
    const row = cutout.truth.subarray(y * cutout.width, (y + 1) * cutout.width);
    if (row.includes(OWN_PIXEL)) rows++;
  }
  return rows < LEAST_ROWS * box.height ? null : shrink(cutout);
}

/** Pixels of the shaft, and of arms and signs that hang together with it. */
function attachedToShaft(picture: TruePicture, index: number, region: Box): Set<number> {
  const { width, instances, classes } = picture;
  const found = new Set<number>();
  const queue: number[] = [];
  const belongs = (p: number) =>
    instances[p] === index + 1 ||
    (isUnjudged(instances[p]) && classes?.[p] === SCENE_CLASS.pole) ||
    (instances[p] === NO_INSTANCE && classes?.[p] === SCENE_CLASS.sign);
  const visit = (x: number, y: number) => {
    if (x < region.x || y < region.y || x >= region.x + region.width || y >= region.y + region.height) return;
    const p = y * width + x;
    if (found.has(p) || !belongs(p)) return;
    found.add(p);
    queue.push(p);
  };
  forPixels(region, (x, y) => {
    if (instances[y * width + x] === index + 1) visit(x, y);
  });
  for (let p = queue.pop(); p !== undefined; p = queue.pop()) {
    const [x, y] = [p % width, Math.floor(p / width)];
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ])
      visit(x + dx, y + dy);
  }
  return found;
}

/** A rectangle of whole pixels around a box, within the picture. */
function expand(picture: TruePicture, box: Box, side: number, above: number, below: number): Box {
  const x = Math.max(0, Math.floor(box.x) - side);
  const y = Math.max(0, Math.floor(box.y) - above);
  return {
    x,
    y,
    width: Math.min(picture.width, Math.ceil(box.x + box.width) + side) - x,
    height: Math.min(picture.height, Math.ceil(box.y + box.height) + below) - y,
  };
}

function forPixels({ x, y, width, height }: Box, visit: (x: number, y: number) => void): void {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) visit(column, row);
  }
}

/**
 * The pixels of `region` (whole pixels, within the picture) that `belongs` says are the thing's.
 * @param what `box` in px of the picture
 */
export function cutRegion(
  picture: TruePicture,
  region: Box,
  belongs: (pixel: number) => boolean,
  what: Pick<Cutout, 'label' | 'box' | 'ratio'>,
): Cutout {
  const { x: left, y: top, width, height } = region;
  const alpha = new Uint8Array(width * height);
  const rgba = new Uint8Array(width * height * 4);
  const truth = new Uint8Array(width * height);
  const classes = new Uint8Array(width * height).fill(UNKNOWN_CLASS);
  const around = [0, 0, 0, 0];
  const within = [0, 0, 0];
  forPixels(region, (x, y) => {
    const p = y * picture.width + x;
    const to = (y - top) * width + (x - left);
    for (let c = 0; c < 3; c++) rgba[to * 4 + c] = picture.rgb[p * 3 + c];
    for (let c = 0; c < 3; c++) within[c] += picture.rgb[p * 3 + c];
    if (belongs(p)) {
      alpha[to] = 255;
      const instance = picture.instances[p];
      truth[to] = what.label === NO_LABEL || instance === NO_INSTANCE ? NO_INSTANCE : OWN_PIXEL;
      if (isUnjudged(instance)) truth[to] = instance;
      const otherwise = what.label === PERSON_LABEL ? SCENE_CLASS.pedestrian : UNKNOWN_CLASS;
      classes[to] = picture.classes?.[p] ?? otherwise;
    } else {
      for (let c = 0; c < 3; c++) around[c] += picture.rgb[p * 3 + c];
      around[3]++;
    }
  });
  soften(alpha, width, height, rgba);
  const box = { ...what.box, x: what.box.x - left, y: what.box.y - top };
  const surround = [0, 1, 2].map((c) => (around[3] ? around[c] / around[3] : within[c] / (width * height)));
  return { ...what, box, width, height, rgba, truth, classes, surround };
}

/** Writes alpha, blurred a little, so that edges are as soft as a camera's. */
function soften(alpha: Uint8Array, width: number, height: number, rgba: Uint8Array): void {
  const stride = width + 2;
  const padded = new Uint8Array(stride * (height + 2));
  for (let y = 0; y < height; y++) {
    padded.set(alpha.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1);
  }
  for (let y = 0, to = 3; y < height; y++) {
    for (let x = 0, p = (y + 1) * stride + 1; x < width; x++, p++, to += 4) {
      const cross = padded[p - 1] + padded[p + 1] + padded[p - stride] + padded[p + stride];
      const corners =
        padded[p - stride - 1] + padded[p - stride + 1] + padded[p + stride - 1] + padded[p + stride + 1];
      rgba[to] = Math.round((8 * padded[p] + 1.5 * cross + 0.5 * corners) / 16);
    }
  }
}

function ownPixels({ truth }: Cutout): number {
  return truth.reduce((sum, value) => sum + Number(value === OWN_PIXEL), 0);
}

/** Large cut-outs are kept at the size that they are pasted at, to save memory. */
function shrink(cutout: Cutout): Cutout {
  const scale = MOST_HEIGHT_PX / cutout.height;
  return scale < 1 ? scaleCutout(cutout, scale, false) : cutout;
}

/** A cut-out in another size, each pixel the mean of what it covers (bilinear where it grows), mirrored or not. */
export function scaleCutout(cutout: Cutout, scale: number, mirrored: boolean): Cutout {
  const width = Math.max(1, Math.round(cutout.width * scale));
  const height = Math.max(1, Math.round(cutout.height * scale));
  const columns = taps(width, cutout.width, mirrored);
  const rows = taps(height, cutout.height, false);
  const rgba = new Uint8Array(width * height * 4);
  const truth = new Uint8Array(width * height);
  const classes = new Uint8Array(width * height);
  const from = cutout.rgba;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let i = rows.start[y]; i < rows.start[y + 1]; i++) {
        const row = rows.source[i] * cutout.width;
        const high = rows.weight[i];
        for (let j = columns.start[x]; j < columns.start[x + 1]; j++) {
          const at = (row + columns.source[j]) * 4;
          // Clear pixels lend their colour only where nothing else does.
          const visible = high * columns.weight[j] * (from[at + 3] + 1e-3);
          r += from[at] * visible;
          g += from[at + 1] * visible;
          b += from[at + 2] * visible;
          a += visible;
        }
      }
      rgba[to * 4] = r / a + 0.5;
      rgba[to * 4 + 1] = g / a + 0.5;
      rgba[to * 4 + 2] = b / a + 0.5;
      rgba[to * 4 + 3] = Math.min(255, a + 0.5);
      const nearest = rows.nearest[y] * cutout.width + columns.nearest[x];
      truth[to] = cutout.truth[nearest];
      classes[to] = cutout.classes[nearest];
    }
  }
  const { box } = cutout;
  const [factorX, factorY] = [width / cutout.width, height / cutout.height];
  const left = mirrored ? cutout.width - box.x - box.width : box.x;
  const scaled = {
    x: left * factorX,
    y: box.y * factorY,
    width: box.width * factorX,
    height: box.height * factorY,
  };
  return { ...cutout, width, height, rgba, truth, classes, box: scaled };
}

/** Source pixels of each target pixel along one side, from start[t] to start[t + 1]; their weights add to 1. */
interface Taps {
  readonly start: Int32Array;
  readonly source: number[];
  readonly weight: number[];
  readonly nearest: Int32Array;
}

function taps(count: number, sourceCount: number, mirrored: boolean): Taps {
  const step = sourceCount / count;
  const start = new Int32Array(count + 1);
  const nearest = new Int32Array(count);
  const source: number[] = [];
  const weight: number[] = [];
  for (let t = 0; t < count; t++) {
    const centre = ((mirrored ? count - 1 - t : t) + 0.5) * step;
    const reach = step < 1 ? 1 : step / 2;
    const first = Math.max(0, Math.floor(centre - reach));
    const last = Math.min(sourceCount - 1, Math.ceil(centre + reach) - 1);
    const share = (s: number) =>
      step < 1
        ? 1 - Math.abs(s + 0.5 - centre)
        : Math.min(s + 1, centre + reach) - Math.max(s, centre - reach);
    let sum = 0;
    for (let s = first; s <= last; s++) sum += Math.max(1e-6, share(s));
    for (let s = first; s <= last; s++) {
      source.push(s);
      weight.push(Math.max(1e-6, share(s)) / sum);
    }
    start[t + 1] = source.length;
    nearest[t] = Math.min(sourceCount - 1, Math.floor(centre));
  }
  return { start, source, weight, nearest };
}
