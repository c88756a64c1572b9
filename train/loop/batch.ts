/** A batch: random views of random pictures with their targets, the same for the same seed and step. */
import type { NetworkSpec } from '../../src/network/spec.ts';
import {
  pictureAbsoluteX,
  pictureY,
  randomTone,
  randomView,
  renderView,
  type View,
} from '../data/augment.ts';
import type { TruePicture } from '../data/instances.ts';
import { emptyTargets, fillTargets, type Targets } from '../data/targets.ts';
import { mixSeed, type Random, seededRandom } from '../random.ts';

export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

export interface Batch {
  readonly size: number;
  readonly view: ViewSize;
  /** [N, H, W, 4] */
  readonly frames: Float32Array;
  /** [N, h, w, 4] */
  readonly coordinates: Float32Array;
  readonly targets: Targets;
}

/** Gives a picture for a random number; sets are mixed by weight here. */
export type PictureSource = (random: Random) => TruePicture;

export function makeBatch(
  spec: NetworkSpec,
  source: PictureSource,
  size: number,
  view: ViewSize,
  seed: number,
  step: number,
): Batch {
  const rows = view.height / spec.cell;
  const columns = view.width / spec.cell;
  const floats = view.width * view.height * 4;
  const frames = new Float32Array(size * floats);
  const coordinates = new Float32Array(size * rows * columns * 4);
  const targets = emptyTargets(size, rows, columns, spec.labels.length);
  for (let n = 0; n < size; n++) {
    const random = seededRandom(mixSeed(seed, step, n));
    const picture = source(random);
    const chosen = randomView(picture, view.width, view.height, random);
    renderView(picture, chosen, randomTone(random), frames, n * floats);
    fillTargets(spec, picture, chosen, n, targets);
    fillCoordinates(spec, picture, chosen, coordinates, n * rows * columns * 4);
  }
  return { size, view, frames, coordinates, targets };
}

/** The join's coordinates of a view's cells: where they lie in the whole picture, and in their block. */
function fillCoordinates(
  spec: NetworkSpec,
  picture: TruePicture,
  view: View,
  out: Float32Array,
  offset: number,
): void {
  const { cell } = spec;
  const side = spec.block / cell;
  const middle = (cell - 1) / 2;
  let at = offset;
  for (let row = 0; row < view.height / cell; row++) {
    const y = pictureY(picture, view, row * cell + middle);
    for (let column = 0; column < view.width / cell; column++, at += 4) {
      out[at] = y;
      out[at + 1] = pictureAbsoluteX(picture, view, column * cell + middle);
      out[at + 2] = (2 * ((column % side) + 0.5)) / side - 1;
      out[at + 3] = (2 * ((row % side) + 0.5)) / side - 1;
    }
  }
}
