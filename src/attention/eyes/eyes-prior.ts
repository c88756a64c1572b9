/**
 * Faces that look at the camera, on the frame at half its working size: where to look, and what to tell of. The least
 * window is LEAST_FACE_PX; of smaller faces nothing is said (docs/experiments/eyes.md).
 */
import type { Box } from '../../result.ts';
import type { GreyPicture } from '../grey.ts';
import type { Region } from '../saccade.ts';
import { readCascade, WINDOW_SIDES } from './face-cascade.ts';
import { FaceScan } from './face-scan.ts';
import { EYES_WEIGHTS } from './weights.ts';

/** Working px a px of the picture. */
export const EYES_SCALE = 2;
/** Working px, from above the brows to below the chin: eyes 15 px apart. */
export const LEAST_FACE_PX = WINDOW_SIDES[0] * EYES_SCALE;
/** Evidence (face-scan.ts) of half a strength. */
const HALF_EVIDENCE = 10;
/** Strength from which a face is told of: evidence 15, which no photograph without faces of the test reached. */
export const ALERT_STRENGTH = 0.64;
/** Added to the look logits at a face of strength 1. */
const LOGITS = 4;

export interface Face {
  /** Working px. */
  readonly box: Box;
  /** 0..1. */
  readonly strength: number;
}

export class EyesPrior {
  readonly #scan = new FaceScan(
    readCascade(Uint8Array.from(atob(EYES_WEIGHTS), (char) => char.charCodeAt(0))),
  );

  /** @param picture at half the working size @returns falling strength */
  find(picture: GreyPicture): Face[] {
    return this.#scan.find(picture).map(({ box: { x, y, width, height }, evidence }) => ({
      box: { x: x * EYES_SCALE, y: y * EYES_SCALE, width: width * EYES_SCALE, height: height * EYES_SCALE },
      strength: 1 - 2 ** -(evidence / HALF_EVIDENCE),
    }));
  }
}

export function faceRegions(faces: readonly Face[]): Region[] {
  return faces.map(({ box, strength }) => ({ box, strength: LOGITS * strength }));
}
