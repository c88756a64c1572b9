/**
 * Poles marked by hand in sets that do not label them: a JSON file { sets: { [folder]: { close?, people?, pictures: { [file]: { poles?,
 * unsure? } } } } }, boxes [x, y, width, height] in px of the picture. A picture that is named shows no other pole.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Box } from '../../src/result.ts';
import {
  type Annotation,
  type Dataset,
  type DatasetImage,
  MASK_IGNORE,
  MASK_NONE,
  MASK_POLE,
  type MarkedPicture,
} from './dataset.ts';
import { reasonOf } from './files.ts';

export interface MarkedSet {
  /** Its pictures show people as large as the photographer wanted, not as a street does. */
  readonly close: boolean;
  /** There are no people in its pictures. */
  readonly empty: boolean;
  /** By file name. */
  readonly pictures: ReadonlyMap<string, MarkedPicture>;
}

/** By the name of the set's folder. */
export type Marks = ReadonlyMap<string, MarkedSet>;

/** Beside a shaft so many px are not judged: marks are not exact. */
const MARGIN_PX = 3;

/** @throws SaccadeNetError INVALID_OPTION where the file is missing or not of this form */
export function readMarks(file: string): Marks {
  try {
    const { sets } = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(
      Object.entries<Record<string, unknown>>(sets).map(([name, { close, people, pictures }]) => [
        name,
        {
          close: close === true,
          empty: people === 'none',
          pictures: new Map(
            Object.entries(pictures as Record<string, Record<string, unknown>>).map(([picture, own]) => [
              picture,
              { poles: toBoxes(own.poles, picture), unsure: toBoxes(own.unsure, picture) },
            ]),
          ),
        },
      ]),
    );
  } catch (cause) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${file} holds no marks: ${reasonOf(cause)}; --marks wants a file as train/marks/poles.json`,
      { cause },
    );
  }
}

function toBoxes(given: unknown, picture: string): Box[] {
  const boxes = given ?? [];
  if (!Array.isArray(boxes)) throw new Error(`${picture} has no list of boxes`);
  return boxes.map((box: unknown) => {
    const numbers = Array.isArray(box) && box.length === 4 && box.every(Number.isFinite);
    if (!numbers || box[2] <= 0 || box[3] <= 0)
      throw new Error(
        `${picture} has the box ${JSON.stringify(box)}; it must be [x, y, width, height] in px`,
      );
    const [x, y, width, height] = box;
    return { x, y, width, height };
  });
}

/**
 * A set with its marks. Pictures that are not named stay as they are, as a set of their own; so do all of a set that boxes only clear people,
 * whose poles come as one more set.
 */
export function markPoles(set: Dataset, marks: Marks): Dataset[] {
  const own = marks.get(basename(set.directory));
  if (own === undefined) return [set];
  const people = set.labelled.includes('person') || own.empty;
  const apart = Boolean(set.partial) && !own.empty;
  const named: DatasetImage[] = [];
  const others: DatasetImage[] = [];
  for (const image of set.images) {
    const marked = own.pictures.get(basename(image.file));
    if (marked === undefined || apart) others.push(image);
    if (marked === undefined) continue;
    const kept = apart || own.empty ? [] : image.annotations.filter(({ label }) => label === 'person');
    named.push({ ...image, marked, annotations: [...kept, ...annotationsOf(marked)] });
  }
  const labelled = people && !apart ? ['person', 'pole'] : ['pole'];
  return [
    { ...set, images: others },
    { directory: set.directory, labelled, close: own.close, images: named },
  ].filter(({ images }) => images.length > 0);
}

function annotationsOf({ poles, unsure }: MarkedPicture): Annotation[] {
  return [
    ...poles.map((shaft) => ({ label: 'pole', box: wider(shaft), shaft, ignore: false })),
    ...unsure.map((box) => ({ label: 'pole', box, shaft: box, ignore: true })),
  ];
}

function wider({ x, y, width, height }: Box): Box {
  return { x: x - MARGIN_PX, y: y - MARGIN_PX, width: width + 2 * MARGIN_PX, height: height + 2 * MARGIN_PX };
}

/** Draws marks into a mask [height, width] of a set that has masks, where nothing is. */
export function drawMarks(
  mask: Uint8Array,
  width: number,
  height: number,
  { poles, unsure }: MarkedPicture,
): Uint8Array {
  const drawn = Uint8Array.from(mask);
  const fill = (box: Box, value: number) => {
    const [left, right] = [box.x, box.x + box.width].map((x) => Math.round(Math.min(width, Math.max(0, x))));
    const [top, foot] = [box.y, box.y + box.height].map((y) => Math.round(Math.min(height, Math.max(0, y))));
    for (let y = top; y < foot; y++) {
      for (let p = y * width + left; p < y * width + right; p++) {
        if (mask[p] === MASK_NONE) drawn[p] = value;
      }
    }
  };
  for (const box of [...unsure, ...poles.map(wider)]) fill(box, MASK_IGNORE);
  for (const shaft of poles) fill(shaft, MASK_POLE);
  return drawn;
}
