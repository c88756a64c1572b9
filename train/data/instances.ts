/**
 * A picture with its truth in the form that training samples are cut from: the pixels and, a pixel each, the
 * object it belongs to. Sets without masks get their boxes filled, which is what is known of them.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Box } from '../../src/result.ts';
import type { Annotation, Dataset, DatasetImage } from './dataset.ts';
import { MASK_IGNORE, MASK_PERSON, MASK_POLE } from './dataset.ts';
import { readImage, readMask } from './images.ts';
import { drawMarks } from './marks.ts';
import { kindsOfVoid, LONELY_VOID, THIN_VOID } from './void.ts';

/** Pixel values of an instance map. */
export const NO_INSTANCE = 0;
/** Nothing is known of it. */
export const IGNORED_PIXEL = 255;
/** Of a person or a pole, but of no object that is judged (lamp arms, crowds): no answer is wrong, but it is worth a look. */
export const PART_PIXEL = 254;
/** Of no class, and nothing that hides a person or a pole (void.ts): no answer is wrong, and it is worth no look. */
export const VOID_PIXEL = 253;
export const MAX_INSTANCES = 252;

/** No answer is wrong there. */
export function isUnjudged(instance: number): boolean {
  return instance > MAX_INSTANCES;
}

/** Scene class of a pixel that no class is known of. */
export const UNKNOWN_CLASS = 255;
const UNLABELLED_CLASS = 11;

/** A value of labels/*.png as the auxiliary task wants it. */
export function knownClass(value: number): number {
  return value >= UNLABELLED_CLASS ? UNKNOWN_CLASS : value;
}

/** Label indices of people-vs-poles, for what treats people and poles differently. */
export const PERSON_LABEL = 0;
export const POLE_LABEL = 1;

export interface TrueObject {
  /** Index into the labels. */
  readonly label: number;
  /** What the detector shall answer, px: a person's box, a pole's shaft. */
  readonly box: Box;
  /** No pixel is its own any more: others were pasted over it. */
  readonly hidden?: boolean;
}

export interface TruePicture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] */
  readonly rgb: Uint8Array;
  /** [height, width]: NO_INSTANCE, IGNORED_PIXEL, PART_PIXEL, VOID_PIXEL or 1 + index into objects. */
  readonly instances: Uint8Array;
  readonly objects: readonly TrueObject[];
  /** [height, width] scene classes or UNKNOWN_CLASS, where the set has them. */
  readonly classes?: Uint8Array;
  /** Classes that the set labels, by label index. */
  readonly labelled: readonly boolean[];
  /** The instances are true outlines, not ellipses in boxes: objects can be cut out. */
  readonly outlined?: boolean;
  /** Name of the drive, where the set has them: its pictures share a camera. */
  readonly sequence?: string;
  /** Rendered, not photographed. */
  readonly synthetic?: boolean;
  /** It shows people as large as the photographer wanted, not as a street does. */
  readonly close?: boolean;
  /** A street without people, whatever else it shows: nothing in it is a person, and people can be pasted in. */
  readonly backdrop?: boolean;
}

function contains(box: Box, x: number, y: number): boolean {
  return x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
}

function area(box: Box): number {
  return box.width * box.height;
}

/** What a picture is made from, wherever it comes from. */
export interface PictureParts {
  readonly frame: PixelFrame;
  /** [height, width] values of the data form; without it boxes are all that is known. */
  readonly mask?: Uint8Array;
  readonly classes?: Uint8Array;
  readonly annotations: readonly Annotation[];
  /** Nothing is known outside the boxes. */
  readonly partial?: boolean;
  /** Names of the classes that are labelled. */
  readonly labelled: readonly string[];
  readonly sequence?: string;
  readonly synthetic?: boolean;
  readonly close?: boolean;
}

/** Reads one image of a set whole. */
export function readPicture(dataset: Dataset, image: DatasetImage, labels: readonly string[]): TruePicture {
  const { labelsFile, maskFile, annotations, marked } = image;
  const classes = labelsFile ? readMask(labelsFile).data.map(knownClass) : undefined;
  const bare = maskFile ? readMask(maskFile).data : undefined;
  const mask = bare && marked ? drawMarks(bare, image.width, image.height, marked) : bare;
  return truePicture(
    {
      frame: readImage(image.file),
      mask,
      classes,
      annotations,
      labelled: dataset.labelled,
      partial: dataset.partial,
      close: dataset.close,
      sequence: image.sequence,
    },
    labels,
  );
}

/** An image of a street that shows no people; what the set labels is not used. */
export function readBackdrop(image: DatasetImage, labels: readonly string[]): TruePicture {
  const parts = {
    frame: readImage(image.file),
    annotations: [],
    labelled: ['person'],
    sequence: image.sequence,
  };
  return { ...truePicture(parts, labels), outlined: true, backdrop: true };
}

/** Puts a picture and its truth into the form that samples are cut from. */
export function truePicture(parts: PictureParts, labels: readonly string[]): TruePicture {
  const { width, height, data } = parts.frame;
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) rgb[p * 3 + c] = data[p * 4 + c];
  }
  const known = parts.annotations.filter(({ label }) => labels.includes(label));
  const kept = known.filter(({ ignore }) => !ignore).slice(0, MAX_INSTANCES);
  const { mask, classes, frame } = parts;
  const instances = mask
    ? fromMask(mask, width, height, kept)
    : fromBoxes(width, height, known, kept, parts.partial ? IGNORED_PIXEL : NO_INSTANCE);
  if (mask && classes) markVoid(instances, { mask, classes, frame });
  const objects = kept.map(({ label, box, shaft }) => ({
    label: labels.indexOf(label),
    box: label === 'pole' ? shaft : box,
  }));
  const labelled = labels.map((label) => parts.labelled.includes(label));
  return {
    ...{ width, height, rgb, instances, objects, labelled },
    classes,
    outlined: mask !== undefined,
    sequence: parts.sequence,
    synthetic: parts.synthetic ?? false,
    close: parts.close ?? false,
  };
}

/** What is known of pixels of no class; they are ignored ones in the mask. */
function markVoid(
  instances: Uint8Array,
  { mask, classes, frame }: Required<Pick<PictureParts, 'mask' | 'classes' | 'frame'>>,
) {
  const isVoid = mask.map((value, p) => Number(value === MASK_IGNORE && classes[p] === UNKNOWN_CLASS));
  const isPerson = mask.map((value) => Number(value === MASK_PERSON));
  kindsOfVoid(isVoid, isPerson, frame.width, frame.height).forEach((kind, p) => {
    if (kind === THIN_VOID) instances[p] = NO_INSTANCE;
    if (kind === LONELY_VOID) instances[p] = VOID_PIXEL;
  });
}

/** Pixels of a kept object's mask inside its box (a pole's: its shaft) become its own, others of its label parts. */
function fromMask(mask: Uint8Array, width: number, height: number, kept: readonly Annotation[]): Uint8Array {
  const instances = new Uint8Array(width * height);
  const order = kept.map((annotation, index) => ({ annotation, index }));
  order.sort((a, b) => area(a.annotation.box) - area(b.annotation.box));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = mask[y * width + x];
      if (value === 0) continue;
      let instance = IGNORED_PIXEL;
      if (value !== MASK_IGNORE) {
        const label = value === MASK_PERSON ? 'person' : value === MASK_POLE ? 'pole' : '';
        const owner = order.find(
          ({ annotation: a }) => a.label === label && contains(label === 'pole' ? a.shaft : a.box, x, y),
        );
        instance = owner ? owner.index + 1 : PART_PIXEL;
      }
      instances[y * width + x] = instance;
    }
  }
  return instances;
}

/** Without masks: the ellipse in a box is taken for the object, the rest of the box is not judged. */
function fromBoxes(
  width: number,
  height: number,
  known: readonly Annotation[],
  kept: readonly Annotation[],
  elsewhere: number,
): Uint8Array {
  const instances = new Uint8Array(width * height).fill(elsewhere);
  const paint = (
    { x, y, width: w, height: h }: Box,
    value: number,
    inside: (u: number, v: number) => boolean,
  ) => {
    for (let row = Math.max(0, Math.round(y)); row < Math.min(height, Math.round(y + h)); row++) {
      for (let column = Math.max(0, Math.round(x)); column < Math.min(width, Math.round(x + w)); column++) {
        const u = (2 * (column + 0.5 - x)) / w - 1;
        const v = (2 * (row + 0.5 - y)) / h - 1;
        if (inside(u, v)) instances[row * width + column] = value;
      }
    }
  };
  for (const { box } of known) paint(box, IGNORED_PIXEL, () => true);
  const order = kept.map((annotation, index) => ({ annotation, index }));
  order.sort((a, b) => area(b.annotation.box) - area(a.annotation.box));
  for (const { annotation, index } of order) paint(annotation.shaft, index + 1, (u, v) => u * u + v * v <= 1);
  return instances;
}
