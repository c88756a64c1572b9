/** Between a session and the prior `eyes`: what it sees of a frame, what it adds to the priors and to the result. */
import {
  ALERT_STRENGTH,
  EYES_SCALE,
  EyesPrior,
  type Face,
  faceRegions,
  LEAST_FACE_PX,
} from '../attention/eyes/eyes-prior.ts';
import { regionMap } from '../attention/saccade.ts';
import type { SourceFrame } from '../backends/backend.ts';
import type { Size } from '../network/geometry.ts';
import type { Result } from '../result.ts';
import { GreyReader } from './stream-frame.ts';
import { boxInFrame } from './working-size.ts';

/** Looks for faces that look at the camera; made anew for the first frame that asks. */
export class EyesReader {
  readonly #reader = new GreyReader();
  #prior: EyesPrior | undefined;

  /** @param frame upright */
  find(frame: SourceFrame, working: Size): Face[] {
    this.#prior ??= new EyesPrior();
    return this.#prior.find(this.#reader.read(frame, working, EYES_SCALE));
  }

  release(): void {
    this.#reader.release();
  }
}

/** Added to the look logits, [rows, columns]. */
export function eyesMap(
  faces: readonly Face[] | undefined,
  grid: { readonly columns: number; readonly rows: number },
  blockPx: number,
): Float32Array | undefined {
  return faces && regionMap(faceRegions(faces), grid, blockPx);
}

/** The result with the faces as alerts, and the size below which none was looked for; as it is where nobody asked. */
export function withEyes(result: Result, faces: readonly Face[] | undefined, working: Size): Result {
  if (!faces) return result;
  const alerts = faces.flatMap(({ box, strength }) => {
    const mapped = strength >= ALERT_STRENGTH ? boxInFrame(box, working, result) : null;
    return mapped ? [{ kind: 'eyes', box: mapped, strength }] : [];
  });
  const leastFacePx = (LEAST_FACE_PX * result.width) / working.width;
  return { ...result, alerts: [...(result.alerts ?? []), ...alerts], eyes: { leastFacePx } };
}
