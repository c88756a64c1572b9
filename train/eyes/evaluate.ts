/**
 * How well the detector of eyes tells faces from what is none, on photographs that it did not learn from:
 *
 *   node tools/run-typescript.mjs train/eyes/evaluate.ts --packages DIR [--data ../shared/data] [--misses DIR]
 *
 * DIR: where `npm pack` put the packages of marks.json, each unpacked in NAME-VERSION.
 *
 * By place: the evidence at a face against that at places of the same size, in a grid over the same photographs away from
 * faces and over photographs without. By frame: the greatest evidence of a photograph with a face against that of one
 * without, which is harder. Intervals by bootstrap over photographs, all frames of one person's clip as one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCascade } from '../../src/attention/eyes/face-cascade.ts';
import { type FaceHit, FaceScan } from '../../src/attention/eyes/face-scan.ts';
import { EYES_WEIGHTS } from '../../src/attention/eyes/weights.ts';
import { greyPicture } from '../../src/attention/grey.ts';
import { mixSeed, seededRandom } from '../random.ts';
import { faceWindow, MARKS } from './marks.ts';
import { atWorkingSize, pathOf, withoutFaces } from './pictures.ts';
import type { Grey } from './samples.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    packages: { type: 'string' },
    weights: { type: 'string' },
    misses: { type: 'string' },
  },
});
const SAME_IOU = 0.35;
const LEAST_FACE_PX = 40;
/** Working sizes that every photograph is looked at in: the default one, a half and a quarter of its px. */
const SIZES = [230_400, 115_200, 57_600];
const BOOTSTRAPS = 1000;

interface Scored {
  readonly group: string;
  readonly file: string;
  readonly sidePx: number;
  readonly looks: boolean;
  readonly face: boolean;
  readonly score: number;
  readonly box: readonly number[];
  readonly working: number;
}

const bytes = values.weights
  ? Buffer.from(
      (await import('node:fs')).readFileSync(values.weights, 'utf8').match(/'([^']+)'/)![1],
      'base64',
    )
  : Buffer.from(EYES_WEIGHTS, 'base64');
const scan = new FaceScan(readCascade(bytes));

function find({ width, height, data }: Grey): FaceHit[] {
  const rgba = new Uint8ClampedArray(4 * data.length);
  for (let i = 0; i < data.length; i++) rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = data[i];
  return scan.find(greyPicture({ width, height, data: rgba }, 2)).map(({ box, evidence }) => ({
    evidence,
    box: { x: 2 * box.x, y: 2 * box.y, width: 2 * box.width, height: 2 * box.height },
  }));
}

/** Edges repeated by a fifth: crops that end at the face leave a window no room. */
function roomy({ width, height, data }: Grey): { grey: Grey; off: number } {
  const off = Math.round(0.2 * Math.max(width, height));
  const [w, h] = [width + 2 * off, height + 2 * off];
  const out = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    const from = Math.max(0, Math.min(height - 1, y - off)) * width;
    for (let x = 0; x < w; x++) out[y * w + x] = data[from + Math.max(0, Math.min(width - 1, x - off))];
  }
  return { grey: { width: w, height: h, data: out }, off };
}

const scoreAt = (hits: readonly FaceHit[], box: readonly number[]) =>
  Math.max(0, ...hits.map((hit) => (iou(box, hit.box) >= SAME_IOU ? hit.evidence : 0)));

function iou([x, y, width, height]: readonly number[], box: FaceHit['box']): number {
  const wide = Math.min(x + width, box.x + box.width) - Math.max(x, box.x);
  const tall = Math.min(y + height, box.y + box.height) - Math.max(y, box.y);
  if (wide <= 0 || tall <= 0) return 0;
  return (wide * tall) / (width * height + box.width * box.height - wide * tall);
}

const touches = ([x, y, width, height]: readonly number[], [u, v, w, h]: readonly number[]) =>
  x < u + w && u < x + width && y < v + h && v < y + height;

const places: Scored[] = [];
const frames: Scored[] = [];

function look(file: string, group: string, pixels: number, photograph?: (typeof MARKS)[number]): void {
  const { grey: whole, scale } = atWorkingSize(photograph ? pathOf(roots, photograph) : file, pixels);
  const cropped = /_crop/.test(file);
  const { grey, off } = cropped ? roomy(whole) : { grey: whole, off: 0 };
  const hits = find(grey);
  const faces = (photograph?.faces ?? []).map((face) => {
    const { x, y, width } = faceWindow(face);
    return { looks: face.looks, box: [x * scale + off, y * scale + off, width * scale, width * scale] };
  });
  const common = { group, file, working: pixels };
  for (const { looks, box } of faces) {
    places.push({ ...common, face: true, looks, sidePx: box[2], score: scoreAt(hits, box), box });
  }
  const away = [
    ...faces.map(({ box }) => box),
    ...(photograph?.ignore ?? []).map((box) => box.map((value) => value * scale)),
  ];
  for (const side of cropped ? [] : [44, 64, 92, 132]) {
    for (let y = 0; y + side <= grey.height; y += side) {
      for (let x = 0; x + side <= grey.width; x += side) {
        const box = [x, y, side, side];
        if (away.some((other) => touches(box, other))) continue;
        places.push({ ...common, face: false, looks: false, sidePx: side, score: scoreAt(hits, box), box });
      }
    }
  }
  const looking = faces.filter(({ looks, box }) => looks && box[2] >= LEAST_FACE_PX);
  if (photograph && looking.length === 0) return;
  const largest = Math.max(0, ...looking.map(({ box }) => box[2]));
  const score = photograph
    ? Math.max(...looking.map(({ box }) => scoreAt(hits, box)))
    : (hits[0]?.evidence ?? 0);
  frames.push({
    ...common,
    face: photograph !== undefined,
    looks: true,
    sidePx: largest,
    score,
    box: hits[0] ? Object.values(hits[0].box) : [],
  });
}

/** Share of pairs in the right order, ties half. */
function auc(faces: readonly number[], others: readonly number[]): number {
  const sorted = others.slice().sort((a, b) => a - b);
  const rank = (value: number, orEqual: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const mid = (low + high) >> 1;
      if (sorted[mid] < value || (orEqual && sorted[mid] === value)) low = mid + 1;
      else high = mid;
    }
    return low;
  };
  const sum = faces.reduce((total, value) => total + (rank(value, false) + rank(value, true)) / 2, 0);
  return sum / (faces.length * others.length);
}

/** @returns the AUC and its 95% interval */
function interval(scored: readonly Scored[]): {
  auc: number;
  low: number;
  high: number;
  faces: number;
  others: number;
} {
  const groups = new Map<string, { faces: number[]; others: number[] }>();
  for (const { group, face, score } of scored) {
    if (!groups.has(group)) groups.set(group, { faces: [], others: [] });
    groups.get(group)![face ? 'faces' : 'others'].push(score);
  }
  const all = [...groups.values()];
  const aucOf = (chosen: typeof all) =>
    auc(
      chosen.flatMap(({ faces }) => faces),
      chosen.flatMap(({ others }) => others),
    );
  const random = seededRandom(mixSeed(7));
  const draws = Array.from({ length: BOOTSTRAPS }, () =>
    aucOf(all.map(() => all[Math.floor(random() * all.length)])),
  )
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const count = (face: boolean) => scored.filter((one) => one.face === face).length;
  return {
    ...{
      auc: aucOf(all),
      low: draws[Math.floor(0.025 * draws.length)],
      high: draws[Math.floor(0.975 * draws.length)],
    },
    ...{ faces: count(true), others: count(false) },
  };
}

const roots = { data: values.data, packages: values.packages };
const groupOf = (file: string) =>
  file.includes('franck') ? 'franck' : file.includes('ieber') ? 'bieber' : file.replace(/\d?_crop/, '');
const half = <T>(list: readonly T[]) => list.slice(Math.ceil(list.length / 2));
for (const pixels of SIZES) {
  for (const photograph of MARKS.filter(({ use }) => use === 'test')) {
    look(photograph.file, groupOf(photograph.file), pixels, photograph);
  }
}
const markedFiles = new Set(MARKS.map(({ file }) => file.split('/').pop()));
const permissive = new Set(withoutFaces(roots, 'coco', true));
const without = {
  coco: withoutFaces(roots, 'coco', false).filter(
    (file) => !permissive.has(file) && !markedFiles.has(file.split('/').pop()),
  ),
  walkcam: half(withoutFaces(roots, 'walkcam', true)),
  carla_person: half(withoutFaces(roots, 'carla_person', true)),
  'camvid/val': withoutFaces(roots, 'camvid/val', false).filter((_, i) => i % 2 === 0),
  utilpoles: withoutFaces(roots, 'utilpoles', false).filter((_, i) => i % 8 === 0),
};
for (const [set, files] of Object.entries(without)) {
  for (const file of files) look(file, `${set} ${file}`, SIZES[0]);
}

const atLeast = places.filter(({ face, looks, sidePx }) => !face || (looks && sidePx >= LEAST_FACE_PX));
const own = ({ working }: Scored) => working === SIZES[0];
/** Evidence of an alert (eyes-prior.ts). */
const ALERT = 15;
const report = {
  places: interval(atLeast.filter(own)),
  placesAllSizes: interval(atLeast),
  frames: interval(frames.filter(own)),
  bySize: [
    [20, 40],
    [40, 56],
    [56, 80],
    [80, 120],
    [120, 1000],
  ].map(([from, to]) => {
    const these = places.filter(
      ({ face, looks, sidePx }) => !face || (looks && sidePx >= from && sidePx < to),
    );
    const faces = these.filter(({ face }) => face);
    return {
      from,
      to,
      faces: faces.length,
      auc: faces.length ? interval(these).auc : null,
      found: faces.filter(({ score }) => score >= ALERT).length,
    };
  }),
  notLooking: places
    .filter((one) => one.face && !one.looks && own(one) && one.sidePx >= LEAST_FACE_PX)
    .map(({ file, score }) => `${file}: ${score.toFixed(1)}`),
  misses: places
    .filter((one) => one.face && one.looks && own(one) && one.sidePx >= LEAST_FACE_PX && one.score < ALERT)
    .map(({ file, sidePx, score }) => `${file} ${sidePx.toFixed(0)} px: ${score.toFixed(1)}`),
  falseFrames: frames.filter((one) => !one.face && one.score >= ALERT).length,
  falseBySet: Object.keys(without).map((set) => {
    const these = frames.filter(({ face, group }) => !face && group.startsWith(set));
    return `${set}: ${these.filter(({ score }) => score >= ALERT).length} of ${these.length}, greatest ${Math.max(...these.map(({ score }) => score)).toFixed(1)}`;
  }),
};
console.log(JSON.stringify(report, null, 1));
if (values.misses)
  writeFileSync(join(values.misses, 'scores.json'), JSON.stringify(places.filter(({ face }) => face)));
