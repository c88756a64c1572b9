/** Annotated frames of an evaluation, the worst first, and the page that shows them: `--pictures DIR`. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Box } from '../../src/result.ts';
import { readCoco } from '../../train/data/coco.ts';
import { makeFolder } from '../../train/data/files.ts';
import { readImage, writeJpeg } from '../../train/data/images.ts';
import { isPermissive } from '../../train/data/licence.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import { type CorruptionLevel, corruptedFrame } from '../../train/metrics/shown-frame.ts';
import { annotateErrors, type FrameErrors } from '../draw/annotate-errors.ts';
import { type PageFigure, picturePage } from './page.ts';
import type { Evaluation } from './run.ts';

const JPEG_QUALITY = 82;

export interface PictureOptions {
  readonly directory: string;
  readonly title: string;
  readonly most: number;
  readonly evaluation: Evaluation;
  /** What was done to every picture before it was shown. */
  readonly corruption?: CorruptionLevel;
}

/**
 * Writes index.html and pictures of at most `most` frames.
 * @param records with their diagnoses; @param directory of the data set, for credits
 * @throws SaccadeNetError INVALID_OPTION where the folder cannot be made
 */
export function writePictures(
  folder: string,
  records: readonly FrameRecord[],
  { directory, title, most, evaluation, corruption }: PictureOptions,
): void {
  makeFolder(folder);
  const coco = readCoco(directory);
  const entries = new Map(coco.images.map((image) => [join(directory, image.file_name), image]));
  const worst = records
    .map((record) => ({ file: record.file, errors: frameErrors(record) }))
    .sort((a, b) => errorCount(b.errors) - errorCount(a.errors))
    .slice(0, most);
  const figures = worst.map(({ file, errors }, n): PageFigure => {
    const clean = readImage(file);
    const picture = annotateErrors(corruption ? corruptedFrame({ file }, clean, corruption) : clean, errors);
    const name = `${String(n + 1).padStart(3, '0')}-${basename(file).replace(/\.\w+$/, '')}.jpg`;
    writeJpeg(join(folder, name), picture, JPEG_QUALITY);
    const entry = entries.get(file);
    return {
      ...{ file: name, width: picture.width, height: picture.height, name: basename(file), errors },
      url: entry?.coco_url,
    };
  });
  const publishable = worst.every(({ file }) => {
    const entry = entries.get(file);
    return entry !== undefined && isPermissive(entry, coco.info);
  });
  const { source, licence } = coco.info ?? {};
  const page = picturePage({ title, figures, evaluation, source, licence, publishable });
  writeFileSync(join(folder, 'index.html'), page);
}

/** How bad a frame is. */
function errorCount({ misses, falseAlarms }: FrameErrors): number {
  return misses.length + falseAlarms.length;
}

function frameErrors({ attention, labels, file }: FrameRecord): FrameErrors {
  if (!attention) throw new Error(`${file} was recorded without its diagnosis`);
  const each = Object.entries(labels);
  return {
    attention,
    hits: each.flatMap(([label, { boxes }]) =>
      boxes.matches
        .flatMap(({ box, truth }) => (truth ? [{ label, box, truth: truth as Box }] : []))
        .slice(0, boxes.sureHits),
    ),
    misses: each.flatMap(([label, { diagnosis }]) =>
      (diagnosis?.misses ?? []).map((miss) => ({ label, ...miss })),
    ),
    falseAlarms: each.flatMap(([label, { diagnosis }]) =>
      (diagnosis?.falseAlarms ?? []).map(({ cause, scene, score, box }) => ({
        ...{ label, score, box },
        cause: cause === 'background' && scene ? scene : cause,
      })),
    ),
  };
}
