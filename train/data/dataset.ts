/**
 * The data form (COCO with masks): DIR/annotations.json, DIR/images, DIR/masks. Reads what training and
 * evaluation need and checks it; frames stay on disk until asked for.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Box } from '../../src/result.ts';
import { readCoco } from './coco.ts';
import { isPermissive } from './licence.ts';

/** Values of a mask PNG. */
export const MASK_NONE = 0;
export const MASK_PERSON = 1;
export const MASK_POLE = 2;
export const MASK_IGNORE = 3;

const LABEL_OF_CATEGORY: Readonly<Record<number, string>> = { 1: 'person', 2: 'pole' };

export interface Annotation {
  readonly label: string;
  /** All of the object, px. */
  readonly box: Box;
  /** A pole's trunk, px; where the set gives none, the box. */
  readonly shaft: Box;
  /** Counts neither way: too small, a crowd, or uncertain. */
  readonly ignore: boolean;
  readonly trackId?: number;
  /** Visible px, where the set says so. */
  readonly area?: number;
}

/** Poles of a picture that were marked by hand (marks.ts). */
export interface MarkedPicture {
  /** Shafts. */
  readonly poles: readonly Box[];
  /** What may be a pole or may not: not judged. */
  readonly unsure: readonly Box[];
}

export interface DatasetImage {
  readonly id: number;
  /** Path of the picture. */
  readonly file: string;
  /** Path of the mask, where there is one. */
  readonly maskFile?: string;
  /** Path of the scene-class picture (labels/), where there is one. */
  readonly labelsFile?: string;
  readonly width: number;
  readonly height: number;
  readonly sequence: string;
  readonly frame: number;
  readonly annotations: readonly Annotation[];
  /** Its marks, which the mask does not show. */
  readonly marked?: MarkedPicture;
}

export interface Dataset {
  readonly directory: string;
  /** Classes that this set labels; the others are not scored and give no loss. */
  readonly labelled: readonly string[];
  /** Only clear things are boxed: what lies outside the boxes is unknown. */
  readonly partial?: boolean;
  /** It shows people as large as the photographer wanted, not as a street does. */
  readonly close?: boolean;
  /** In order of sequence and frame. */
  readonly images: readonly DatasetImage[];
}

export interface DatasetFilter {
  readonly sequences?: readonly string[];
  readonly excludeSequences?: readonly string[];
  /** Only images whose terms allow any use (licence.ts). */
  readonly permissiveOnly?: boolean;
}

function toBox([x, y, width, height]: readonly number[]): Box {
  return { x, y, width, height };
}

/** @throws SaccadeNetError INVALID_OPTION when the folder is no data set or no image is left after the filter. */
export function openDataset(directory: string, filter: DatasetFilter = {}): Dataset {
  const coco = readCoco(directory);
  const known = new Set(coco.images.map((image) => image.sequence ?? ''));
  for (const name of [...(filter.sequences ?? []), ...(filter.excludeSequences ?? [])]) {
    if (!known.has(name)) {
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `sequence ${name} is not in ${directory}; it has ${[...known].join(', ')}`,
      );
    }
  }
  const byImage = new Map<number, Annotation[]>();
  for (const entry of coco.annotations) {
    const label = LABEL_OF_CATEGORY[entry.category_id];
    if (label === undefined) continue;
    const box = toBox(entry.bbox);
    const list = byImage.get(entry.image_id) ?? [];
    list.push({
      label,
      box,
      shaft: entry.shaft ? toBox(entry.shaft) : box,
      ignore: Boolean(entry.ignore) || Boolean(entry.iscrowd),
      trackId: entry.track_id,
      area: entry.area,
    });
    byImage.set(entry.image_id, list);
  }
  const allowed = filter.permissiveOnly
    ? coco.images.filter((image) => isPermissive(image, coco.info))
    : coco.images;
  if (allowed.length === 0 && coco.images.length > 0) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `no image of ${directory} allows any use: its licence is ${coco.info?.licence ?? 'not stated'}; leave the set or --permissive-only out`,
    );
  }
  const images = allowed
    .filter(({ sequence = '' }) => !filter.sequences || filter.sequences.includes(sequence))
    .filter(({ sequence = '' }) => !filter.excludeSequences?.includes(sequence))
    .map((image): DatasetImage => {
      const labelsFile = join(
        directory,
        image.file_name.replace(/^images/, 'labels').replace(/\.\w+$/, '.png'),
      );
      return {
        id: image.id,
        file: join(directory, image.file_name),
        maskFile: image.mask_file ? join(directory, image.mask_file) : undefined,
        labelsFile: existsSync(labelsFile) ? labelsFile : undefined,
        width: image.width,
        height: image.height,
        sequence: image.sequence ?? '',
        frame: image.frame ?? image.id,
        annotations: byImage.get(image.id) ?? [],
      };
    })
    .sort((a, b) => (a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : a.frame - b.frame));
  if (images.length === 0) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      coco.images.length === 0
        ? `${directory} holds no images: its annotations.json names none; give another folder`
        : `no image of ${directory} is left after --sequences and --exclude-sequences`,
    );
  }
  const { labelled = ['person', 'pole'], partial = false } = coco.info ?? {};
  return { directory, labelled, partial, images };
}
