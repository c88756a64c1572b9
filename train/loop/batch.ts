/**
 * A batch: random views of random pictures with their targets, the same for the same seed and step. A picture that
 * labels people only shows them far too large for a street; four small views of such pictures make one item.
 */
import type { NetworkSpec } from '../../src/network/spec.ts';
import { AUGMENT, type AugmentSettings } from '../data/augment-settings.ts';
import type { TruePicture } from '../data/instances.ts';
import { renderView } from '../data/render-view.ts';
import { emptyTargets, fillTargets, GEOMETRY_CHANNELS, type Targets } from '../data/targets.ts';
import { randomTone } from '../data/tone.ts';
import { peopleView, pictureAbsoluteX, pictureY, randomView, type View } from '../data/views.ts';
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

/** Gives a picture for random numbers; sets are mixed by weight, and things pasted in, here. */
export interface PictureSource {
  (random: Random): TruePicture;
  /** What is done to its views; default AUGMENT. */
  readonly augment?: AugmentSettings;
}

/** Channels of the frame tensor and of the join's coordinates. */
const CHANNELS = 4;
/** Draws for a picture that goes with the others of an item before one of these is taken again. */
const MOST_DRAWS = 30;

/** @param first number of the first view: a batch made in parts shows the same views as one made whole. */
export function makeBatch(
  spec: NetworkSpec,
  source: PictureSource,
  size: number,
  view: ViewSize,
  seed: number,
  step: number,
  first = 0,
): Batch {
  const rows = view.height / spec.cell;
  const columns = view.width / spec.cell;
  const batch: Batch = {
    size,
    view,
    frames: new Float32Array(size * view.width * view.height * CHANNELS),
    coordinates: new Float32Array(size * rows * columns * CHANNELS),
    targets: emptyTargets(size, rows, columns, spec.labels.length),
  };
  const { augment = AUGMENT } = source;
  for (let n = 0; n < size; n++) {
    const random = seededRandom(mixSeed(seed, step, first + n));
    const picture = source(random);
    if (isStreet(picture)) {
      const whole = randomView(picture, view.width, view.height, random, augment.objectShare);
      put(spec, batch, { n, left: 0, top: 0 }, picture, whole, augment, random);
      continue;
    }
    const tile = { width: view.width / 2, height: view.height / 2 };
    for (let i = 0; i < 4; i++) {
      const own = i === 0 ? picture : similarPicture(source, picture, random);
      const chosen = peopleView(own, tile.width, tile.height, random);
      const place = { n, left: (i % 2) * tile.width, top: Math.floor(i / 2) * tile.height };
      put(spec, batch, place, own, chosen, augment, random);
    }
  }
  return batch;
}

/** Shows people as large as a street does: whole views are taken of it. */
function isStreet({ labelled, backdrop }: TruePicture): boolean {
  return Boolean(backdrop) || labelled.every(Boolean);
}

/** Another picture that is no street. */
function similarPicture(source: PictureSource, first: TruePicture, random: Random): TruePicture {
  for (let i = 0; i < MOST_DRAWS; i++) {
    const picture = source(random);
    if (!isStreet(picture)) return picture;
  }
  return first;
}

/** Renders a view and puts it and its targets into item `n` at (left, top) px. */
function put(
  spec: NetworkSpec,
  batch: Batch,
  { n, left, top }: Pick<TilePlace, 'n' | 'left' | 'top'>,
  picture: TruePicture,
  view: View,
  augment: AugmentSettings,
  random: Random,
): void {
  const { width, height } = batch.view;
  const frame = new Float32Array(view.width * view.height * CHANNELS);
  renderView(picture, view, randomTone(random, augment), frame, 0);
  const rows = view.height / spec.cell;
  const columns = view.width / spec.cell;
  const L = spec.labels.length;
  const targets = emptyTargets(1, rows, columns, L);
  fillTargets(spec, picture, view, 0, targets);
  const pixels = { n, left, top, columns: width, rows: height, tileColumns: view.width };
  copyTile(frame, batch.frames, CHANNELS, pixels);
  const cells = {
    n,
    left: left / spec.cell,
    top: top / spec.cell,
    columns: width / spec.cell,
    rows: height / spec.cell,
    tileColumns: columns,
  };
  copyTile(viewCoordinates(spec, picture, view), batch.coordinates, CHANNELS, cells);
  copyTile(targets.score, batch.targets.score, L, cells);
  copyTile(targets.weight, batch.targets.weight, L, cells);
  copyTile(targets.share, batch.targets.share, L, cells);
  copyTile(targets.box, batch.targets.box, L * GEOMETRY_CHANNELS, cells);
  copyTile(targets.scene, batch.targets.scene, 1, cells);
}

interface TilePlace {
  readonly n: number;
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly tileColumns: number;
}

/** Copies [tileRows, tileColumns, channels] into item n of [N, rows, columns, channels]. */
function copyTile<T extends Float32Array | Uint8Array>(
  from: T,
  to: T,
  channels: number,
  place: TilePlace,
): void {
  const length = place.tileColumns * channels;
  for (let row = 0; row * length < from.length; row++) {
    const start = ((place.n * place.rows + place.top + row) * place.columns + place.left) * channels;
    to.set(from.subarray(row * length, (row + 1) * length), start);
  }
}

/** The join's coordinates of a view's cells: where they lie in the whole picture, and in their block. */
function viewCoordinates(spec: NetworkSpec, picture: TruePicture, view: View): Float32Array {
  const { cell } = spec;
  const side = spec.block / cell;
  const middle = (cell - 1) / 2;
  const rows = view.height / cell;
  const columns = view.width / cell;
  const out = new Float32Array(rows * columns * CHANNELS);
  for (let row = 0, at = 0; row < rows; row++) {
    const y = pictureY(picture, view, row * cell + middle);
    for (let column = 0; column < columns; column++, at += CHANNELS) {
      out[at] = y;
      out[at + 1] = pictureAbsoluteX(picture, view, column * cell + middle);
      out[at + 2] = (2 * ((column % side) + 0.5)) / side - 1;
      out[at + 3] = (2 * ((row % side) + 0.5)) / side - 1;
    }
  }
  return out;
}
