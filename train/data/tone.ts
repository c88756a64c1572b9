/**
 * Light, colour and sharpness of a view. No kind of corruption that must stay unseen (TESTED_ONLY_KINDS of
 * corruptions/index.ts) is among them.
 */
import { between, normal, type Random } from '../random.ts';
import type { AugmentSettings } from './augment-settings.ts';
import { type ColourTables, NOISE_TABLE_SIZE, type ViewImage } from './view-image.ts';

/** Changes an image's colours (0..255) in place and scales them to [-1, 1]. */
export type Tone = (image: ViewImage) => void;

/** Greatest standard deviation of the noise, of 0..1. */
const MOST_NOISE = 0.035;
/** Street light: gamma, gain, and how much less green and blue than red. */
const DUSK = { gamma: [1.2, 1.9], gain: [0.5, 1], warmth: [0, 0.25] } as const;
/** Exposure: gains, drawn evenly in their logarithm; dark ones are what a camera that is led by the sky makes. */
const EXPOSURE = [0.15, 1.2] as const;
/** Light and shadow: gains at the knots of a grid of so many a side, log-normal of this deviation, within a range. */
const SHADE = { knots: [2, 4], deviation: 0.4, range: [0.15, 4] } as const;
/** Brighter than this a view may be darkened to dusk: others are dark already. */
const DUSK_LEAST_MEAN = 0.28;
/** Length of the camera's motion, px, and share of it that is along the street. */
const MOTION_PX = [2, 6] as const;
const SOFT_SHARE = [0.2, 1] as const;
const SHARP_SHARE = [0.2, 0.9] as const;

const PLAIN = Float32Array.from({ length: 256 }, (_, v) => v / 127.5 - 1);

/** The colours as they are, in the network's range. */
export const plainTone: Tone = (image) => image.tone([PLAIN, PLAIN, PLAIN]);

/** Random blur or sharpness, gamma, contrast about the view's mean, brightness, colour cast, partial grey, noise. */
export function randomTone(random: Random, settings: AugmentSettings): Tone {
  const filter = randomFilter(random, settings);
  const gamma = Math.exp(normal(random) * 0.25);
  const contrast = Math.exp(normal(random) * 0.15);
  const brightness = normal(random) * 0.05;
  const cast = [0, 0, 0].map(() => Math.exp(normal(random) * 0.05));
  const grey = random() < 0.4 ? random() * 0.6 : 0;
  const noise = random() < 0.5 ? random() * MOST_NOISE * 2 : 0;
  const noiseStart = Math.floor(random() * NOISE_TABLE_SIZE);
  const dusk = random() < settings.duskShare ? randomDusk(random) : null;
  const exposure = random() < settings.exposureShare ? logBetween(random, ...EXPOSURE) : 1;
  const shade = random() < settings.shadeShare ? randomShade(random) : null;
  const order = random() < settings.swapShare ? randomOrder(random) : null;
  return (image) => {
    filter(image);
    if (shade) image.shade(shade.gains, shade.columns);
    if (order) image.reorder(order);
    const dark = dusk && image.meanGreen() / 255 > DUSK_LEAST_MEAN ? dusk : null;
    const exponent = gamma * (dark?.gamma ?? 1);
    const powers = Float32Array.from({ length: 256 }, (_, v) => (v / 255) ** exponent * (dark?.gain ?? 1));
    const mean = image.meanGreen(powers);
    const tables = cast.map((factor, c) =>
      powers.map((v) => {
        const value = ((v - mean) * contrast + mean + brightness * (dark?.gain ?? 1)) * factor;
        return Math.max(0, Math.min(1, value * (dark?.cast[c] ?? 1) * exposure)) * 2 - 1;
      }),
    );
    // The sensor's noise is exposed like the rest.
    image.tone(tables as unknown as ColourTables, grey, noise * Math.min(1, exposure), noiseStart);
  };
}

function logBetween(random: Random, least: number, most: number): number {
  return Math.exp(between(random, Math.log(least), Math.log(most)));
}

function randomShade(random: Random): { gains: Float32Array; columns: number } {
  const [least, most] = SHADE.knots;
  const [columns, rows] = [0, 1].map(() => Math.floor(between(random, least, most + 1)));
  const gains = Float32Array.from({ length: columns * rows }, () =>
    Math.min(SHADE.range[1], Math.max(SHADE.range[0], Math.exp(normal(random) * SHADE.deviation))),
  );
  return { gains, columns };
}

/** The three channels in a random order. */
function randomOrder(random: Random): [number, number, number] {
  const first = Math.floor(random() * 3);
  const step = random() < 0.5 ? 1 : 2;
  return [first, (first + step) % 3, (first + 2 * step) % 3];
}

function randomDusk(random: Random): { gamma: number; gain: number; cast: readonly number[] } {
  const warmth = between(random, ...DUSK.warmth);
  return {
    gamma: between(random, ...DUSK.gamma),
    gain: between(random, ...DUSK.gain),
    cast: [1, 1 - warmth / 2, 1 - warmth],
  };
}

/** At most one of: motion along the rows, a soft picture, a sharpened one. */
function randomFilter(random: Random, settings: AugmentSettings): Tone {
  const kind = random();
  const { motionShare, softShare, sharpShare } = settings;
  if (kind < motionShare) {
    const reach = Math.round(between(random, ...MOTION_PX));
    return (image) => image.blurRows(reach);
  }
  if (kind < motionShare + softShare) {
    const share = between(random, ...SOFT_SHARE);
    return (image) => image.sharpen(-share);
  }
  if (kind < motionShare + softShare + sharpShare) {
    const share = between(random, ...SHARP_SHARE);
    return (image) => image.sharpen(share);
  }
  return () => {};
}
