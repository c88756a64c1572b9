/** What is of no class in a set's masks: what training makes of it, and of parts of things that are not judged. */
import { describe, expect, it } from 'vitest';
import { truePicture } from '../../train/data/instances.ts';
import { emptyTargets, fillTargets, LOOK, LOOK_UNKNOWN, NO_LOOK } from '../../train/data/targets.ts';
import { ATTENDED_VOID, kindsOfVoid, LONELY_VOID, NO_VOID, THIN_VOID } from '../../train/data/void.ts';
import { blockTruth } from '../../train/loop/truth.ts';
import { SCENE_CLASS } from '../../train/scenes/scene-class.ts';
import { TINY_SPEC } from '../helpers/tiny-step.ts';

const SIZE = { width: 192, height: 96 };
const [MASK_PERSON, MASK_POLE, MASK_IGNORE] = [1, 2, 3];
const UNKNOWN_CLASS = 255;

function fill(map: Uint8Array, value: number, [x, y, width, height]: number[]): void {
  for (let row = y; row < y + height; row++) {
    map.fill(value, row * SIZE.width + x, row * SIZE.width + x + width);
  }
}

const PERSON = [16, 40, 12, 40];
const POLE = [180, 16, 4, 64];
const ARM = [164, 16, 16, 4];
const CHILD = [32, 56, 9, 24];
const BIN = [96, 56, 12, 20];
const TWIG = [64, 4, 60, 3];

/** A person with a child of no class, a bin and a twig of no class, and a lamp with an arm. */
function street() {
  const mask = new Uint8Array(SIZE.width * SIZE.height);
  const classes = new Uint8Array(mask.length).fill(SCENE_CLASS.building);
  fill(mask, MASK_PERSON, PERSON);
  for (const box of [POLE, ARM]) fill(mask, MASK_POLE, box);
  for (const box of [CHILD, BIN, TWIG]) {
    fill(mask, MASK_IGNORE, box);
    fill(classes, UNKNOWN_CLASS, box);
  }
  return { mask, classes };
}

function boxOf([x, y, width, height]: number[]) {
  return { x, y, width, height };
}

/** What blocks of 16 px are worth and whether that is known, by the middle of a box. */
function looks() {
  const { mask, classes } = street();
  const picture = truePicture(
    {
      frame: { ...SIZE, data: new Uint8ClampedArray(mask.length * 4) },
      mask,
      classes,
      annotations: [
        { label: 'person', box: boxOf(PERSON), shaft: boxOf(PERSON), ignore: false },
        { label: 'pole', box: boxOf([164, 16, 20, 64]), shaft: boxOf(POLE), ignore: false },
      ],
      labelled: ['person', 'pole'],
    },
    ['person', 'pole'],
  );
  const view = { ...SIZE, offsetX: 0, offsetY: 0, stepX: 1, stepY: 1, mirrored: false };
  const [rows, columns] = [SIZE.height / TINY_SPEC.cell, SIZE.width / TINY_SPEC.cell];
  const targets = emptyTargets(1, rows, columns, 2);
  fillTargets(TINY_SPEC, picture, view, 0, targets);
  const cell = ([x, y, width, height]: number[]) => {
    const at = Math.floor((y + height / 2) / 4) * columns + Math.floor((x + width / 2) / 4);
    return { look: targets.look[at], weight: targets.weight[2 * at], score: targets.score[2 * at + 1] };
  };
  return { picture, targets, cell, view };
}

describe('kinds of void', () => {
  it('thin, solid, and solid with a person near', () => {
    const { mask, classes } = street();
    const isVoid = mask.map((value, p) => Number(value === MASK_IGNORE && classes[p] === UNKNOWN_CLASS));
    const isPerson = mask.map((value) => Number(value === MASK_PERSON));
    const kinds = kindsOfVoid(isVoid, isPerson, SIZE.width, SIZE.height);
    const of = ([x, y, width, height]: number[]) => {
      const found = new Set<number>();
      for (let row = y; row < y + height; row++) {
        for (let column = x; column < x + width; column++) found.add(kinds[row * SIZE.width + column]);
      }
      return [...found];
    };
    expect(of(CHILD)).toEqual([ATTENDED_VOID]);
    expect(of(BIN)).toEqual([LONELY_VOID]);
    expect(of(TWIG)).toEqual([THIN_VOID]);
    expect(of(PERSON)).toEqual([NO_VOID]);
    const alone = kindsOfVoid(isVoid, new Uint8Array(isPerson.length), SIZE.width, SIZE.height);
    expect(alone[68 * SIZE.width + 36]).toBe(LONELY_VOID);
  });

  it('is never told of a pixel that has a class', () => {
    const none = new Uint8Array(SIZE.width * SIZE.height);
    expect(kindsOfVoid(none, none, SIZE.width, SIZE.height).every((kind) => kind === NO_VOID)).toBe(true);
  });
});

describe('what training makes of it', () => {
  const { cell, targets, view } = looks();

  it('thin void is judged and worth no look; a bin is not judged and worth none; of a child that is not known', () => {
    expect(cell(TWIG)).toMatchObject({ look: NO_LOOK, weight: 1 });
    expect(cell(BIN)).toMatchObject({ look: NO_LOOK, weight: 0 });
    expect(cell(CHILD)).toMatchObject({ look: LOOK_UNKNOWN, weight: 0 });
  });

  it('a lamp arm is worth a look though no answer is wrong there', () => {
    expect(cell(POLE)).toMatchObject({ look: LOOK, score: 1 });
    expect(cell(ARM)).toMatchObject({ look: LOOK, weight: 0, score: 0 });
  });

  it('blocks of twigs and bins are known to hold nothing, the block of a child is not known', () => {
    const columns = SIZE.width / TINY_SPEC.block;
    const blockOf = Int32Array.from(targets.look, (_, p) => {
      const [row, column] = [Math.floor(p / 48), p % 48];
      return Math.floor(row / 4) * columns + Math.floor(column / 4);
    });
    const { positives, known } = blockTruth(TINY_SPEC, { size: 1, view, targets } as never, blockOf);
    const at = (column: number, row: number) => row * columns + column;
    expect([positives[at(5, 0)], known[at(5, 0)]]).toEqual([0, 1]);
    expect([positives[at(6, 4)], known[at(6, 4)]]).toEqual([0, 1]);
    expect([positives[at(2, 4)], known[at(2, 4)]]).toEqual([0, 0]);
    expect(positives[at(10, 1)]).toBeGreaterThan(0);
  });
});
