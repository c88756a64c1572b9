/**
 * What the network shall answer for a view: a class and a box a cell, positives a block.
 *
 * Letters: N views, h w cells, g blocks; L labels. All arrays row-major, views first.
 */
import { encodeCellBox } from '../../src/detection/cell-box.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import {
  IGNORED_PIXEL,
  isUnjudged,
  NO_INSTANCE,
  PART_PIXEL,
  type TruePicture,
  UNKNOWN_CLASS,
  VOID_PIXEL,
} from './instances.ts';
import { sourceX, sourceY, type View } from './views.ts';

/** A cell is of an object when at least this many of its pixels are (of cell x cell). */
const LEAST_PIXELS = 2;
/** An object cut by the view's edge still counts when this share of its box is left. */
const LEAST_VISIBLE_SHARE = 0.35;

/** A cell at its object's very end would want -infinity: 1 px in units of 16 is as near as it needs to say. */
const LEAST_LOG_DISTANCE = Math.log(1 / 16);

/** Of a cell that shows nothing of a person or a pole; that does, be it judged or not; of which that is not known. */
export const NO_LOOK = 0;
export const LOOK = 1;
export const LOOK_UNKNOWN = 2;

/** centre, width, top, bottom. */
export const GEOMETRY_CHANNELS = 4;

/** Targets of a batch, filled view by view. */
export interface Targets {
  /** [N, h, w, L]: 1 where the cell shows an object of the label. */
  readonly score: Float32Array;
  /** [N, h, w, L]: 0 where the loss shall not count. */
  readonly weight: Float32Array;
  /** [N, h, w, L]: where score is 1, 1 / sqrt(cells of the object in its view), so that small objects count. */
  readonly share: Float32Array;
  /** [N, h, w, 4 L]: centre, width, top, bottom as cell-box.ts defines them; where score is 1. */
  readonly box: Float32Array;
  /** [N, h, w]: whether the cell is worth a look: NO_LOOK, LOOK or LOOK_UNKNOWN. */
  readonly look: Uint8Array;
  /** [N, h, w]: scene class or UNKNOWN_CLASS. */
  readonly scene: Uint8Array;
}

export function emptyTargets(batch: number, cellRows: number, cellColumns: number, labels: number): Targets {
  const cells = batch * cellRows * cellColumns;
  return {
    score: new Float32Array(cells * labels),
    weight: new Float32Array(cells * labels),
    share: new Float32Array(cells * labels),
    box: new Float32Array(cells * labels * GEOMETRY_CHANNELS),
    look: new Uint8Array(cells),
    scene: new Uint8Array(cells).fill(UNKNOWN_CLASS),
  };
}

interface ViewObject {
  readonly label: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly counts: boolean;
}

/** The picture's boxes as the view shows them, clipped to it. */
function viewObjects(picture: TruePicture, view: View): ViewObject[] {
  return picture.objects.map(({ label, box }) => {
    let x0 = (box.x - view.offsetX) / view.stepX;
    let x1 = (box.x + box.width - view.offsetX) / view.stepX;
    if (view.mirrored) [x0, x1] = [view.width - x1, view.width - x0];
    const y0 = (box.y - view.offsetY) / view.stepY;
    const y1 = (box.y + box.height - view.offsetY) / view.stepY;
    const clipped = {
      x0: Math.max(0, x0),
      y0: Math.max(0, y0),
      x1: Math.min(view.width, x1),
      y1: Math.min(view.height, y1),
    };
    const left = Math.max(0, clipped.x1 - clipped.x0) * Math.max(0, clipped.y1 - clipped.y0);
    return { label, ...clipped, counts: left >= LEAST_VISIBLE_SHARE * (x1 - x0) * (y1 - y0) };
  });
}

/** Writes the targets of view `index` of the batch. */
export function fillTargets(
  spec: NetworkSpec,
  picture: TruePicture,
  view: View,
  index: number,
  targets: Targets,
): void {
  const labels = spec.labels.length;
  const objects = viewObjects(picture, view);
  const columns = view.width / spec.cell;
  const rows = view.height / spec.cell;
  const owned: number[][] = objects.map(() => []);
  const { sources, sourceRows } = sourcePixels(picture, view);
  const pixels = new CellPixels();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      pixels.clear();
      for (let v = 0; v < spec.cell; v++) {
        const from = sourceRows[row * spec.cell + v];
        if (from < 0) continue;
        for (let u = 0; u < spec.cell; u++) {
          const source = sources[column * spec.cell + u];
          if (source >= 0) pixels.add(picture.instances[from + source]);
        }
      }
      const part = pixels.counts[PART_PIXEL];
      const ignored = pixels.counts[IGNORED_PIXEL];
      const unjudged = ignored + part + pixels.counts[VOID_PIXEL];
      let [shown, doubted] = [part >= LEAST_PIXELS, ignored >= LEAST_PIXELS];
      const cell = (index * rows + row) * columns + column;
      targets.scene[cell] = sceneOf(
        picture,
        sourceRows[row * spec.cell + 2],
        sources[column * spec.cell + 2],
      );
      for (let label = 0; label < labels; label++) {
        const at = cell * labels + label;
        const owner = pixels.kinds > 0 ? mostPixels(objects, pixels, label) : -1;
        targets.weight[at] = picture.labelled[label] && (owner >= 0 || unjudged < LEAST_PIXELS) ? 1 : 0;
        if (!picture.labelled[label]) doubted = true;
        if (owner < 0) continue;
        const object = objects[owner];
        if (!object.counts) {
          targets.weight[at] = 0;
          doubted = true;
          continue;
        }
        if (picture.labelled[label]) shown = true;
        targets.score[at] = 1;
        owned[owner].push(at);
        const fixed = { x: (column + 0.5) * spec.cell, y: (row + 0.5) * spec.cell };
        encodeBox(object, fixed, targets.box, at * GEOMETRY_CHANNELS);
      }
      targets.look[cell] = shown ? LOOK : doubted ? LOOK_UNKNOWN : NO_LOOK;
    }
  }
  for (const rowsOfObject of owned) {
    for (const at of rowsOfObject) targets.share[at] = 1 / Math.sqrt(rowsOfObject.length);
  }
}

function encodeBox(
  object: ViewObject,
  cell: { x: number; y: number },
  out: Float32Array,
  offset: number,
): void {
  const { centre, width, top, bottom } = encodeCellBox(cell.x, cell.y, object);
  out.set([centre, width, Math.max(LEAST_LOG_DISTANCE, top), Math.max(LEAST_LOG_DISTANCE, bottom)], offset);
}

/** Pixels a cell has of each instance. */
class CellPixels {
  readonly counts = new Uint8Array(256);
  /** The first `kinds`: instances that the cell has any pixel of, unjudged ones left out. */
  readonly found = new Uint8Array(256);
  kinds = 0;

  clear(): void {
    this.counts[IGNORED_PIXEL] = 0;
    this.counts[PART_PIXEL] = 0;
    this.counts[VOID_PIXEL] = 0;
    while (this.kinds > 0) this.counts[this.found[--this.kinds]] = 0;
  }

  add(instance: number): void {
    if (instance === NO_INSTANCE) return;
    if (this.counts[instance]++ === 0 && !isUnjudged(instance)) this.found[this.kinds++] = instance;
  }
}

/** The object of the label with most of the cell's pixels, the first of equal ones; -1 where all have too few. */
function mostPixels(objects: readonly ViewObject[], pixels: CellPixels, label: number): number {
  const { counts, found, kinds } = pixels;
  let best = -1;
  for (let i = 0; i < kinds; i++) {
    const instance = found[i];
    if (objects[instance - 1].label !== label || counts[instance] < LEAST_PIXELS) continue;
    const [more, best1] = [counts[instance], best < 0 ? 0 : counts[best + 1]];
    if (more > best1 || (more === best1 && instance - 1 < best)) best = instance - 1;
  }
  return best;
}

/** Nearest picture column of every view column and offset of the picture row of every view row; -1 outside. */
function sourcePixels(picture: TruePicture, view: View): { sources: Int32Array; sourceRows: Int32Array } {
  const sources = Int32Array.from({ length: view.width }, (_, x) => {
    const source = Math.round(sourceX(view, x));
    return source >= 0 && source < picture.width ? source : -1;
  });
  const sourceRows = Int32Array.from({ length: view.height }, (_, y) => {
    const source = Math.round(sourceY(view, y));
    return source >= 0 && source < picture.height ? source * picture.width : -1;
  });
  return { sources, sourceRows };
}

function sceneOf(picture: TruePicture, row: number, column: number): number {
  return picture.classes && row >= 0 && column >= 0 ? picture.classes[row + column] : UNKNOWN_CLASS;
}
