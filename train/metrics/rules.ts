/** How each label is scored: contract of the metrics. A label without an entry is scored as a person is. */
import type { Box } from '../../src/result.ts';
import type { Annotation } from '../data/dataset.ts';
import { MASK_PERSON, MASK_POLE } from '../data/dataset.ts';
import { POLE_MIN_WIDTH_PX } from './boxes.ts';

export interface LabelRules {
  /** Least IoU of a match. */
  readonly matchIou: number;
  /** Boxes are widened to this before they are compared. */
  readonly minWidthPx: number;
  /** The annotation's box that is scored. */
  readonly box: (annotation: Annotation) => Box;
  /** Value of the label in a mask. */
  readonly maskValue: number;
}

const PERSON: LabelRules = {
  matchIou: 0.5,
  minWidthPx: 0,
  box: (annotation) => annotation.box,
  maskValue: MASK_PERSON,
};

const POLE: LabelRules = {
  matchIou: 0.3,
  minWidthPx: POLE_MIN_WIDTH_PX,
  box: (annotation) => annotation.shaft,
  maskValue: MASK_POLE,
};

export function labelRules(label: string): LabelRules {
  return label === 'pole' ? POLE : PERSON;
}

/** Confusion: a ground truth is hit by a detection of either label from this IoU on. */
export const CONFUSION_IOU = 0.3;
/** A detection with this share of its area in an ignored or crowd box, or on mask value 3, counts neither way. */
export const IGNORE_SHARE = 0.5;
/** An instance is attended with this share of its pixels in attended blocks. */
export const INSTANCE_SHARE = 0.5;
/** Detections from this score on make the precision-recall curve. */
export const LEAST_SCORE = 0.01;

/** What is known of a frame. */
export interface FrameTruth {
  readonly width: number;
  readonly height: number;
  readonly annotations: readonly Annotation[];
  /** Values as dataset.ts names them, [height, width]. */
  readonly mask?: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** Only clear things are boxed: a detection outside the boxes counts neither way. */
  readonly partial?: boolean;
}
