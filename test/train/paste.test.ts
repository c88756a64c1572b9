/** Copy-paste: what is pasted is labelled where its pixels are, and what is covered is covered. */
import { describe, expect, it } from 'vitest';
import { AUGMENTS } from '../../train/data/augment-settings.ts';
import { composePicture, pasteStock } from '../../train/data/compose.ts';
import { type Cutout, cutPicture, scaleCutout } from '../../train/data/cutouts.ts';
import { IGNORED_PIXEL, type TrueObject, type TruePicture } from '../../train/data/instances.ts';
import { PasteCanvas } from '../../train/data/paste.ts';
import { fitPerspectives, personHeight } from '../../train/data/perspective.ts';
import { emptyTargets, fillTargets } from '../../train/data/targets.ts';
import { mixPictures } from '../../train/loop/mix.ts';
import { seededRandom } from '../../train/random.ts';
import { SCENE_CLASS } from '../../train/scenes/scene-class.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const [WIDTH, HEIGHT] = [320, 240];
const HORIZON = 80;
const [PERSON, POLE] = [0, 1];
const PLAIN = { gain: [1, 1, 1], inFront: false };

/** A street: building above the horizon, pavement below it, and these boxes of objects, each of one colour. */
function street(objects: readonly TrueObject[], colour = 200): TruePicture {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3).fill(100);
  const instances = new Uint8Array(WIDTH * HEIGHT);
  const classes = new Uint8Array(WIDTH * HEIGHT);
  for (let p = 0; p < classes.length; p++) {
    classes[p] = p < HORIZON * WIDTH ? SCENE_CLASS.building : SCENE_CLASS.pavement;
  }
  objects.forEach(({ label, box }, i) => {
    for (let y = box.y; y < box.y + box.height; y++) {
      for (let x = box.x; x < box.x + box.width; x++) {
        const p = y * WIDTH + x;
        rgb.fill(colour, p * 3, p * 3 + 3);
        instances[p] = i + 1;
        classes[p] = label === PERSON ? SCENE_CLASS.pedestrian : SCENE_CLASS.pole;
      }
    }
  });
  return {
    ...{ width: WIDTH, height: HEIGHT, rgb, instances, classes, objects },
    labelled: [true, true],
    outlined: true,
  };
}

function person(x: number, foot: number, height: number): TrueObject {
  return { label: PERSON, box: { x, y: foot - height, width: Math.round(height / 3), height } };
}

function pole(x: number, foot: number, height: number): TrueObject {
  return { label: POLE, box: { x, y: foot - height, width: 4, height } };
}

/** The only cut-out of a street with one object. */
function cutOf(object: TrueObject): Cutout {
  const picture = street([object]);
  const [cutout] = cutPicture(picture, { horizon: HORIZON, growth: 1 });
  return cutout;
}

/** Bounds of an instance's pixels as a box. */
function boundsOf({ instances }: TruePicture, instance: number) {
  const xs: number[] = [];
  const ys: number[] = [];
  instances.forEach((value, p) => {
    if (value !== instance) return;
    xs.push(p % WIDTH);
    ys.push(Math.floor(p / WIDTH));
  });
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) + 1 - x, height: Math.max(...ys) + 1 - y };
}

/** Pastes with the box's left top corner there. */
function pasteAt(canvas: PasteCanvas, cutout: Cutout, x: number, y: number, how = PLAIN): void {
  const [left, top] = [Math.round(x - cutout.box.x), Math.round(y - cutout.box.y)];
  canvas.paste(cutout, { ...how, left, top, foot: y + cutout.box.height });
}

describe('copy-paste', () => {
  it('a cut-out keeps its box through scaling and mirroring', () => {
    const cutout = cutOf(person(100, 200, 90));
    expect(cutout.box).toMatchObject({ width: 30, height: 90 });
    const half = scaleCutout(cutout, 0.5, true);
    const own = half.truth.reduce((sum, value) => sum + Number(value === 1), 0);
    expect(half.box.height).toBeCloseTo(45, 0);
    expect(own).toBeGreaterThan(0.85 * half.box.width * half.box.height);
    expect(own).toBeLessThan(1.15 * half.box.width * half.box.height);
  });

  it('pixels, instance, class, box and target cells of a pasted person lie at the same place', () => {
    const empty = street([]);
    const canvas = new PasteCanvas(empty);
    pasteAt(canvas, cutOf(person(100, 200, 90)), 160, 60);
    const picture = canvas.picture();
    expect(picture.objects).toEqual([
      { label: PERSON, box: { x: 160, y: 60, width: 30, height: 90 }, hidden: undefined },
    ]);
    expect(boundsOf(picture, 1)).toEqual({ x: 160, y: 60, width: 30, height: 90 });
    const inside = 100 * WIDTH + 175;
    expect(picture.rgb[inside * 3]).toBe(200);
    expect(picture.classes?.[inside]).toBe(SCENE_CLASS.pedestrian);
    const view = { ...{ width: WIDTH, height: HEIGHT, stepX: 1, stepY: 1 }, offsetX: 0, offsetY: 0 };
    const targets = emptyTargets(1, HEIGHT / EVEN_NET.cell, WIDTH / EVEN_NET.cell, 2);
    fillTargets(EVEN_NET, picture, { ...view, mirrored: false }, 0, targets);
    const cell = (x: number, y: number) =>
      2 * (Math.floor(y / EVEN_NET.cell) * (WIDTH / EVEN_NET.cell) + Math.floor(x / EVEN_NET.cell));
    expect(targets.score[cell(175, 100)]).toBe(1);
    expect(targets.score[cell(175, 100) + 1]).toBe(0);
    expect(targets.score[cell(150, 100)]).toBe(0);
    // The picture it was pasted into is another one.
    expect(empty.rgb[inside * 3]).toBe(100);
    expect(empty.objects.length).toBe(0);
  });

  it('a person half covered has the box of what is visible; one nearly covered is not judged', () => {
    const half = new PasteCanvas(street([person(100, 160, 60)]));
    pasteAt(half, cutOf(person(100, 200, 90)), 100, 130);
    expect(half.picture().objects[0].box).toEqual({ x: 100, y: 100, width: 20, height: 30 });

    const most = new PasteCanvas(street([person(100, 160, 60)]));
    pasteAt(most, cutOf(person(100, 200, 90)), 103, 85);
    const picture = most.picture();
    expect(picture.objects[0].hidden).toBe(true);
    expect(picture.instances.includes(1)).toBe(false);
    expect(picture.instances[130 * WIDTH + 101]).toBe(IGNORED_PIXEL);
  });

  it('what stands nearer stays in front, unless told otherwise', () => {
    for (const inFront of [false, true]) {
      const canvas = new PasteCanvas(street([pole(110, 200, 120)]));
      pasteAt(canvas, cutOf(person(100, 160, 60)), 100, 110, { ...PLAIN, inFront });
      const { instances, objects } = canvas.picture();
      expect(instances[140 * WIDTH + 112]).toBe(inFront ? 2 : 1);
      // Seen on both sides of the pole, a person's box is whole.
      expect(objects[1].box).toEqual({ x: 100, y: 110, width: 20, height: 60 });
    }
  });

  it('a car before the feet hides what is behind it', () => {
    const scene = street([]);
    for (let y = 130; y < 180; y++) scene.classes?.fill(SCENE_CLASS.car, y * WIDTH + 80, y * WIDTH + 200);
    const canvas = new PasteCanvas(scene);
    pasteAt(canvas, cutOf(person(100, 200, 90)), 120, 70);
    expect(canvas.picture().objects[0].box).toEqual({ x: 120, y: 70, width: 30, height: 60 });
  });

  it('a pole comes with its sign, which is no pole, and keeps its size beside people', () => {
    const picture = street([pole(100, 180, 100)]);
    for (let y = 70; y < 85; y++) {
      for (let x = 94; x < 100; x++) {
        const p = y * WIDTH + x;
        picture.classes?.fill(SCENE_CLASS.sign, p, p + 1);
      }
    }
    picture.rgb.fill(7, (72 * WIDTH + 95) * 3, (72 * WIDTH + 98) * 3);
    const [cutout] = cutPicture(picture, { horizon: HORIZON, growth: 1 });
    expect(cutout.ratio).toBe(1);
    const canvas = new PasteCanvas(street([]));
    pasteAt(canvas, cutout, 200, 80);
    const pasted = canvas.picture();
    expect(pasted.objects[0].box).toEqual({ x: 200, y: 80, width: 4, height: 100 });
    expect(pasted.rgb[(72 * WIDTH + 196) * 3]).toBe(7);
    expect(pasted.instances[72 * WIDTH + 196]).toBe(0);
    expect(pasted.classes?.[72 * WIDTH + 196]).toBe(SCENE_CLASS.sign);
  });

  it('people are as high as the perspective of the picture says; the same seed gives the same picture', () => {
    const feet = [120, 140, 160, 180, 200];
    const pictures = feet.map((foot) => street([person(40, foot, foot - HORIZON)]));
    const perspectives = fitPerspectives(pictures);
    expect(personHeight(perspectives[0], 150)).toBeCloseTo(150 - HORIZON, 5);
    const cutouts = pictures.flatMap((picture, i) => cutPicture(picture, perspectives[i]));
    const stock = pasteStock(
      cutouts.map((cutout) => ({ cutout, synthetic: false })),
      pictures,
    );
    const settings = { ...AUGMENTS.none, people: 2, pasteShare: 1 };
    const compose = (seed: number) =>
      composePicture(street([]), perspectives[0], stock, settings, seededRandom(seed));
    let seen = 0;
    for (let seed = 1; seed <= 20; seed++) {
      for (const [i, { box, hidden }] of compose(seed).objects.entries()) {
        // Behind others and at the edges less of it is visible.
        if (hidden || box.x <= 0 || box.x + box.width >= WIDTH || box.y + box.height >= HEIGHT) continue;
        if (box.width < box.height / 3.6) continue;
        seen++;
        const wanted = personHeight(perspectives[0], box.y + box.height);
        expect(box.height / wanted, `seed ${seed}, object ${i}`).toBeGreaterThan(0.7);
        expect(box.height / wanted, `seed ${seed}, object ${i}`).toBeLessThan(1.35);
      }
    }
    expect(seen).toBeGreaterThan(10);
    expect(compose(3)).toEqual(compose(3));
    expect(compose(3).rgb).not.toEqual(compose(4).rgb);
  });

  it('distractors change pixels and add no object; without pasting a picture is drawn as it is', () => {
    const picture = street([person(40, 170, 90), pole(250, 180, 120)]);
    picture.rgb.fill(30, 0, WIDTH * 40 * 3);
    const sets = [{ name: 'streets', weight: 1, pictures: [picture] }];
    const only = { ...AUGMENTS.none, pasteShare: 1, distractors: 6 };
    const changed = mixPictures(sets, only)(seededRandom(1));
    expect(changed.rgb).not.toEqual(picture.rgb);
    expect(changed.objects.length).toBe(2);
    expect(new Set(changed.instances).has(3)).toBe(false);
    expect(mixPictures(sets, AUGMENTS.none)(seededRandom(1))).toBe(picture);
  });

  it('only sets that are drawn from give cut-outs', () => {
    const empty = street([]);
    const sets = [
      { name: 'streets', weight: 1, pictures: [empty] },
      { name: 'held out', weight: 0, pictures: [street([person(40, 170, 90)])] },
    ];
    const source = mixPictures(sets, { ...AUGMENTS.none, pasteShare: 1, people: 4 });
    for (let seed = 1; seed <= 10; seed++) expect(source(seededRandom(seed)).objects).toEqual([]);
  });
});
