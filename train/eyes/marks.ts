/** Faces in photographs, marked by hand by their eyes; and the window that the detector sees a face in. */

import type { Box } from '../../src/result.ts';
import marks from './marks.json' with { type: 'json' };
import { EYES_DOWN, WINDOW_IN_EYES } from './paint-face.ts';

export interface MarkedFace {
  /** px of the photograph, left one first. */
  readonly eyes: readonly (readonly number[])[];
  /** Both eyes are open and the face is turned to the camera. */
  readonly looks: boolean;
  readonly note?: string;
}

export interface MarkedPhotograph {
  /** Photographs of `train` are never in a test. */
  readonly use: 'train' | 'test';
  /** `coco` of ../shared/data, or an npm package. */
  readonly source: string;
  readonly version?: string;
  readonly file: string;
  readonly faces: readonly MarkedFace[];
  /** Faces that are neither: small, hidden, in profile; x, y, width, height. */
  readonly ignore?: readonly (readonly number[])[];
}

export const MARKS = marks as readonly MarkedPhotograph[];

/** The square from above the brows to the chin, px of the photograph. */
export function faceWindow({
  eyes: [left, right],
}: Pick<MarkedFace, 'eyes'>): Box & { readonly roll: number } {
  const apart = Math.hypot(right[0] - left[0], right[1] - left[1]);
  const roll = Math.atan2(right[1] - left[1], right[0] - left[0]);
  const side = WINDOW_IN_EYES * apart;
  const down = side * (0.5 - EYES_DOWN);
  const x = (left[0] + right[0]) / 2 - Math.sin(roll) * down;
  const y = (left[1] + right[1]) / 2 + Math.cos(roll) * down;
  return { x: x - side / 2, y: y - side / 2, width: side, height: side, roll };
}
