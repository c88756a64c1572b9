/**
 * A batch: random views of random pictures with their targets, the same for the same seed and step. A picture that
 * labels people only shows them far too large for a street; four small views of such pictures make one item.
 */
import { respond, responseOf } from '../../src/network/response.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { AUGMENT, type AugmentSettings } from '../data/augment-settings.ts';
import { corruptView, SEVERITIES, TRAINED_KINDS } from '../data/corruptions/index.ts';
import type { TruePicture } from '../data/instances.ts';
import { renderView } from '../data/render-view.ts';
import { restyleView } from '../data/style.ts';
import { emptyTargets, fillTargets, GEOMETRY_CHANNELS, type Targets } from '../data/targets.ts';
import { randomTone } from '../data/tone.ts';
import { peopleView, pictureAbsoluteX, pictureY, randomView, type View } from '../data/views.ts';
import { mixSeed, type Random, seededRandom } from '../random.ts';
import type { Twins } from './agreement.ts';

export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

export interface Batch {
  readonly size: number;
  readonly view: ViewSize;
  /** [N, H, W, 4], as the network's spec wants its input. */
  readonly frames: Float32Array;
  /** [N, h, w, 4] */
  readonly coordinates: Float32Array;
  readonly targets: Targets;
  /** Which views are corrupted ones of which, to be answered like them. */
  readonly twins: Twins;
}

/** Gives a picture for random numbers; sets are mixed by weight, and things pasted in, here. */
export interface PictureSource {
  /** @param wanted only such pictures, where one is found in a few draws: asked before anything is pasted in */
  (random: Random, wanted?: (picture: TruePicture) => boolean): TruePicture;
  /** What is done to its views; default AUGMENT. */
  readonly augment?: AugmentSettings;
}

/** Channels of the frame tensor and of the join's coordinates. */
const CHANNELS = 4;
/**
 * @param first number of the first view: a batch made in parts shows the same views as one made whole
 * @param held a batch of the same sizes that is no longer wanted: its memory is used
 */
export function makeBatch(
  spec: NetworkSpec,
  source: PictureSource,
  size: number,
  view: ViewSize,
  seed: number,
  step: number,
  first = 0,
  held?: Batch,
): Batch {
  const batch = held ? cleared(held) : emptyBatch(spec, size, view);
  const { augment = AUGMENT } = source;
  for (let n = 0; n < size; n++) {
    const number = first + n;
    const random = seededRandom(mixSeed(seed, step, number));
    const isTwin = number % 2 === 1 && random() < augment.twinShare;
    if (!isTwin) {
      makeItem(spec, batch, n, source, random);
    } else if (n > 0) {
      copyItem(batch, n - 1, n);
      batch.twins[n] = n - 1;
    } else {
      // Its clean view is in another part: the same view, but nothing to compare it with.
      makeItem(spec, batch, n, source, seededRandom(mixSeed(seed, step, number - 1)));
    }
    if (isTwin) corruptItem(batch, n, augment, random);
  }
  respondTo(spec, batch.frames);
  return batch;
}

/** From linear colours, [-1, 1], to the network's response to them. */
function respondTo(spec: NetworkSpec, frames: Float32Array): void {
  if (spec.halfSaturation === undefined) return;
  const response = responseOf(spec);
  for (let i = 0; i < frames.length; i++) {
    if (i % CHANNELS < 3) frames[i] = respond(response, (frames[i] + 1) * 127.5);
  }
}

function makeItem(spec: NetworkSpec, batch: Batch, n: number, source: PictureSource, random: Random): void {
  const { augment = AUGMENT } = source;
  showItem(spec, batch, n, source, random);
  if (random() < augment.styleShare)
    restyleView(frameOf(batch, n), batch.view.width, batch.view.height, random);
}

/** Renders a view, or four small ones, as item `n`. */
function showItem(spec: NetworkSpec, batch: Batch, n: number, source: PictureSource, random: Random): void {
  const { augment = AUGMENT } = source;
  const { view } = batch;
  const picture = source(random);
  if (isStreet(picture)) {
    const whole = randomView(picture, view.width, view.height, random, augment.objectShare);
    renderItem(spec, batch, n, picture, whole, augment, random);
    return;
  }
  const tile = { width: view.width / 2, height: view.height / 2 };
  const tiles = tilesOf(spec, tile);
  for (let i = 0; i < 4; i++) {
    const own = i === 0 ? picture : similarPicture(source, picture, random);
    renderItem(spec, tiles, i, own, peopleView(own, tile.width, tile.height, random), augment, random);
  }
  copyTiles(spec, tiles, batch, n);
}

function emptyBatch(spec: NetworkSpec, size: number, view: ViewSize): Batch {
  const rows = view.height / spec.cell;
  const columns = view.width / spec.cell;
  return {
    size,
    view,
    frames: new Float32Array(size * view.width * view.height * CHANNELS),
    coordinates: new Float32Array(size * rows * columns * CHANNELS),
    targets: emptyTargets(size, rows, columns, spec.labels.length),
    twins: new Int8Array(size).fill(-1),
  };
}

/** As `emptyBatch` makes it, but for what every view writes anyway. */
function cleared(batch: Batch): Batch {
  const { score, share, box } = batch.targets;
  for (const array of [score, share, box]) array.fill(0);
  batch.twins.fill(-1);
  return batch;
}

let heldTiles: Batch | undefined;

/** Room for four small views, the same for every item. */
function tilesOf(spec: NetworkSpec, view: ViewSize): Batch {
  const fits =
    heldTiles?.view.width === view.width &&
    heldTiles.view.height === view.height &&
    heldTiles.targets.score.length ===
      (4 * view.width * view.height * spec.labels.length) / (spec.cell * spec.cell);
  heldTiles = heldTiles && fits ? cleared(heldTiles) : emptyBatch(spec, 4, view);
  return heldTiles;
}

function copyItem(batch: Batch, from: number, to: number): void {
  for (const array of [batch.frames, batch.coordinates, ...Object.values(batch.targets)]) {
    const length = array.length / batch.size;
    array.copyWithin(to * length, from * length, (from + 1) * length);
  }
}

/** Draws no number for what never happens: without it views are what they are without the choice. */
function happens(random: Random, share: number): boolean {
  return share > 0 && random() < share;
}

/** The item's pixels, [H, W, 4]. */
function frameOf({ frames, size }: Batch, n: number): Float32Array {
  const length = frames.length / size;
  return frames.subarray(n * length, (n + 1) * length);
}

/** Gives an item another style, or corrupts it by a random kind that training may use. */
function corruptItem(batch: Batch, n: number, augment: AugmentSettings, random: Random): void {
  const { width, height } = batch.view;
  if (happens(random, augment.twinStyleShare)) {
    restyleView(frameOf(batch, n), width, height, random);
    return;
  }
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)];
  corruptView(pick(TRAINED_KINDS), pick(SEVERITIES), frameOf(batch, n), width, height, random);
}

/** Shows people as large as a street does: whole views are taken of it. */
function isStreet({ labelled, backdrop, close }: TruePicture): boolean {
  return Boolean(backdrop) || (labelled.every(Boolean) && !close);
}

/** Another picture that is no street. */
function similarPicture(source: PictureSource, first: TruePicture, random: Random): TruePicture {
  const picture = source(random, (other) => !isStreet(other));
  return isStreet(picture) ? first : picture;
}

/** Renders a view of the batch's size and its targets as item `n`. */
function renderItem(
  spec: NetworkSpec,
  batch: Batch,
  n: number,
  picture: TruePicture,
  view: View,
  augment: AugmentSettings,
  random: Random,
): void {
  renderView(
    picture,
    view,
    randomTone(random, augment),
    batch.frames,
    n * view.width * view.height * CHANNELS,
  );
  fillTargets(spec, picture, view, n, batch.targets);
  const cells = (view.width / spec.cell) * (view.height / spec.cell);
  batch.coordinates.set(viewCoordinates(spec, picture, view), n * cells * CHANNELS);
}

/** Puts four items side by side and above each other into item `n` of a batch of twice their size. */
function copyTiles(spec: NetworkSpec, tiles: Batch, batch: Batch, n: number): void {
  const { width, height } = tiles.view;
  const L = spec.labels.length;
  const frame = { n, rows: height, columns: width };
  copyQuarters(tiles.frames, batch.frames, CHANNELS, frame);
  const cells = { n, rows: height / spec.cell, columns: width / spec.cell };
  copyQuarters(tiles.coordinates, batch.coordinates, CHANNELS, cells);
  copyQuarters(tiles.targets.score, batch.targets.score, L, cells);
  copyQuarters(tiles.targets.weight, batch.targets.weight, L, cells);
  copyQuarters(tiles.targets.share, batch.targets.share, L, cells);
  copyQuarters(tiles.targets.box, batch.targets.box, L * GEOMETRY_CHANNELS, cells);
  copyQuarters(tiles.targets.look, batch.targets.look, 1, cells);
  copyQuarters(tiles.targets.scene, batch.targets.scene, 1, cells);
}

/** Copies [4, rows, columns, channels] into item n of [N, 2 rows, 2 columns, channels]. */
function copyQuarters<T extends Float32Array | Uint8Array>(
  from: T,
  to: T,
  channels: number,
  { n, rows, columns }: { n: number; rows: number; columns: number },
): void {
  const length = columns * channels;
  for (let i = 0; i < 4; i++) {
    for (let row = 0; row < rows; row++) {
      const down = n * 2 * rows + Math.floor(i / 2) * rows + row;
      const start = (i * rows + row) * length;
      to.set(from.subarray(start, start + length), (down * 2 + (i % 2)) * length);
    }
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
