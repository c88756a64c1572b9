/**
 * Scenes on disk, in the data form: images/, masks/, labels/ (scene-class.ts), annotations.json; and clips as concatenated JPEGs (.mjpeg, as
 * Chromium's fake camera takes them) with an annotations.json beside them.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Box } from '../../src/result.ts';
import { makeFolder } from '../data/files.ts';
import { encodeJpeg, writeMask } from '../data/images.ts';
import { DEFAULT_RATE, RULES, renderClip, renderScene, type SceneFrame, type SceneObject } from './index.ts';
import { Random } from './random.ts';

export interface WriteOptions {
  readonly frames: number;
  readonly seed: number;
  readonly video: boolean;
  /** Clips of `frames` frames each, of drives with the seeds from `seed` on; default 1. */
  readonly clips?: number;
  /** In every clip a person steps out from behind a pole at this frame. */
  readonly appearsAt?: number;
  readonly width: number;
  readonly height: number;
  /** Narrow streets between high fronts. */
  readonly canyon?: boolean;
  /** JPEG quality 1..100; absent: 78 to 95, by picture (88 in a clip). */
  readonly quality?: number;
  /** Folder for the data form. */
  readonly directory?: string;
  /** File for a clip. */
  readonly mjpeg?: string;
  readonly onFrame?: (done: number) => void;
}

export interface WriteSummary {
  frames: number;
  persons: number;
  poles: number;
  ignored: number;
  bytes: number;
}

const CLIP_QUALITY = 88;
/** Frame numbers of stills lie this far apart: they are not consecutive. */
const STILL_STEP = 100;

function corners(box: Box): number[] {
  return [box.x, box.y, box.width, box.height];
}

function annotation(object: SceneObject, id: number, imageId: number, video: boolean) {
  return {
    id,
    image_id: imageId,
    category_id: object.label === 'person' ? 1 : 2,
    bbox: corners(object.box),
    ...(object.shaft ? { shaft: corners(object.shaft) } : {}),
    area: object.area,
    iscrowd: 0,
    ignore: object.ignore ? 1 : 0,
    edge: object.edge,
    coverage: Math.round((100 * object.area) / object.fullArea) / 100,
    ...(video ? { track_id: object.track } : {}),
  };
}

function info(options: WriteOptions) {
  const { seed, video, width, height, canyon } = options;
  const kind = canyon ? 'narrow streets' : 'street scenes';
  return {
    source: `saccadenet scenes: procedural ${kind} ${width}x${height}, seed ${seed}${video ? `, drives at ${DEFAULT_RATE} frames a second` : ''}`,
    licence: 'the project’s own; any use',
    labelled: ['person', 'pole'],
    mask_values: { 0: 'none', 1: 'person', 2: 'pole', 3: 'ignore' },
    thresholds: RULES,
    ...(video ? { frames_per_second: DEFAULT_RATE } : {}),
  };
}

interface Shot {
  readonly scene: SceneFrame;
  readonly sequence: string;
  /** In its sequence. */
  readonly index: number;
}

function* stills(options: WriteOptions): Generator<Shot> {
  const sequence = `scenes${options.seed}`;
  for (let index = 0; index < options.frames; index++)
    yield { scene: renderScene(sceneSeed(options.seed, index), options), sequence, index };
}

function* clips(options: WriteOptions): Generator<Shot> {
  const { seed: first, clips = 1, frames } = options;
  for (let seed = first; seed < first + clips; seed++) {
    let index = 0;
    for (const scene of renderClip(seed, frames, options))
      yield { scene, sequence: `drive${seed}`, index: index++ };
  }
}

/** The seed of the i-th still of a set. */
function sceneSeed(seed: number, index: number): number {
  return new Random(seed, 1000, index).seed();
}

/** Renders and writes; the memory used does not grow with the number of frames but by their annotations. */
export function writeScenes(options: WriteOptions): WriteSummary {
  const { directory, mjpeg, video, seed, width, height } = options;
  if (directory) for (const folder of ['images', 'masks', 'labels']) makeFolder(join(directory, folder));
  if (mjpeg) makeFolder(dirname(mjpeg));
  const images: object[] = [];
  const annotations: object[] = [];
  const parts: Uint8Array[] = [];
  const summary: WriteSummary = { frames: 0, persons: 0, poles: 0, ignored: 0, bytes: 0 };
  for (const { scene, sequence, index } of video ? clips(options) : stills(options)) {
    const { frame, mask, classes, objects } = scene;
    const id = ++summary.frames;
    const name = `${sequence}_${String(index).padStart(6, '0')}`;
    const varied = Math.round(new Random(seed, 2000, index).range(78, 95));
    const bytes = encodeJpeg(frame, options.quality ?? (video ? CLIP_QUALITY : varied));
    summary.bytes += bytes.length;
    if (directory) {
      writeFileSync(join(directory, 'images', `${name}.jpg`), bytes);
      writeMask(join(directory, 'masks', `${name}.png`), { width, height, data: mask });
      writeMask(join(directory, 'labels', `${name}.png`), { width, height, data: classes });
    }
    if (mjpeg) parts.push(bytes);
    images.push({
      id,
      file_name: directory ? `images/${name}.jpg` : name,
      ...(directory ? { mask_file: `masks/${name}.png` } : {}),
      width,
      height,
      sequence,
      frame: video ? index : index * STILL_STEP,
    });
    for (const object of objects) {
      annotations.push(annotation(object, annotations.length + 1, id, video));
      if (object.ignore) summary.ignored++;
      else if (object.label === 'person') summary.persons++;
      else summary.poles++;
    }
    options.onFrame?.(summary.frames);
  }
  const categories = [
    { id: 1, name: 'person' },
    { id: 2, name: 'pole' },
  ];
  const text = `${JSON.stringify({ info: info(options), images, categories, annotations })}\n`;
  if (directory) writeFileSync(join(directory, 'annotations.json'), text);
  if (mjpeg) {
    writeFileSync(mjpeg, Buffer.concat(parts));
    if (!directory) writeFileSync(join(dirname(mjpeg), 'annotations.json'), text);
  }
  return summary;
}
