/**
 * Pasting into a copy of a picture: colours, instances and scene classes move together, and what is covered is
 * covered. Boxes are of what stays visible, as CamVid's are; too little of it is not judged.
 */
import type { Box } from '../../src/result.ts';
import { SCENE_CLASS } from '../scenes/scene-class.ts';
import type { Cutout } from './cutouts.ts';
import { NO_LABEL, OWN_PIXEL } from './cutouts.ts';
import {
  IGNORED_PIXEL,
  isUnjudged,
  MAX_INSTANCES,
  NO_INSTANCE,
  PERSON_LABEL,
  type TrueObject,
  type TruePicture,
  UNKNOWN_CLASS,
} from './instances.ts';

/** Where and how a cut-out is pasted; it has its final size. */
export interface Placement {
  /** Column and row of the picture that the cut-out's first pixel falls on. */
  readonly left: number;
  readonly top: number;
  /** Row of the feet: what stands nearer covers it. */
  readonly foot: number;
  /** A factor for each colour. */
  readonly gain: readonly number[];
  /** Covers whatever is there, however near. */
  readonly inFront: boolean;
}

/** From this share on, of 255, a pixel is the pasted thing's. */
const OWN_ALPHA = 128;
/** Feet must be nearer by so much to cover, px. */
const NEARER_PX = 2;
/** An object that keeps less of its pixels, or fewer rows, is not judged: the data form's own limits. */
const LEAST_LEFT = 0.35;
const LEAST_HEIGHT_PX = 16;
const LEAST_PIXELS = { person: 40, pole: 12 };

interface PlacedObject extends TrueObject {
  readonly foot: number;
  /** Pixels of the whole thing; of the picture's own objects counted where it matters. */
  readonly pixels?: number;
}

export class PasteCanvas {
  readonly width: number;
  readonly height: number;
  readonly #source: TruePicture;
  readonly rgb: Uint8Array;
  readonly instances: Uint8Array;
  readonly classes: Uint8Array | undefined;
  readonly #objects: PlacedObject[];
  /** By instance: 1 where its pixels have changed. */
  readonly #touched = new Uint8Array(256);

  constructor(picture: TruePicture) {
    this.#source = picture;
    this.width = picture.width;
    this.height = picture.height;
    this.rgb = picture.rgb.slice();
    this.instances = picture.instances.slice();
    this.classes = picture.classes?.slice();
    this.#objects = picture.objects.map((object) => ({ ...object, foot: object.box.y + object.box.height }));
  }

  get objects(): readonly TrueObject[] {
    return this.#objects;
  }

  /** Mean colour of a rectangle, 0..255, from every second pixel. */
  meanColour({ x, y, width, height }: Box): number[] {
    const sum = [0, 0, 0, 0];
    for (let row = Math.max(0, Math.floor(y)); row < Math.min(this.height, y + height); row += 2) {
      for (let column = Math.max(0, Math.floor(x)); column < Math.min(this.width, x + width); column += 2) {
        const p = (row * this.width + column) * 3;
        for (let c = 0; c < 3; c++) sum[c] += this.rgb[p + c];
        sum[3]++;
      }
    }
    return [0, 1, 2].map((c) => (sum[3] ? sum[c] / sum[3] : 128));
  }

  /** Class of a pixel; UNKNOWN_CLASS outside or where none is known. */
  classAt(x: number, y: number): number {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (!this.classes || column < 0 || row < 0 || column >= this.width || row >= this.height)
      return UNKNOWN_CLASS;
    return this.classes[row * this.width + column];
  }

  /** Pastes a cut-out; false where it would be one object too many. */
  paste(cutout: Cutout, place: Placement): boolean {
    const isObject = cutout.label !== NO_LABEL;
    if (isObject && this.#objects.length >= MAX_INSTANCES) return false;
    const mine = this.#objects.length + 1;
    const x0 = Math.max(0, -place.left);
    const x1 = Math.min(cutout.width, this.width - place.left);
    const y1 = Math.min(cutout.height, this.height - place.top);
    let own = 0;
    for (let x = x0; x < x1; x++) {
      const bottom = place.inFront
        ? y1
        : Math.min(y1, this.#hiddenFrom(place.left + x, place.foot) - place.top);
      for (let y = Math.max(0, -place.top); y < bottom; y++) {
        const from = y * cutout.width + x;
        const alpha = cutout.rgba[from * 4 + 3];
        if (alpha === 0) continue;
        const to = (place.top + y) * this.width + place.left + x;
        const there = this.instances[to];
        if (!place.inFront && this.#isNearer(there, place.foot)) continue;
        for (let c = 0; c < 3; c++) {
          const colour = Math.min(255, cutout.rgba[from * 4 + c] * place.gain[c]);
          const under = this.rgb[to * 3 + c];
          this.rgb[to * 3 + c] = under + ((colour - under) * alpha) / 255 + 0.5;
        }
        if (alpha < OWN_ALPHA) continue;
        const truth = cutout.truth[from];
        this.#touched[there] = 1;
        this.instances[to] =
          truth === OWN_PIXEL && isObject ? mine : truth === OWN_PIXEL ? NO_INSTANCE : truth;
        if (truth === OWN_PIXEL) own++;
        if (this.classes) this.classes[to] = cutout.classes[from];
      }
    }
    if (!isObject) return true;
    this.#touched[mine] = 1;
    const all = cutout.truth.reduce((sum, value) => sum + Number(value === OWN_PIXEL), 0);
    const { box } = cutout;
    this.#objects.push({
      label: cutout.label,
      box: { ...box, x: box.x + place.left, y: box.y + place.top },
      foot: place.foot,
      // Of the whole thing, so that one pasted behind others is judged by how much of it they leave.
      pixels: Math.max(own, all),
    });
    return true;
  }

  #isNearer(instance: number, foot: number): boolean {
    if (instance === NO_INSTANCE || isUnjudged(instance)) return false;
    return this.#objects[instance - 1].foot > foot + NEARER_PX;
  }

  /** Row from which a car or fence that stands before a foot at this row hides what is behind it, in one column. */
  #hiddenFrom(x: number, foot: number): number {
    let row = Math.min(this.height - 1, Math.round(foot));
    const hides = (value: number) => value === SCENE_CLASS.car || value === SCENE_CLASS.fence;
    if (!hides(this.classAt(x, row))) return this.height;
    while (row > 0 && hides(this.classAt(x, row - 1))) row--;
    return row;
  }

  /** The picture as it is now: boxes of what is visible, leftovers not judged. */
  picture(): TruePicture {
    const objects = this.#objects.map((object, i) => this.#judged(object, i + 1));
    const { rgb, instances, classes } = this;
    return { ...this.#source, rgb, instances, classes, objects };
  }

  #judged({ label, box, pixels }: PlacedObject, instance: number): TrueObject {
    if (!this.#touched[instance]) return { label, box };
    const all = pixels ?? measure(this.#source.instances, this.#source, instance, box).pixels;
    const { x0, y0, x1, y1, pixels: left } = measure(this.instances, this, instance, box);
    const least = label === PERSON_LABEL ? LEAST_PIXELS.person : LEAST_PIXELS.pole;
    const visible = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    if (left >= Math.max(least, LEAST_LEFT * all) && visible.height >= LEAST_HEIGHT_PX) {
      return { label, box: visible };
    }
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const p = y * this.width + x;
        if (this.instances[p] === instance) this.instances[p] = IGNORED_PIXEL;
      }
    }
    return { label, hidden: true, box: left > 0 ? visible : box };
  }
}

/** Number and bounds of an instance's pixels, all of which lie in `box`. */
function measure(
  instances: Uint8Array,
  { width, height }: { width: number; height: number },
  instance: number,
  box: Box,
) {
  const found = { x0: width, y0: height, x1: 0, y1: 0, pixels: 0 };
  const right = Math.min(width, Math.ceil(box.x + box.width) + 1);
  const bottom = Math.min(height, Math.ceil(box.y + box.height) + 1);
  for (let y = Math.max(0, Math.floor(box.y) - 1); y < bottom; y++) {
    for (let x = Math.max(0, Math.floor(box.x) - 1); x < right; x++) {
      if (instances[y * width + x] !== instance) continue;
      found.x0 = Math.min(found.x0, x);
      found.x1 = Math.max(found.x1, x + 1);
      found.y0 = Math.min(found.y0, y);
      found.y1 = Math.max(found.y1, y + 1);
      found.pixels++;
    }
  }
  return found;
}
