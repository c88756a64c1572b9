/** One frame under corruptions: what AP, attention recall and mask agreement are pooled from. Plain data. */
import { GATE_SKIP } from '../../src/network/spec.ts';
import type { CorruptionKind } from '../data/corruptions/index.ts';
import { attendedPixels, countRecall } from './attention-counts.ts';
import { type ApFrame, apFrame } from './bootstrap.ts';
import { countBoxes } from './box-counts.ts';
import type { FrameRun } from './run-model.ts';
import { type CorruptionLevel, corruptedFrame } from './shown-frame.ts';

export interface CorruptionChoice {
  readonly kinds: readonly CorruptionKind[];
  /** 1..5 */
  readonly severities: readonly number[];
}

/** A frame at one kind and severity. */
export interface CorruptedFrame extends CorruptionLevel {
  readonly ap: Readonly<Record<string, ApFrame>>;
  /** Mask pixels in attended blocks. */
  readonly attendedPixels: Readonly<Record<string, number>>;
  /** IoU of the attended blocks with the clean frame's; 1 where neither has any. */
  readonly maskIou: number;
}

/** Runs the same model on the frame under every kind and severity. */
export async function corruptRun(
  run: FrameRun,
  labelled: readonly string[],
  threshold: (label: string) => number,
  choice: CorruptionChoice,
): Promise<CorruptedFrame[]> {
  const { image, source, truth, trace } = run;
  const clean = trace.result.attention.gates;
  const out: CorruptedFrame[] = [];
  for (const kind of choice.kinds) {
    for (const severity of choice.severities) {
      const { result } = await run.again(corruptedFrame(image, source, { kind, severity }));
      const attended = attendedPixels(result.attention, truth.width, truth.height);
      out.push({
        kind,
        severity,
        ap: Object.fromEntries(
          labelled.map((label) => [label, apFrame(countBoxes(truth, result.detections, label, threshold))]),
        ),
        attendedPixels: Object.fromEntries(
          labelled.map((label) => [label, countRecall(truth, attended, label).attendedPixels]),
        ),
        maskIou: gateIou(clean, result.attention.gates),
      });
    }
  }
  return out;
}

/** Blocks attended in both over blocks attended in either; 1 where there are none. */
export function gateIou(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [a[i] !== GATE_SKIP, b[i] !== GATE_SKIP];
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? 1 : both / either;
}
