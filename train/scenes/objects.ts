/**
 * From the canvas's owners to annotations. Boxes are the bounds of the visible pixels, so that masks and boxes
 * agree exactly; what is too small or too hidden is ignored and has mask value 3.
 */
import type { Box } from '../../src/result.ts';
import { MASK_IGNORE, MASK_PERSON, MASK_POLE } from '../data/dataset.ts';
import type { Canvas } from './canvas.ts';

export interface SceneObject {
  readonly label: 'person' | 'pole';
  /** The same through a clip. */
  readonly track: number;
  /** All its visible pixels. */
  readonly box: Box;
  /** Poles: the visible trunk. */
  readonly shaft?: Box;
  /** Visible pixels, and those that it would show with nothing before it. */
  readonly area: number;
  readonly fullArea: number;
  readonly ignore: boolean;
  /** Touches the picture's border. */
  readonly edge: boolean;
}

export const RULES = {
  personHeight: 16,
  personArea: 40,
  poleHeight: 16,
  poleArea: 12,
  shaftAspect: 3,
  /** What is ignored and lower than this gets no annotation, only mask value 3. */
  annotatedHeight: 8,
  /** Least visible share. */
  visible: 0.15,
} as const;

class Bounds {
  x0 = Infinity;
  y0 = Infinity;
  x1 = -Infinity;
  y1 = -Infinity;
  add(x: number, y: number): void {
    if (x < this.x0) this.x0 = x;
    if (x > this.x1) this.x1 = x;
    if (y < this.y0) this.y0 = y;
    if (y > this.y1) this.y1 = y;
  }
  get box(): Box {
    return { x: this.x0, y: this.y0, width: this.x1 - this.x0 + 1, height: this.y1 - this.y0 + 1 };
  }
}

/** @param labels label and track by object number, from 1. */
export function extractObjects(
  canvas: Canvas,
  labels: readonly { label: 'person' | 'pole'; track: number; thin: boolean }[],
  mirrored: boolean,
): { mask: Uint8Array; classes: Uint8Array; objects: SceneObject[] } {
  const { width, height, owners } = canvas;
  const all = labels.map(() => new Bounds());
  const shafts = labels.map(() => new Bounds());
  const areas = new Uint32Array(labels.length);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const owner = owners[p];
      if (owner < 2) continue;
      const i = (owner >> 1) - 1;
      const column = mirrored ? width - 1 - x : x;
      all[i].add(column, y);
      areas[i]++;
      if (owner & 1) shafts[i].add(column, y);
    }
  const objects: SceneObject[] = [];
  const values = new Uint8Array(labels.length);
  labels.forEach(({ label, track, thin }, i) => {
    if (areas[i] === 0) return;
    const box = all[i].box;
    const shaft = label === 'pole' && shafts[i].x1 >= 0 ? shafts[i].box : undefined;
    const fullArea = Math.max(areas[i], canvas.drawn[i + 1]);
    const hidden = areas[i] < RULES.visible * fullArea;
    const ignore =
      label === 'person'
        ? hidden || box.height < RULES.personHeight || areas[i] < RULES.personArea
        : hidden ||
          thin ||
          !shaft ||
          shaft.height < RULES.poleHeight ||
          areas[i] < RULES.poleArea ||
          shaft.height / shaft.width < RULES.shaftAspect;
    if (ignore && box.height < RULES.annotatedHeight) {
      values[i] = MASK_IGNORE;
      return;
    }
    values[i] = ignore ? MASK_IGNORE : label === 'person' ? MASK_PERSON : MASK_POLE;
    const edge = box.x === 0 || box.y === 0 || box.x + box.width === width || box.y + box.height === height;
    objects.push({ label, track, box, shaft, area: areas[i], fullArea, ignore, edge });
  });
  const mask = new Uint8Array(width * height);
  const classes = new Uint8Array(width * height);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const o = y * width + (mirrored ? width - 1 - x : x);
      classes[o] = canvas.classes[p];
      if (owners[p] >= 2) mask[o] = values[(owners[p] >> 1) - 1];
    }
  return { mask, classes, objects };
}
