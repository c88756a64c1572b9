/**
 * Distractors: pieces of pictures that show neither person nor pole, as high and narrow as they are. Pasted like
 * people are, they make a pasted thing no cue in itself; many are tree trunks, car parts, signs, edges of buildings.
 */
import type { Box } from '../../src/result.ts';
import { between, type Random } from '../random.ts';
import { SCENE_CLASS } from '../scenes/scene-class.ts';
import { type Cutout, cutRegion, NO_LABEL } from './cutouts.ts';
import { NO_INSTANCE, type TruePicture, UNKNOWN_CLASS } from './instances.ts';

/** Width over height of people-like and pole-like pieces. */
const PERSON_ASPECT = [0.25, 0.55] as const;
const POLE_ASPECT = [0.05, 0.14] as const;
const POLE_LIKE_SHARE = 0.3;
const LEAST_WIDTH_PX = 4;
const TRIES = 12;
/** Classes that look like something: pieces of the others are mostly flat. */
const STRIKING = new Set<number>([
  SCENE_CLASS.tree,
  SCENE_CLASS.sign,
  SCENE_CLASS.fence,
  SCENE_CLASS.car,
  SCENE_CLASS.building,
]);
/** Tries that only take striking places. */
const STRIKING_TRIES = 8;
/** A piece that follows its class's outline has at least this share of its rectangle. */
const LEAST_OUTLINE_SHARE = 0.35;

/** A piece of about that height, or null where the picture has no room for one. */
export function cutDistractor(picture: TruePicture, heightPx: number, random: Random): Cutout | null {
  const [low, high] = random() < POLE_LIKE_SHARE ? POLE_ASPECT : PERSON_ASPECT;
  const aspect = between(random, low, high);
  const height = Math.min(Math.round(heightPx), picture.height - 2);
  const width = Math.max(LEAST_WIDTH_PX, Math.round(height * aspect));
  for (let i = 0; i < TRIES; i++) {
    const x = Math.floor(random() * (picture.width - width));
    const y = Math.floor(random() * (picture.height - height));
    const region = { x, y, width, height };
    const middle = classAt(picture, x + width / 2, y + height / 2);
    if (i < STRIKING_TRIES && !STRIKING.has(middle)) continue;
    if (!isEmpty(picture, region)) continue;
    const belongs = shape(picture, region, middle, random);
    return cutRegion(picture, region, belongs, { label: NO_LABEL, box: region, ratio: Number.NaN });
  }
  return null;
}

function classAt(picture: TruePicture, x: number, y: number): number {
  return picture.classes?.[Math.floor(y) * picture.width + Math.floor(x)] ?? UNKNOWN_CLASS;
}

/** No object and nothing unjudged in it. */
function isEmpty(picture: TruePicture, { x, y, width, height }: Box): boolean {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) {
      const p = row * picture.width + column;
      if (picture.instances[p] !== NO_INSTANCE) return false;
      // Of no class: prams, children and parked bikes are among them.
      if (picture.classes && picture.classes[p] === UNKNOWN_CLASS) return false;
    }
  }
  return true;
}

/** Which pixels of the region are taken: its class's outline, an ellipse, a rectangle, or a leaning shape. */
function shape(
  picture: TruePicture,
  region: Box,
  middle: number,
  random: Random,
): (pixel: number) => boolean {
  const u = (p: number) => (2 * ((p % picture.width) + 0.5 - region.x)) / region.width - 1;
  const v = (p: number) => (2 * (Math.floor(p / picture.width) + 0.5 - region.y)) / region.height - 1;
  const kind = random();
  if (kind < 0.4 && picture.classes) {
    const { classes } = picture;
    let same = 0;
    for (let y = region.y; y < region.y + region.height; y++) {
      for (let x = region.x; x < region.x + region.width; x++) {
        same += Number(classes[y * picture.width + x] === middle);
      }
    }
    if (same >= LEAST_OUTLINE_SHARE * region.width * region.height) return (p) => classes[p] === middle;
  }
  if (kind < 0.6) return (p) => u(p) ** 2 + v(p) ** 2 <= 1;
  if (kind < 0.8) return () => true;
  const taper = between(random, -0.5, 0.5);
  const bulge = between(random, 0, 0.5);
  return (p) => Math.abs(u(p)) <= 1 - Math.max(0, taper * v(p)) - bulge * Math.abs(v(p) - 0.3);
}
