/**
 * Cells to detections: candidates of every label, greedy non-maximum suppression with box voting, then once more
 * among the voted boxes. Pure and deterministic; ties go to the lower index.
 *
 * Voting (after Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN
 * model", 2015): a kept box becomes the weighted mean of the candidates that are the same thing. Its score is the
 * best candidate's, less where few of its cells back it or a label that it yields to is in its place (settings.ts). Work: at most
 * 3 x maxCandidates x max(maxDetections, LEAST_KEPT) comparisons a label.
 */
import type { CandidateList, Inspection } from '../backends/backend.ts';
import { boxIou } from '../boxes.ts';
import type { Size } from '../network/geometry.ts';
import type { NetworkSpec } from '../network/spec.ts';
import type { Box } from '../result.ts';
import { type Candidates, findCandidates, listedCandidates } from './candidates.ts';
import { sameness } from './overlap.ts';
import {
  DETECTION_SETTINGS,
  type DetectionSettings,
  type LabelSettings,
  labelSettings,
  leastCandidateScore,
  type YieldSettings,
} from './settings.ts';

/** Boxes of a label that are looked at however few are wanted: which are the best is known once supports and rivals are. */
const LEAST_KEPT = 100;

export interface DecodeOptions {
  /** Least score of a detection with this label, 0..1. */
  readonly scoreThreshold: (label: string) => number;
  /** Most detections of a frame, all labels together; the best are kept. */
  readonly maxDetections: number;
  /** Default: DETECTION_SETTINGS. */
  readonly settings?: DetectionSettings;
}

export interface DecodedDetection {
  label: string;
  /** 0..1 */
  score: number;
  /** Working-frame px, clipped to the frame. */
  box: Box;
}

/**
 * Detections of one working frame, falling score.
 * @param frame the working size; @param inspection what the detail network said of the attended blocks
 */
export function decodeCells(
  spec: NetworkSpec,
  frame: Size,
  inspection: Inspection,
  options: DecodeOptions,
): DecodedDetection[] {
  return decode(spec, frame, options, (label, threshold, limit) =>
    findCandidates(spec, frame, inspection, label, threshold, limit),
  );
}

/** `decodeCells` for candidates that a backend listed with the same thresholds. */
export function decodeList(
  spec: NetworkSpec,
  frame: Size,
  list: CandidateList,
  options: DecodeOptions,
): DecodedDetection[] {
  return decode(spec, frame, options, (label, _, limit) => listedCandidates(spec, frame, list, label, limit));
}

/** @param find the candidates of a label (its index), best first */
function decode(
  spec: NetworkSpec,
  frame: Size,
  options: DecodeOptions,
  find: (label: number, threshold: number, limit: number) => Candidates,
): DecodedDetection[] {
  const { scoreThreshold, maxDetections, settings = DETECTION_SETTINGS } = options;
  const most = Math.max(maxDetections, LEAST_KEPT);
  const found = spec.labels.map((label, index) => {
    const least = leastCandidateScore(spec.labels, label, scoreThreshold(label), settings);
    const candidates = find(index, least, settings.maxCandidates);
    const voted = suppress(candidates, labelSettings(settings, label), most, spec.cell ** 2);
    return voted.flatMap((box) => clipped(box, label, frame));
  });
  const detections = found.flatMap((own) =>
    own.flatMap((detection) => {
      const { label, box } = detection;
      const { yields } = labelSettings(settings, label);
      const rivals = yields ? (found[spec.labels.indexOf(yields.to)] ?? []) : [];
      const score = yields ? detection.score * yielding(rivals, box, yields) : detection.score;
      return score < scoreThreshold(label) ? [] : [{ label, score, box }];
    }),
  );
  // Array.prototype.sort is stable: equal scores keep the order of labels, then of candidates.
  return detections.sort((a, b) => b.score - a.score).slice(0, maxDetections);
}

interface VotedBox {
  score: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * Greedy suppression with voting, best first. One cell's box is noisy: the candidates that agree with it vote
 * first, and whatever is the same thing as their mean is taken away with it and votes on the final box.
 */
function suppress(
  candidates: Candidates,
  settings: LabelSettings,
  maxKept: number,
  cellAreaPx: number,
): VotedBox[] {
  const { count, scores, boxes } = candidates;
  const gone = new Uint8Array(count);
  const kept: VotedBox[] = [];
  const voted = new Float64Array(4 * Math.min(count, maxKept));
  const mean = new Float32Array(4);
  const vote = new Vote(candidates, settings.edgeSoftnessPx);
  for (let k = 0; k < count && kept.length < maxKept; k++) {
    if (gone[k]) continue;
    const leastVoter = scores[k] * settings.voteScoreShare;
    vote.reset();
    vote.add(k);
    for (let other = k + 1; other < count && scores[other] >= leastVoter; other++) {
      if (!gone[other] && sameness(boxes, 4 * k, boxes, 4 * other, settings) === 2) vote.add(other);
    }
    vote.write(mean, 0);
    vote.reset();
    vote.add(k);
    for (let other = k + 1; other < count; other++) {
      if (gone[other]) continue;
      const same = Math.max(
        sameness(mean, 0, boxes, 4 * other, settings),
        sameness(boxes, 4 * k, boxes, 4 * other, settings),
      );
      if (same === 0) continue;
      gone[other] = 1;
      if (same === 2 && scores[other] >= leastVoter) vote.add(other);
    }
    // Voting moves boxes: two that were apart may now be one.
    const at = 4 * kept.length;
    vote.write(voted, at);
    if (isRepeat(voted, at, settings)) continue;
    const [x0, y0, x1, y1] = voted.subarray(at, at + 4);
    const cells = ((x1 - x0) * (y1 - y0)) / cellAreaPx;
    const score = scores[k] * backing(vote.weight / scores[k] / Math.max(1, cells), settings);
    kept.push({ score, x0, y0, x1, y1 });
  }
  return kept;
}

/** What of a box lies within the frame; none where nothing does. */
function clipped({ score, x0, y0, x1, y1 }: VotedBox, label: string, frame: Size): DecodedDetection[] {
  const x = Math.max(0, x0);
  const y = Math.max(0, y0);
  const width = Math.min(frame.width, x1) - x;
  const height = Math.min(frame.height, y1) - y;
  return width > 0 && height > 0 ? [{ label, score, box: { x, y, width, height } }] : [];
}

/** Factor of a score, 0..1, by the surest rival in the same place. */
function yielding(rivals: readonly DecodedDetection[], own: Box, settings: YieldSettings): number {
  const { iou, fromScore, exponent } = settings;
  const inPlace = rivals.filter(({ score, box }) => score >= fromScore && boxIou(box, own) >= iou);
  return (1 - Math.max(0, ...inPlace.map(({ score }) => score))) ** exponent;
}

/** Factor of a score, 0..1, by the share of its box's cells that back it. */
function backing(share: number, { support }: LabelSettings): number {
  return support && share < support.fullShare ? (share / support.fullShare) ** support.exponent : 1;
}

/** Whether the box at `at` is the same thing as one before it. */
function isRepeat(voted: Float64Array, at: number, settings: LabelSettings): boolean {
  for (let earlier = 0; earlier < at; earlier += 4) {
    if (sameness(voted, earlier, voted, at, settings) !== 0) return true;
  }
  return false;
}

/** Weighted means of the edges: the sides by score, top and foot by score and nearness of the voting cell. */
class Vote {
  readonly #candidates: Candidates;
  readonly #softnessPx: number;
  #x0 = 0;
  #x1 = 0;
  #y0 = 0;
  #y1 = 0;
  #weight = 0;
  #topWeight = 0;
  #footWeight = 0;

  constructor(candidates: Candidates, softnessPx: number) {
    this.#candidates = candidates;
    this.#softnessPx = softnessPx;
  }

  /** Sum of the voters' scores. */
  get weight(): number {
    return this.#weight;
  }

  reset(): void {
    this.#x0 = this.#x1 = this.#y0 = this.#y1 = 0;
    this.#weight = this.#topWeight = this.#footWeight = 0;
  }

  add(k: number): void {
    const { scores, boxes, cellY } = this.#candidates;
    const score = scores[k];
    const [top, foot] = [boxes[4 * k + 1], boxes[4 * k + 3]];
    const topWeight = score * this.#nearness(cellY[k] - top);
    const footWeight = score * this.#nearness(foot - cellY[k]);
    this.#x0 += score * boxes[4 * k];
    this.#x1 += score * boxes[4 * k + 2];
    this.#y0 += topWeight * top;
    this.#y1 += footWeight * foot;
    this.#weight += score;
    this.#topWeight += topWeight;
    this.#footWeight += footWeight;
  }

  #nearness(distancePx: number): number {
    if (this.#softnessPx === Infinity) return 1;
    const relative = distancePx / this.#softnessPx + 1;
    return 1 / (relative * relative);
  }

  write(out: Float64Array | Float32Array, at: number): void {
    out[at] = this.#x0 / this.#weight;
    out[at + 1] = this.#y0 / this.#topWeight;
    out[at + 2] = this.#x1 / this.#weight;
    out[at + 3] = this.#y1 / this.#footWeight;
  }
}
