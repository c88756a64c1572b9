/**
 * Trains the detector of eyes and writes it to src/attention/eyes/weights.ts:
 *
 *   node tools/run-typescript.mjs train/eyes/run.ts [--data ../shared/data] [--trees 120] [--seed 1] [--out FILE]
 *
 * Learns from painted faces (paint-face.ts), the photographs that marks.json gives to `train` (COCO, permissive licences)
 * and, as what is no face, painted heads that do not look and places of permissive photographs, those above all that the
 * detector so far takes for faces. The same seed gives the same file.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  emptyCascade,
  type FaceCascade,
  HEAD_BYTES,
  LEAVES,
  QUESTIONS,
  TREE_BYTES,
  UNIT,
  VERSION,
  WINDOW_SIDES,
} from '../../src/attention/eyes/face-cascade.ts';
import { FaceScan } from '../../src/attention/eyes/face-scan.ts';
import { greyPicture } from '../../src/attention/grey.ts';
import { between, mixSeed, type Random, seededRandom } from '../random.ts';
import { Booster, letGo, type Sample } from './boost.ts';
import { faceWindow, MARKS, type MarkedPhotograph } from './marks.ts';
import { type FaceKind, paintFace } from './paint-face.ts';
import { atWorkingSize, pathOf, withoutFaces } from './pictures.ts';
import { type Grey, points, seen } from './samples.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    trees: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'src/attention/eyes/weights.ts' },
    painted: { type: 'string', default: '1500' },
  },
});
const TREES = Number(values.trees);
const SEED = Number(values.seed);
/** After so many trees, as shares of all, what is no face is looked for anew. */
const STAGES = [0.06, 0.2, 0.5, 1];
const PAINTED = Number(values.painted);
const VIEWS_OF_PAINTED = 2;
const VIEWS_OF_PHOTOGRAPH = 250;
/** How much a view of a photograph counts; one of a painted face counts 1. */
const PHOTOGRAPH_WEIGHT = 1.5;
const FIRST_OTHERS = 5000;
const MINED = 3500;
/** Of positives: lost by letting go early, at most. */
const LOST = 0.005;
const SLACK = 0.75 * UNIT;
const PAINT_PX = 56;
const MARGIN = 0.25;

interface Background {
  readonly grey: Grey;
  /** Half of it: what is scanned. */
  readonly half: ReturnType<typeof greyPicture>;
  /** Faces, working px. */
  readonly boxes: readonly (readonly number[])[];
}

const startMs = performance.now();
const say = (text: string) =>
  console.error(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(4)} s  ${text}`);

function background(path: string, photograph?: MarkedPhotograph): Background {
  const { grey, scale } = atWorkingSize(path);
  const boxes = [
    ...(photograph?.faces ?? []).map((face) => {
      const { x, y, width } = faceWindow(face);
      return [x, y, width, width];
    }),
    ...(photograph?.ignore ?? []),
  ].map((box) => box.map((value) => value * scale));
  return { grey, half: halfOf(grey), boxes };
}

function halfOf({ width, height, data }: Grey): ReturnType<typeof greyPicture> {
  const rgba = new Uint8ClampedArray(4 * data.length);
  for (let i = 0; i < data.length; i++) rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = data[i];
  return greyPicture({ width, height, data: rgba }, 2);
}

const marked = MARKS.filter(({ use }) => use === 'train');
const photographs = marked.map((photograph) => ({
  photograph,
  ...background(pathOf({ data: values.data }, photograph), photograph),
}));
const half = <T>(list: readonly T[]) => list.slice(0, Math.ceil(list.length / 2));
const markedFiles = new Set(MARKS.map(({ file }) => file.split('/').pop()));
const backgrounds: Background[] = [
  ...photographs,
  ...['coco', 'walkcam', 'carla_person']
    .flatMap((set) => {
      const files = withoutFaces({ data: values.data }, set, true);
      return set === 'coco' ? files : half(files);
    })
    .filter((file) => !markedFiles.has(file.split('/').pop()))
    .map((file) => background(file)),
];
say(`${photographs.length} photographs with faces, ${backgrounds.length} to look for what is none`);

const random = seededRandom(mixSeed(SEED, 1));
const sideOf = (from: Random) => WINDOW_SIDES[Math.floor(from() * WINDOW_SIDES.length)];

/** Any place of a background, any size, away from faces. */
function anywhere(): Float32Array | null {
  const { grey, boxes } = backgrounds[Math.floor(random() * backgrounds.length)];
  const most = Math.min(grey.width, grey.height);
  const width = 40 * (most / 40) ** (random() ** 1.5);
  const square = { x: random() * (grey.width - width), y: random() * (grey.height - width), width };
  if (boxes.some((box) => overlaps(box, square.x, square.y, width))) return null;
  const side = sideOf(random);
  return points(seen(random, grey, square, side), side);
}

function overlaps(
  [x, y, width, height]: readonly number[],
  left: number,
  top: number,
  side: number,
): boolean {
  const wide = Math.min(x + width, left + side) - Math.max(x, left);
  const tall = Math.min(y + height, top + side) - Math.max(y, top);
  return wide > 0 && tall > 0 && (wide * tall) / Math.min(width * height, side * side) > 0.15;
}

/** A painted head on a place of a background, and the window it is seen in. */
function painted(kind: FaceKind, views: number): Float32Array[] {
  const { grey } = backgrounds[Math.floor(random() * backgrounds.length)];
  const width = between(random, 30, Math.min(grey.width, grey.height));
  const square = { x: random() * (grey.width - width), y: random() * (grey.height - width), width };
  const px = Math.round(PAINT_PX * (1 + 2 * MARGIN));
  const behind = seen(random, grey, square, px).map((value) => 1.2 * (value / 255) ** 2.2);
  const linear = paintFace(random, kind, px, MARGIN, behind);
  const exposure = between(random, 0.6, 1.5);
  const data = linear.map((value) => 255 * Math.min(1, Math.max(0, value * exposure)) ** (1 / 2.2));
  const face = { x: PAINT_PX * MARGIN, y: PAINT_PX * MARGIN, width: PAINT_PX };
  return Array.from({ length: views }, () => {
    const side = sideOf(random);
    return points(seen(random, { width: px, height: px, data }, face, side), side);
  }).filter((view) => view !== null);
}

const sample =
  (face: boolean, weight: number) =>
  (view: Float32Array): Sample => ({ points: view, face, weight });
const positives: Sample[] = [];
const others: Sample[] = [];
for (let i = 0; i < PAINTED; i++) positives.push(...painted('looks', VIEWS_OF_PAINTED).map(sample(true, 1)));
say(`${positives.length} windows of painted faces`);
for (const { photograph, grey, boxes } of photographs) {
  photograph.faces.forEach(({ eyes, looks }, i) => {
    if (!looks) return;
    const [x, y, width] = boxes[i];
    const { roll } = faceWindow({ eyes });
    for (let view = 0; view < VIEWS_OF_PHOTOGRAPH; view++) {
      const side = sideOf(random);
      const window = points(seen(random, grey, { x, y, width, roll }, side), side);
      if (window) positives.push(sample(true, PHOTOGRAPH_WEIGHT)(window));
    }
  });
}
/** Heads that do not look: how many, as a share of `painted`, and how much they count. */
const DO_NOT_LOOK: readonly [FaceKind, number, number][] = [
  ['eyeless', 0.35, 1],
  ['profile', 0.2, 1],
  ['back', 0.15, 1],
  ['closed', 0.25, 0.15],
  ['aside', 0.1, 0.05],
];
for (const [kind, share, weight] of DO_NOT_LOOK) {
  for (let i = 0; i < share * PAINTED; i++)
    others.push(...painted(kind, VIEWS_OF_PAINTED).map(sample(false, weight)));
}
// Faces with dark and light turned round, or upside down, are none.
for (let i = 0; i < 0.4 * PAINTED; i++) {
  const { points: view } = positives[Math.floor(random() * positives.length)];
  const other = i % 2 ? view.map((value) => -value) : view.slice().reverse();
  others.push(sample(false, 1)(other));
}
while (others.length < FIRST_OTHERS) {
  const window = anywhere();
  if (window) others.push(sample(false, 1)(window));
}
say(`${positives.length} faces, ${others.length} others`);

/** Windows that the first `until` trees take for faces. */
function mined(cascade: FaceCascade, until: number): Sample[] {
  const found: Sample[] = [];
  const first = { ...cascade, trees: until };
  for (const { half: picture, boxes } of backgrounds) {
    const places: number[][] = [];
    let seenHits = 0;
    new FaceScan(first).scan(picture, -1, (x, y, side) => {
      if (boxes.some((box) => overlaps(box, 2 * x, 2 * y, 2 * side))) return true;
      seenHits++;
      if (places.length < 120) places.push([x, y, side]);
      else if (random() < 120 / seenHits) places[Math.floor(random() * 120)] = [x, y, side];
      return true;
    });
    for (const [x, y, side] of places) {
      const own = sideOf(random);
      const window = points(seen(random, picture, { x, y, width: side }, own), own);
      if (window) found.push(sample(false, 1)(window));
    }
  }
  for (let i = found.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [found[i], found[j]] = [found[j], found[i]];
  }
  return found.slice(0, MINED);
}

const cascade = emptyCascade(TREES);
let grown = 0;
for (const share of STAGES) {
  const until = Math.round(share * TREES);
  const faces = positives.reduce((sum, { weight }) => sum + weight, 0);
  const rest = others.reduce((sum, { weight }) => sum + weight, 0);
  const all = [...positives, ...others.map((other) => ({ ...other, weight: (other.weight * faces) / rest }))];
  const booster = new Booster(all, cascade, grown, seededRandom(mixSeed(SEED, 2, until)));
  for (let tree = grown; tree < until; tree++) booster.grow(tree);
  grown = until;
  letGo(
    cascade,
    positives.map((one) => one.points),
    until,
    LOST,
    SLACK,
  );
  const right = all.filter(({ face }, i) => booster.sums[i] > 0 === face).length / all.length;
  say(`${until} trees: ${(100 * right).toFixed(2)}% of ${all.length} windows told apart`);
  if (until === TREES) break;
  const more = mined(cascade, until);
  others.push(...more);
  say(`${more.length} more that were taken for faces`);
}

const bytes = new Uint8Array(HEAD_BYTES + TREES * TREE_BYTES);
bytes.set([VERSION, TREES]);
for (let tree = 0, at = HEAD_BYTES; tree < TREES; tree++) {
  for (let k = tree * QUESTIONS; k < (tree + 1) * QUESTIONS; k++) {
    bytes.set([cascade.a[k], cascade.b[k], cascade.thresholds[k] & 255], at);
    at += 3;
  }
  bytes.set(new Uint8Array(cascade.leaves.buffer, tree * LEAVES, LEAVES), at);
  at += LEAVES;
  bytes.set([cascade.least[tree] & 255, (cascade.least[tree] >> 8) & 255], at);
  at += 2;
}
writeFileSync(
  values.out,
  `// Written by train/eyes/run.ts (--trees ${TREES} --seed ${SEED} --painted ${PAINTED}), learned from painted faces and permissive photographs; do not edit.
// biome-ignore-all format: generated
export const EYES_WEIGHTS = '${Buffer.from(bytes).toString('base64')}';
`,
);
say(`${bytes.length} bytes in ${values.out}`);
