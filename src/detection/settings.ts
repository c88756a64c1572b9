/**
 * The constants by which cells become detections, in one place so that they can be tuned on real predictions. These
 * were chosen on CamVid's training drives 0001TP and 0016E5 and on procedural scenes; `support` of people on 0006R0 and
 * 0016E5, each scored by a model that had not seen it (+0.01 to 0.02 of person AP50 on both); `yields` on all three, each
 * left out of training (people called poles 0.024 for 0.035, poles' AP30 level); people's `voteIou` on the same and on
 * procedural scenes and clips (person AP50 +0.007 and +0.003 to +0.016, docs/experiments/seeing.md).
 * All lengths in working-frame px.
 */

export interface LabelSettings {
  /** A candidate that overlaps a better one by this IoU is the same thing. */
  readonly suppressIou: number;
  /** A candidate with this share of its own area inside a better one is the same thing; above 1: never. */
  readonly suppressInside: number;
  /** Candidates that overlap the kept one by this IoU vote on where its box is... */
  readonly voteIou: number;
  /** ...when their score is at least this share of the kept one's. */
  readonly voteScoreShare: number;
  /**
   * A vote for an edge weighs score / (distance of the voter's cell from that edge + this)^2: a relative error in
   * a long distance is a large one. Infinity: by score alone.
   */
  readonly edgeSoftnessPx: number;
  /** Set where a box that few of its cells speak for is to score less. */
  readonly support?: SupportSettings;
  /** Set where what another label finds in the same place speaks against this one. */
  readonly yields?: YieldSettings;
  /** Boxes are widened about their centre line to at least this before they are compared. */
  readonly minWidthPx: number;
  /** Set for tall thin things, whose candidates agree on the axis and seldom on top and foot. */
  readonly shaft?: ShaftSettings;
}

/**
 * Support of a box: the votes for it, each as a share of the best one's score, over the cells that it covers. Below
 * `fullShare` the score is multiplied by (support / fullShare)^exponent.
 */
export interface SupportSettings {
  readonly fullShare: number;
  readonly exponent: number;
}

/**
 * One place holds one thing: a box that shares at least `iou` with a box of label `to` is the less sure the surer that one
 * is: its score is multiplied by (1 - the other's)^exponent. Boxes of `to` below `fromScore` say nothing.
 */
export interface YieldSettings {
  readonly to: string;
  readonly iou: number;
  readonly fromScore: number;
  readonly exponent: number;
}

export interface ShaftSettings {
  /** Same axis: centre lines at most axisPx + axisWidthShare * (the wider box's width) apart. */
  readonly axisPx: number;
  readonly axisWidthShare: number;
  /** Same shaft: vertical ranges overlap, or touch with at most this gap. */
  readonly gapPx: number;
}

export interface DetectionSettings {
  /** The best candidates of a label that are looked at; bounds the work of a frame. */
  readonly maxCandidates: number;
  /** By label; a label that is not named takes `other`. */
  readonly labels: Readonly<Record<string, LabelSettings>>;
  readonly other: LabelSettings;
}

const COMPACT: LabelSettings = {
  suppressIou: 0.45,
  suppressInside: 1.1,
  voteIou: 0.5,
  voteScoreShare: 0.1,
  edgeSoftnessPx: 4,
  support: { fullShare: 0.5, exponent: 0.5 },
  minWidthPx: 0,
};

export const DETECTION_SETTINGS: DetectionSettings = {
  maxCandidates: 4096,
  labels: {
    person: COMPACT,
    pole: {
      suppressIou: 0.3,
      suppressInside: 0.8,
      voteIou: 0.3,
      voteScoreShare: 0.1,
      edgeSoftnessPx: 4,
      support: { fullShare: 0.5, exponent: 0.5 },
      yields: { to: 'person', iou: 0.3, fromScore: 0.3, exponent: 0.5 },
      minWidthPx: 8,
      shaft: { axisPx: 3, axisWidthShare: 0.2, gapPx: 4 },
    },
  },
  other: COMPACT,
};

export function labelSettings(settings: DetectionSettings, label: string): LabelSettings {
  return settings.labels[label] ?? settings.other;
}

/**
 * From which score on candidates of a label are wanted: its own threshold, or what others of `labels` yield to, where that
 * is less.
 */
export function leastCandidateScore(
  labels: readonly string[],
  label: string,
  threshold: number,
  settings: DetectionSettings = DETECTION_SETTINGS,
): number {
  const others = labels.map((other) => labelSettings(settings, other).yields);
  return Math.min(threshold, ...others.map((rule) => (rule?.to === label ? rule.fromScore : threshold)));
}
