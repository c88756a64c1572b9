/** A tiny net of seeded random weights, as a file: what the API's tests load. */
import { encodeModel } from '../../src/codec/encode-model.ts';
import type { Model } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const TINY_MODEL: Model = {
  ...randomModel(EVEN_NET, 5),
  gateThreshold: 0,
  scoreThresholds: { person: 0.05, pole: 0.05 },
};

/** The caller's own copy. */
export function tinyModelBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encodeModel(TINY_MODEL));
}
