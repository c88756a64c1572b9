/** Reads annotations.json of the data form and checks all that is used of it, so that nothing below meets nonsense. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { reasonOf } from './files.ts';

export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly mask_file?: string;
  readonly width: number;
  readonly height: number;
  readonly sequence?: string;
  readonly frame?: number;
  /** Whether its own terms allow any use. */
  readonly permissive?: boolean;
  /** Where it is published, for its credit. */
  readonly coco_url?: string;
}

export interface CocoAnnotation {
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly number[];
  readonly shaft?: readonly number[];
  readonly iscrowd?: number;
  readonly ignore?: number;
  readonly track_id?: number;
  /** Visible px. */
  readonly area?: number;
}

export interface CocoFile {
  readonly info?: {
    readonly labelled?: readonly string[];
    readonly partial?: boolean;
    readonly licence?: string;
    readonly source?: string;
  };
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
}

type Fields = Record<string, unknown>;

/** @throws SaccadeNetError INVALID_OPTION where the file is missing, no JSON, or not of this form. */
export function readCoco(directory: string): CocoFile {
  const file = join(directory, 'annotations.json');
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    checkCoco(parsed);
    return parsed;
  } catch (cause) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${directory} is no data set: ${file}: ${reasonOf(cause)}; --data wants a folder with annotations.json, images/ and (optional) masks/`,
      { cause },
    );
  }
}

/** @throws Error that names the first entry that is wrong, and its value. */
function checkCoco(parsed: unknown): asserts parsed is CocoFile {
  const { images, annotations } = isFields(parsed) ? parsed : {};
  if (!Array.isArray(images) || !Array.isArray(annotations))
    throw new Error('no images or annotations in it');
  const { info } = parsed as Fields;
  const licence = isFields(info) ? info.licence : undefined;
  demand(licence === undefined || typeof licence === 'string', 'info.licence', licence, 'text');
  const ids = new Set<unknown>();
  images.forEach((image: unknown, i) => {
    const where = `images[${i}]`;
    const fields = entry(image, where);
    demand(Number.isSafeInteger(fields.id), `${where}.id`, fields.id, 'a whole number');
    demand(!ids.has(fields.id), `${where}.id`, fields.id, 'of this image alone');
    ids.add(fields.id);
    demand(isName(fields.file_name), `${where}.file_name`, fields.file_name, 'a path within the folder');
    const { mask_file: mask } = fields;
    demand(mask === undefined || isName(mask), `${where}.mask_file`, mask, 'a path within the folder');
    const { permissive } = fields;
    demand(
      permissive === undefined || typeof permissive === 'boolean',
      `${where}.permissive`,
      permissive,
      'true or false',
    );
    for (const side of ['width', 'height']) {
      const px = fields[side];
      demand(
        Number.isSafeInteger(px) && (px as number) > 0,
        `${where}.${side}`,
        px,
        'a number of px above 0',
      );
    }
  });
  annotations.forEach((annotation: unknown, i) => {
    const where = `annotations[${i}]`;
    const fields = entry(annotation, where);
    demand(Number.isSafeInteger(fields.image_id), `${where}.image_id`, fields.image_id, 'a whole number');
    demand(
      Number.isSafeInteger(fields.category_id),
      `${where}.category_id`,
      fields.category_id,
      'a whole number',
    );
    demand(isBox(fields.bbox), `${where}.bbox`, fields.bbox, '[x, y, width, height] in px');
    const { shaft } = fields;
    demand(
      shaft === undefined || shaft === null || isBox(shaft),
      `${where}.shaft`,
      shaft,
      '[x, y, width, height] in px',
    );
  });
}

function entry(value: unknown, where: string): Fields {
  demand(isFields(value), where, value, 'an object');
  return value as Fields;
}

function demand(holds: boolean, where: string, value: unknown, wanted: string): void {
  if (!holds) throw new Error(`${where} is ${JSON.stringify(value)}; it must be ${wanted}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isBox(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 4 &&
    value.every((side) => typeof side === 'number' && Number.isFinite(side)) &&
    value[2] >= 0 &&
    value[3] >= 0
  );
}
