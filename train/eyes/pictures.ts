/** Photographs for the detector of eyes: those with marks, and those without faces that are large enough. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from '../../src/session/working-size.ts';
import type { CocoFile } from '../data/coco.ts';
import { readImage } from '../data/images.ts';
import { isPermissive } from '../data/licence.ts';
import type { MarkedPhotograph } from './marks.ts';
import { type Grey, greyOf } from './samples.ts';

export interface Roots {
  /** ../shared/data */
  readonly data: string;
  /** Where `npm pack` put packages, each unpacked in NAME-VERSION, '/' and '@' left out of the name. */
  readonly packages?: string;
}

export function pathOf({ data, packages }: Roots, { source, version, file }: MarkedPhotograph): string {
  if (version === undefined) return join(data, source, file);
  if (packages === undefined) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${source} is an npm package: say where it is with --packages DIR`,
    );
  }
  return join(packages, `${source.replace('@', '').replace('/', '-')}-${version}`, 'package', file);
}

/** Grey, at the working size that a frame of it has, and how much smaller that is. */
export function atWorkingSize(
  path: string,
  maxPixels = DEFAULT_MAX_WORKING_PIXELS,
): { grey: Grey; scale: number } {
  const image = readImage(path);
  const size = workingSize(image, maxPixels);
  return { grey: greyOf(resizeArea(image, size)), scale: size.width / image.width };
}

/** Persons of this share of the frame's height may show a face that counts. */
const TALL = 0.3;

/** Files of a set whose persons are all small, in order. @param permissive only what terms allow any use of */
export function withoutFaces({ data }: Roots, set: string, permissive: boolean): string[] {
  const coco = JSON.parse(readFileSync(join(data, set, 'annotations.json'), 'utf8')) as CocoFile;
  return coco.images
    .filter((image) => !permissive || isPermissive(image, coco.info))
    .filter(({ id, height }) =>
      coco.annotations.every(({ image_id, bbox }) => image_id !== id || bbox[3] < TALL * (height as number)),
    )
    .map(({ file_name }) => join(data, set, file_name))
    .sort();
}
