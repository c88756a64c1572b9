/** Random views of a picture: place, size, mirror, light, colour, noise. All from the seed's numbers. */
import { FRAME_CHANNELS } from '../../src/network/spec.ts';
import { between, normal, type Random } from '../random.ts';
import type { TruePicture } from './instances.ts';

/** Where a view's pixel (x, y) comes from: picture x = (mirrored ? viewWidth - 1 - x : x) * stepX + offsetX. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly mirrored: boolean;
}

const SCALE_RANGE = [0.75, 1.6] as const;
/** Pictures count as this high at scale 1, so that sets of different sizes show things equally large. */
const NOMINAL_HEIGHT_PX = 360;
const ASPECT_RANGE = [0.9, 1.1] as const;

/** Share of views that show the picture's own pixels, unscaled: scaled ones are softer than what a camera gives. */
const SHARP_SHARE = 0.5;

/** A random view of `width` x `height` px; what lies outside the picture is grey. */
export function randomView(picture: TruePicture, width: number, height: number, random: Random): View {
  const nominal = NOMINAL_HEIGHT_PX / picture.height;
  const scale = Math.exp(between(random, Math.log(SCALE_RANGE[0]), Math.log(SCALE_RANGE[1]))) * nominal;
  const aspect = between(random, ...ASPECT_RANGE);
  const stepX = 1 / (scale * aspect);
  const stepY = aspect / scale;
  const roomX = picture.width - width * stepX;
  const roomY = picture.height - height * stepY;
  if (random() < SHARP_SHARE && picture.height === NOMINAL_HEIGHT_PX) {
    return {
      ...{ width, height, stepX: 1, stepY: 1 },
      offsetX: Math.round((picture.width - width) * random()),
      offsetY: Math.round((picture.height - height) * between(random, 0.2, 0.8)),
      mirrored: random() < 0.5,
    };
  }
  return {
    width,
    height,
    stepX,
    stepY,
    offsetX: roomX * random(),
    offsetY: roomY * between(random, 0.2, 0.8),
    mirrored: random() < 0.5,
  };
}

/** Heights of people in street frames, px: the 5th and 95th percentile of CamVid's. */
const PERSON_HEIGHT_RANGE = [18, 100] as const;
/** A small view shows at most so much of itself beyond the picture's edges. */
const LEAST_COVER = 0.85;

/** A view around a random object of the picture, at the size that people have in street frames. */
export function peopleView(picture: TruePicture, width: number, height: number, random: Random): View {
  const wanted = Math.exp(between(random, ...(PERSON_HEIGHT_RANGE.map(Math.log) as [number, number])));
  const object = picture.objects[Math.floor(random() * picture.objects.length)];
  const covering = LEAST_COVER * Math.max(width / picture.width, height / picture.height);
  const scale = Math.min(SCALE_RANGE[1], Math.max(covering, object ? wanted / object.box.height : 0));
  const aspect = between(random, ...ASPECT_RANGE);
  const stepX = 1 / (scale * aspect);
  const stepY = aspect / scale;
  // The object's centre falls anywhere in the middle half; the view stays within the picture where it can.
  const centreX = object ? object.box.x + object.box.width / 2 : picture.width * random();
  const centreY = object ? object.box.y + object.box.height / 2 : picture.height * random();
  const within = (centre: number, length: number, room: number) => {
    const offset = centre - length * between(random, 0.25, 0.75);
    return room > 0 ? Math.min(room, Math.max(0, offset)) : room / 2;
  };
  return {
    width,
    height,
    stepX,
    stepY,
    offsetX: within(centreX, width * stepX, picture.width - width * stepX),
    offsetY: within(centreY, height * stepY, picture.height - height * stepY),
    mirrored: random() < 0.5,
  };
}

/** Column and row of the picture that pixel (x, y) of the view shows, as fractions. */
export function sourceX(view: View, x: number): number {
  return (view.mirrored ? view.width - 1 - x : x) * view.stepX + view.offsetX + (view.stepX - 1) / 2;
}

export function sourceY(view: View, y: number): number {
  return y * view.stepY + view.offsetY + (view.stepY - 1) / 2;
}

/** The network's y of a view's row: where the row lies in the whole picture, as if the view were part of a frame. */
export function pictureY(picture: TruePicture, view: View, y: number): number {
  return (2 * (sourceY(view, y) + 0.5)) / picture.height - 1;
}

/** The network's |x| of a view's column, likewise. */
export function pictureAbsoluteX(picture: TruePicture, view: View, x: number): number {
  return Math.abs((2 * (sourceX(view, x) + 0.5)) / picture.width - 1);
}

/** From this step on a view's pixel averages the picture's pixels that it covers; below, bilinear is enough. */
const AREA_STEP = 1.5;

/**
 * The view's frame tensor [height, width, 4] (R G B in [-1, 1], y), written into `out` at `offset`; what lies
 * outside the picture is black before `tone`, which changes each colour (0..255) on the way.
 */
export function renderView(
  picture: TruePicture,
  view: View,
  tone: Tone,
  out: Float32Array,
  offset: number,
): void {
  const sample = Math.max(view.stepX, view.stepY) >= AREA_STEP ? sampleArea : sampleBilinear;
  let to = offset;
  for (let y = 0; y < view.height; y++) {
    const sy = sourceY(view, y);
    const coordinate = pictureY(picture, view, y);
    for (let x = 0; x < view.width; x++, to += FRAME_CHANNELS) {
      sample(picture, view, sourceX(view, x), sy, out, to);
      out[to + 3] = coordinate;
    }
  }
  tone(out, offset, view.width * view.height);
}

type Sampler = (
  picture: TruePicture,
  view: View,
  sx: number,
  sy: number,
  out: Float32Array,
  to: number,
) => void;

const sampleBilinear: Sampler = ({ width, height, rgb }, _, sx, sy, out, to) => {
  const x0 = Math.floor(sx);
  const y0 = Math.floor(sy);
  if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) {
    out[to] = out[to + 1] = out[to + 2] = 0;
    return;
  }
  const fx = sx - x0;
  const fy = sy - y0;
  const xa = Math.max(x0, 0);
  const xb = Math.min(x0 + 1, width - 1);
  const ya = Math.max(y0, 0) * width;
  const yb = Math.min(y0 + 1, height - 1) * width;
  const [p00, p01, p10, p11] = [(ya + xa) * 3, (ya + xb) * 3, (yb + xa) * 3, (yb + xb) * 3];
  for (let c = 0; c < 3; c++) {
    const top = rgb[p00 + c] + (rgb[p01 + c] - rgb[p00 + c]) * fx;
    const bottom = rgb[p10 + c] + (rgb[p11 + c] - rgb[p10 + c]) * fx;
    out[to + c] = top + (bottom - top) * fy;
  }
};

/** The mean of the picture's pixels under the view's pixel. */
const sampleArea: Sampler = ({ width, height, rgb }, view, sx, sy, out, to) => {
  const x0 = Math.max(0, Math.ceil(sx - view.stepX / 2));
  const x1 = Math.min(width - 1, Math.floor(sx + view.stepX / 2));
  const y0 = Math.max(0, Math.ceil(sy - view.stepY / 2));
  const y1 = Math.min(height - 1, Math.floor(sy + view.stepY / 2));
  let [r, g, b] = [0, 0, 0];
  for (let y = y0; y <= y1; y++) {
    for (let x = x0, p = (y * width + x0) * 3; x <= x1; x++, p += 3) {
      r += rgb[p];
      g += rgb[p + 1];
      b += rgb[p + 2];
    }
  }
  const count = Math.max(1, (x1 - x0 + 1) * (y1 - y0 + 1));
  out[to] = r / count;
  out[to + 1] = g / count;
  out[to + 2] = b / count;
};

/** Changes `pixels` colours (0..255 floats at stride 4) in place and scales them to [-1, 1]. */
export type Tone = (out: Float32Array, offset: number, pixels: number) => void;

/** Numbers drawn once a view; a power of two. */
const NOISE_TABLE_SIZE = 4096;
/** Greatest standard deviation of the noise, of 0..1. */
const MOST_NOISE = 0.035;

/** The colours as they are, in the network's range. */
export const plainTone: Tone = (out, offset, pixels) => {
  for (let p = 0, i = offset; p < pixels; p++, i += FRAME_CHANNELS) {
    for (let c = 0; c < 3; c++) out[i + c] = out[i + c] / 127.5 - 1;
  }
};

/** Random gamma, contrast about the view's mean, brightness, colour cast, partial grey and noise. */
export function randomTone(random: Random): Tone {
  const gamma = Math.exp(normal(random) * 0.25);
  const contrast = Math.exp(normal(random) * 0.15);
  const brightness = normal(random) * 0.05;
  const cast = [0, 0, 0].map(() => Math.exp(normal(random) * 0.05));
  const grey = random() < 0.4 ? random() * 0.6 : 0;
  const noise = random() < 0.5 ? random() * MOST_NOISE : 0;
  const noiseTable = Float32Array.from({ length: NOISE_TABLE_SIZE }, () => normal(random) * noise * 2);
  return (out, offset, pixels) => {
    const powers = Float32Array.from({ length: 256 }, (_, v) => (v / 255) ** gamma);
    let mean = 0;
    for (let p = 0, i = offset; p < pixels; p++, i += FRAME_CHANNELS) mean += powers[(out[i + 1] + 0.5) | 0];
    mean /= pixels;
    const tables = cast.map((factor) =>
      powers.map(
        (v) => Math.max(0, Math.min(1, ((v - mean) * contrast + mean + brightness) * factor)) * 2 - 1,
      ),
    );
    for (let p = 0, i = offset; p < pixels; p++, i += FRAME_CHANNELS) {
      const r = tables[0][(out[i] + 0.5) | 0];
      const g = tables[1][(out[i + 1] + 0.5) | 0];
      const b = tables[2][(out[i + 2] + 0.5) | 0];
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      const at = noise > 0 ? (Math.imul(p, 0x9e3779b1) ^ (p >>> 7)) & (NOISE_TABLE_SIZE - 1) : 0;
      out[i] = r + (luma - r) * grey + noiseTable[at];
      out[i + 1] = g + (luma - g) * grey + noiseTable[(at + 1367) & (NOISE_TABLE_SIZE - 1)];
      out[i + 2] = b + (luma - b) * grey + noiseTable[(at + 2741) & (NOISE_TABLE_SIZE - 1)];
    }
  };
}
