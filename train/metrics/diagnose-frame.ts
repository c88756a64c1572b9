/**
 * Why things were missed and what false alarms are, in one frame and for one label, and what its AP would be made of
 * if one kind of error were gone. After TIDE (Bolya, Foley, Hays and Hoffman, ECCV 2020): every error has one cause,
 * the first that holds in the order of the lists below. Plain data.
 */
import { boxIou } from '../../src/boxes.ts';
import type { Box, Detection } from '../../src/result.ts';
import { SCENE_CLASS } from '../scenes/scene-class.ts';
import { shareAttended } from './attention-counts.ts';
import type { Scored } from './average-precision.ts';
import { pixelRange, widened } from './boxes.ts';
import { type Match, matchFrame } from './matching.ts';
import { CONFUSION_IOU, type FrameTruth, INSTANCE_SHARE, LEAST_SCORE, labelRules } from './rules.ts';

/** From this IoU on a box is about that thing, however badly placed. */
const NEAR_IOU = 0.1;
/** IoUs at which AP is told beside the label's own. */
export const DIAGNOSIS_IOUS = [0.1, 0.3, 0.5, 0.7] as const;

/**
 * Causes of a miss at the model's threshold: less than half of it was attended; a sure detection calls it by another
 * label; one found it and its neighbour as one; a sure one is badly placed; one is well placed but scores below the
 * threshold, or is also badly placed; nothing is near it.
 */
export const MISS_CAUSES = [
  ...['not attended', 'called otherwise', 'merged with a neighbour', 'badly placed'],
  ...['scored low', 'low and badly placed', 'nothing said'],
] as const;
/** Causes of a false alarm: a second box of a thing, a thing of another label, a bad place, none of these. */
export const ALARM_CAUSES = ['duplicate', 'called otherwise', 'badly placed', 'background'] as const;
export type AlarmCause = 'duplicate' | 'called otherwise' | 'badly placed' | 'background';

export interface Miss {
  readonly cause: string;
  readonly box: Box;
}

export interface FalseAlarm {
  readonly cause: AlarmCause;
  /** The class of most of the pixels under it, by name; undefined without a picture of classes. */
  readonly scene?: string;
  readonly score: number;
  readonly box: Box;
}

/** Errors of a box's edges as shares of the thing's width (left, right) or height (top, bottom); outward is positive. */
export interface EdgeErrors {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What AP is made of: matches, and ground truths that count. */
export interface Outcome {
  readonly matches: readonly Scored[];
  readonly positives: number;
}

export interface LabelDiagnosis {
  /** Heights of all ground truths that count, px, and whether each was hit at the model's threshold. */
  readonly truths: readonly { readonly heightPx: number; readonly hit: boolean }[];
  readonly misses: readonly Miss[];
  readonly falseAlarms: readonly FalseAlarm[];
  /** By IoU. */
  readonly at: Readonly<Record<string, Outcome>>;
  /** By what is mended: AP if that kind of error were gone. */
  readonly mended: Readonly<Record<Mending, Outcome>>;
  /** Of the best detection of every thing that has one near it. */
  readonly edges: readonly EdgeErrors[];
}

/** What is mended: places, names, duplicates, background; all false alarms; misses by attention and all others. */
export const MENDINGS = [
  ...['badly placed', 'called otherwise', 'duplicate', 'background'],
  ...['all false alarms', 'not attended', 'other misses'],
] as const;
export type Mending = AlarmCause | 'all false alarms' | 'not attended' | 'other misses';

export interface DiagnosisContext {
  readonly truth: FrameTruth;
  /** From LEAST_SCORE on. */
  readonly detections: readonly Detection[];
  /** Of attendedPixels. */
  readonly attended: Uint8Array;
  readonly threshold: (label: string) => number;
  /** SCENE_CLASS of every pixel, where the set has it. */
  readonly scene?: Uint8Array;
}

export function diagnoseFrame(context: DiagnosisContext, label: string): LabelDiagnosis {
  const { truth, threshold } = context;
  const rules = labelRules(label);
  const detections = context.detections.filter(({ score }) => score >= LEAST_SCORE);
  const { matches, positives } = matchFrame(truth, detections, label);
  const things = truth.annotations.filter((one) => one.label === label && !one.ignore);
  const hits = hitBoxes(matches, threshold(label));
  const alarms = matches.flatMap((match) =>
    match.verdict === 'false alarm' ? [{ match, ...alarmCause(truth, match.box, label) }] : [],
  );
  const sizes = things.map((thing) => {
    const box = rules.box(thing);
    return { heightPx: box.height, hit: hits.has(box) };
  });
  const found = hitBoxes(matches, 0);
  const missed = things.filter((thing) => !found.has(rules.box(thing)));
  const unseen = missed.filter((thing) => shareAttended(truth, thing, context.attended) < INSTANCE_SHARE);
  const near = new Set(
    alarms.flatMap(({ cause, near: box }) => (cause === 'badly placed' && box ? [box] : [])),
  );
  const silent = missed.filter((thing) => !unseen.includes(thing) && !near.has(rules.box(thing)));
  const without = (causes: readonly AlarmCause[]): Scored[] => {
    const gone = new Set(alarms.filter(({ cause }) => causes.includes(cause)).map(({ match }) => match));
    return matches.filter((match) => !gone.has(match)).map(scored);
  };
  return {
    truths: sizes,
    misses: things
      .filter((thing) => !hits.has(rules.box(thing)))
      .map((thing) => ({ cause: missCause(context, thing, label, hits), box: rules.box(thing) })),
    falseAlarms: alarms
      .filter(({ match }) => match.score >= threshold(label))
      .map(({ match: { score, box }, cause }) => ({ cause, scene: sceneUnder(context, box), score, box })),
    at: Object.fromEntries(
      DIAGNOSIS_IOUS.map((iou) => {
        const outcome = matchFrame(truth, detections, label, iou);
        return [iou, { matches: outcome.matches.map(scored), positives: outcome.positives }];
      }),
    ),
    mended: {
      'badly placed': { matches: wellPlaced(matches, alarms, found), positives },
      'called otherwise': { matches: without(['called otherwise']), positives },
      duplicate: { matches: without(['duplicate']), positives },
      background: { matches: without(['background']), positives },
      'all false alarms': { matches: without(ALARM_CAUSES), positives },
      'not attended': { matches: matches.map(scored), positives: positives - unseen.length },
      'other misses': { matches: matches.map(scored), positives: positives - silent.length },
    },
    edges: things.flatMap((thing) => edgeErrors(rules.box(thing), detections, label)),
  };
}

function scored({ score, verdict }: Match): Scored {
  return { score, verdict };
}

/** The boxes of the things that detections from this score on hit. */
function hitBoxes(matches: readonly Match[], least: number): Set<Box> {
  return new Set(matches.flatMap(({ score, truth }) => (truth && score >= least ? [truth] : [])));
}

/** Overlap as the label's things are compared. */
function overlap(a: Box, b: Box, label: string): number {
  const { minWidthPx } = labelRules(label);
  return boxIou(widened(a, minWidthPx), widened(b, minWidthPx));
}

/** `near`: the thing that it is about, where it is badly placed. */
function alarmCause(truth: FrameTruth, box: Box, label: string): { cause: AlarmCause; near?: Box } {
  let best = 0;
  let near: Box | undefined;
  let other = 0;
  for (const thing of truth.annotations) {
    if (thing.ignore) continue;
    const at = labelRules(thing.label).box(thing);
    const iou = overlap(at, box, thing.label);
    if (thing.label !== label) other = Math.max(other, iou);
    else if (iou > best) [best, near] = [iou, at];
  }
  if (best >= labelRules(label).matchIou) return { cause: 'duplicate' };
  if (other >= CONFUSION_IOU && other > best) return { cause: 'called otherwise' };
  return best >= NEAR_IOU ? { cause: 'badly placed', near } : { cause: 'background' };
}

function missCause(
  { truth, detections, attended, threshold }: DiagnosisContext,
  thing: FrameTruth['annotations'][number],
  label: string,
  hits: ReadonlySet<Box>,
): (typeof MISS_CAUSES)[number] {
  const rules = labelRules(label);
  if (shareAttended(truth, thing, attended) < INSTANCE_SHARE) return 'not attended';
  const own = rules.box(thing);
  let [sure, low, other] = [0, 0, 0];
  for (const detection of detections) {
    if (detection.score < LEAST_SCORE) continue;
    const iou = overlap(own, detection.box, label);
    const isSure = detection.score >= threshold(detection.label);
    if (detection.label !== label) other = Math.max(other, isSure ? iou : 0);
    else if (isSure) sure = Math.max(sure, iou);
    else low = Math.max(low, iou);
  }
  if (other >= CONFUSION_IOU && other > sure) return 'called otherwise';
  if (sure >= rules.matchIou) return 'merged with a neighbour';
  if (sure >= NEAR_IOU) {
    const neighbour = [...hits].some((box) => overlap(own, box, label) >= NEAR_IOU);
    return neighbour && low < rules.matchIou ? 'merged with a neighbour' : 'badly placed';
  }
  if (low >= rules.matchIou) return 'scored low';
  return low >= NEAR_IOU ? 'low and badly placed' : 'nothing said';
}

/** The first badly placed detection of a thing that nothing hits becomes a hit, the others of it go. */
function wellPlaced(
  matches: readonly Match[],
  alarms: readonly { match: Match; cause: AlarmCause; near?: Box }[],
  found: ReadonlySet<Box>,
): Scored[] {
  const taken = new Set(found);
  const aboutThing = new Map(
    alarms.flatMap(({ match, cause, near }) =>
      cause === 'badly placed' && near ? [[match, near] as const] : [],
    ),
  );
  return matches.flatMap((match): Scored[] => {
    const near = aboutThing.get(match);
    if (!near) return [scored(match)];
    if (taken.has(near)) return [];
    taken.add(near);
    return [{ score: match.score, verdict: 'hit' }];
  });
}

function edgeErrors(own: Box, detections: readonly Detection[], label: string): EdgeErrors[] {
  let best: Detection | undefined;
  for (const detection of detections) {
    if (detection.label !== label || (best && detection.score <= best.score)) continue;
    if (overlap(own, detection.box, label) >= NEAR_IOU) best = detection;
  }
  if (!best) return [];
  const { x, y, width, height } = best.box;
  return [
    {
      left: (own.x - x) / own.width,
      top: (own.y - y) / own.height,
      right: (x + width - own.x - own.width) / own.width,
      bottom: (y + height - own.y - own.height) / own.height,
    },
  ];
}

const SCENE_NAMES = Object.keys(SCENE_CLASS);

/** The class of most of the pixels under a box. */
function sceneUnder({ truth, scene }: DiagnosisContext, box: Box): string | undefined {
  if (!scene) return undefined;
  const counts = new Uint32Array(SCENE_NAMES.length);
  const { x0, y0, x1, y1 } = pixelRange(box, truth.width, truth.height);
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) counts[scene[y * truth.width + x]]++;
  return SCENE_NAMES[counts.indexOf(Math.max(...counts))];
}
