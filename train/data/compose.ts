/**
 * Copy-paste: a picture with people, poles and distractors pasted in where and as large as they could stand. Where:
 * feet on pavement or road, or behind a parked car; how large: the picture's perspective; how bright: as the light
 * at the new place is to that at the old one.
 */

import { between, normal, type Random } from '../random.ts';
import { SCENE_CLASS } from '../scenes/scene-class.ts';
import type { AugmentSettings } from './augment-settings.ts';
import { type Cutout, scaleCutout } from './cutouts.ts';
import { cutDistractor } from './distractors.ts';
import { PERSON_LABEL, POLE_LABEL, type TrueObject, type TruePicture } from './instances.ts';
import { PasteCanvas } from './paste.ts';
import { footRow, type Perspective, personHeight } from './perspective.ts';

/** What is pasted and where it comes from. */
export interface PasteStock {
  readonly people: readonly Cutout[];
  readonly poles: readonly Cutout[];
  /** Pictures that label everything: distractors are cut from them. */
  readonly donors: readonly TruePicture[];
}

/** Heights of pasted people, px. */
const PERSON_RANGE = [17, 110] as const;
const LONE_SHARE = 0.65;
const MOST_GROUP = 4;
/** Chance that a person stands at a pole, before or behind it; that a distractor is put over an object. */
const AT_POLE_SHARE = 0.25;
const OVER_OBJECT_SHARE = 0.35;
/** Chance to stand where a car or fence hides the feet. */
const BEHIND_CAR_SHARE = 0.2;
/** A person is in the road, not on the pavement, with this chance. */
const ROAD_SHARE = 0.3;
const PLACE_TRIES = 30;
const POLE_TRIES = 8;
/** Cut-outs may be enlarged by so much; more is softer than the picture. */
const MOST_ENLARGED = 1.2;
/** People differ in height by so much, as the logarithm's deviation. */
const HEIGHT_SPREAD = 0.08;
const LEAST_POLE_HEIGHT_PX = 18;
/** Shafts thinner than this are gone. */
const LEAST_SHAFT_PX = 1.2;
/** Share of the change of light that is taken over, and its limits. */
const LIGHT_SHARE = [0.4, 0.9] as const;
const LIGHT_LIMITS = [0.2, 2.5] as const;
/** Deviation of a thing's own brightness, of its logarithm. */
const BRIGHTNESS_SPREAD = 0.15;
/** Distractors made nearly black: door frames, bollards, gaps between cars. */
const BLACK_SHARE = 0.25;
const BLACK_GAIN = [0.1, 0.4] as const;

export function composePicture(
  picture: TruePicture,
  perspective: Perspective,
  stock: PasteStock,
  settings: AugmentSettings,
  random: Random,
): TruePicture {
  const scene = new Composer(new PasteCanvas(picture), perspective, stock, random);
  for (let i = count(settings.poles, random); i > 0; i--) scene.addPole();
  for (let i = count(settings.people, random); i > 0; i--) scene.addPeople();
  for (let i = count(settings.distractors, random); i > 0; i--) scene.addDistractor();
  return scene.canvas.picture();
}

/** A whole number with this mean, 0 to twice the mean. */
function count(mean: number, random: Random): number {
  const wanted = random() * 2 * mean;
  return Math.floor(wanted) + Number(random() < wanted % 1);
}

interface Spot {
  /** Column of the middle and row of the feet, px. */
  readonly x: number;
  readonly foot: number;
}

class Composer {
  readonly canvas: PasteCanvas;
  readonly #perspective: Perspective;
  readonly #stock: PasteStock;
  readonly #random: Random;

  constructor(canvas: PasteCanvas, perspective: Perspective, stock: PasteStock, random: Random) {
    this.canvas = canvas;
    this.#perspective = perspective;
    this.#stock = stock;
    this.#random = random;
  }

  /** A person, or a few side by side. */
  addPeople(): void {
    const random = this.#random;
    const height = this.#logUniform(...PERSON_RANGE);
    const spot = random() < AT_POLE_SHARE ? this.#spotAtPole() : this.#spotFor(height);
    if (!spot) return;
    const group = random() < LONE_SHARE ? 1 : 2 + Math.floor(random() * (MOST_GROUP - 1));
    let { x } = spot;
    for (let i = 0; i < group; i++) {
      const foot = spot.foot + between(random, -0.04, 0.04) * height * Number(i > 0);
      const tall = personHeight(this.#perspective, foot) * Math.exp(normal(random) * HEIGHT_SPREAD);
      const cutout = this.#pick(this.#stock.people);
      if (!cutout || tall < PERSON_RANGE[0] || tall / cutout.box.height > MOST_ENLARGED) continue;
      const width = this.#place(cutout, tall / cutout.box.height, { x, foot });
      x += width * between(random, 0.55, 1.3);
    }
  }

  /** A pole, lamp post or bollard, as high beside people as where it was. */
  addPole(): void {
    const random = this.#random;
    for (let i = 0; i < POLE_TRIES; i++) {
      const cutout = this.#pick(this.#stock.poles);
      const spot = this.#spotFor(this.#logUniform(PERSON_RANGE[0] * 0.8, PERSON_RANGE[1]));
      if (!cutout || !spot) return;
      const height =
        cutout.ratio * personHeight(this.#perspective, spot.foot) * Math.exp(normal(random) * HEIGHT_SPREAD);
      const scale = height / cutout.box.height;
      if (scale > MOST_ENLARGED || height < LEAST_POLE_HEIGHT_PX || scale * cutout.box.width < LEAST_SHAFT_PX)
        continue;
      this.#place(cutout, scale, spot);
      return;
    }
  }

  /** A piece that is nothing, where a person could stand or over a part of an object. */
  addDistractor(): void {
    const random = this.#random;
    const donor = this.#pick(this.#stock.donors);
    if (!donor) return;
    const { objects } = this.canvas;
    const over = random() < OVER_OBJECT_SHARE ? this.#pick(objects) : undefined;
    const height = over
      ? Math.max(8, over.box.height * between(random, 0.2, 0.6))
      : this.#logUniform(...PERSON_RANGE);
    const spot = over ? this.#spotOver(over) : this.#spotFor(height);
    const cutout = spot && cutDistractor(donor, height, random);
    if (!spot || !cutout) return;
    const black = random() < BLACK_SHARE ? between(random, ...BLACK_GAIN) : 1;
    this.#place(cutout, 1, spot, { inFront: over !== undefined, brightness: black });
  }

  /** Feet of a person of that height: on the ground, or hidden behind a car. */
  #spotFor(height: number): Spot | null {
    const random = this.#random;
    const foot = footRow(this.#perspective, height);
    const behind = random() < BEHIND_CAR_SHARE;
    const inRoad = random() < ROAD_SHARE;
    if (foot >= this.canvas.height + height / 2) return null;
    for (let i = 0; i < PLACE_TRIES; i++) {
      const spot = { x: random() * this.canvas.width, foot: foot + between(random, -0.06, 0.06) * height };
      const ground = this.canvas.classAt(spot.x, Math.min(spot.foot, this.canvas.height - 1));
      if (!this.canvas.classes) return spot;
      if (behind && (ground === SCENE_CLASS.car || ground === SCENE_CLASS.fence)) return spot;
      if (!behind && ground === SCENE_CLASS.pavement) return spot;
      if (!behind && inRoad && ground === SCENE_CLASS.road) return spot;
    }
    return null;
  }

  /** Just before or behind a pole that stands where people do. */
  #spotAtPole(): Spot | null {
    const random = this.#random;
    const pole = this.#pick(this.canvas.objects.filter(({ label }) => label === POLE_LABEL));
    if (!pole) return null;
    const { box } = pole;
    const at = personHeight(this.#perspective, box.y + box.height);
    if (at < PERSON_RANGE[0] || at > PERSON_RANGE[1]) return null;
    const aside = random() < 0.5 ? 0.15 : 0.45;
    return {
      x: box.x + box.width / 2 + normal(random) * aside * at,
      foot: box.y + box.height + between(random, -0.12, 0.12) * at,
    };
  }

  #spotOver({ box }: TrueObject): Spot {
    const random = this.#random;
    return {
      x: box.x + box.width * between(random, -0.1, 1.1),
      foot: box.y + box.height * between(random, 0.4, 1.1),
    };
  }

  /** Pastes a cut-out with its box's foot at the spot; its width there, px. */
  #place(cutout: Cutout, scale: number, spot: Spot, how = { inFront: false, brightness: 1 }): number {
    const random = this.#random;
    const scaled = scaleCutout(cutout, scale, random() < 0.5);
    const left = Math.round(spot.x - scaled.box.x - scaled.box.width / 2);
    const top = Math.round(spot.foot - scaled.box.y - scaled.box.height);
    const room = 0.3 * scaled.box.width + 2;
    const there = this.canvas.meanColour({
      x: left - room,
      y: top,
      width: scaled.width + 2 * room,
      height: scaled.height,
    });
    const share = between(random, ...LIGHT_SHARE);
    const brightness = how.brightness * Math.exp(normal(random) * BRIGHTNESS_SPREAD);
    const gain = there.map((value, c) => {
      const light = Math.min(
        LIGHT_LIMITS[1],
        Math.max(LIGHT_LIMITS[0], (value + 4) / (cutout.surround[c] + 4)),
      );
      return light ** share * brightness;
    });
    this.canvas.paste(scaled, { left, top, foot: spot.foot, gain, inFront: how.inFront });
    return scaled.box.width;
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  #logUniform(low: number, high: number): number {
    return Math.exp(between(this.#random, Math.log(low), Math.log(high)));
  }
}

/** Cut-outs sorted into a stock; rendered ones only where there are no others. */
export function pasteStock(
  cutouts: readonly { readonly cutout: Cutout; readonly synthetic: boolean }[],
  donors: readonly TruePicture[],
): PasteStock {
  const of = (label: number) => {
    const all = cutouts.filter(({ cutout }) => cutout.label === label);
    const real = all.filter(({ synthetic }) => !synthetic);
    return (real.length > 0 ? real : all).map(({ cutout }) => cutout);
  };
  return { people: of(PERSON_LABEL), poles: of(POLE_LABEL), donors };
}
