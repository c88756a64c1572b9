/** Annotated frames of an evaluation, the worst first, and the page that shows them: `--pictures DIR`. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Box, Result } from '../../src/result.ts';
import { readCoco } from '../../train/data/coco.ts';
import type { DatasetImage } from '../../train/data/dataset.ts';
import { makeFolder } from '../../train/data/files.ts';
import { readImage, writeJpeg } from '../../train/data/images.ts';
import { isPermissive } from '../../train/data/licence.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import type { FrameRun } from '../../train/metrics/run-model.ts';
import { annotateErrors, type FrameErrors } from '../draw/annotate-errors.ts';
import { type PageFigure, picturePage } from './page.ts';
import type { Evaluation } from './run.ts';

const JPEG_QUALITY = 82;

/** Collects what is needed of every frame; pictures are drawn in the end, of the worst only. */
export class PictureBook {
  readonly #frames: { image: DatasetImage; errors: FrameErrors }[] = [];

  /** Of a record with its diagnosis. */
  add({ image, trace }: Pick<FrameRun, 'image' | 'trace'>, record: FrameRecord): void {
    this.#frames.push({ image, errors: frameErrors(trace.result, record) });
  }

  /**
   * Writes index.html and at most `most` pictures.
   * @param directory of the data set, for credits
   * @throws SaccadeNetError INVALID_OPTION where the folder cannot be made
   */
  write(folder: string, directory: string, evaluation: Evaluation, title: string, most: number): void {
    makeFolder(folder);
    const coco = readCoco(directory);
    const entries = new Map(coco.images.map((image) => [image.id, image]));
    const worst = [...this.#frames]
      .sort((a, b) => errorCount(b.errors) - errorCount(a.errors))
      .slice(0, most);
    const figures = worst.map(({ image, errors }, n): PageFigure => {
      const picture = annotateErrors(readImage(image.file), errors);
      const name = `${String(n + 1).padStart(3, '0')}-${basename(image.file).replace(/\.\w+$/, '')}.jpg`;
      writeJpeg(join(folder, name), picture, JPEG_QUALITY);
      const entry = entries.get(image.id);
      return {
        ...{ file: name, width: picture.width, height: picture.height, name: basename(image.file), errors },
        url: entry?.coco_url,
      };
    });
    const publishable = worst.every(({ image }) => {
      const entry = entries.get(image.id);
      return entry !== undefined && isPermissive(entry, coco.info);
    });
    const { source, licence } = coco.info ?? {};
    const page = picturePage({ title, figures, evaluation, source, licence, publishable });
    writeFileSync(join(folder, 'index.html'), page);
  }
}

/** How bad a frame is. */
function errorCount({ misses, falseAlarms }: FrameErrors): number {
  return misses.length + falseAlarms.length;
}

function frameErrors({ attention }: Result, { labels }: FrameRecord): FrameErrors {
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
