/** A model file whose coded weights are held while its biases are trained. */
import { recode } from '../../src/codec/encoder/recode.ts';
import { readModelJson, writeModelJson } from '../../src/codec/model-json.ts';
import type { Model } from '../../src/network/spec.ts';

/** The file with the model's biases, thresholds and card; its network and all that is coded in it stay. */
export function withBiases(
  file: Uint8Array,
  { weights, scoreThresholds, gateThreshold, card }: Model,
): Uint8Array {
  const json = (before: string) => {
    const { network } = readModelJson(new TextEncoder().encode(before));
    return writeModelJson({ network, scoreThresholds, gateThreshold, card });
  };
  return recode(file, { json, uncoded: new Map([...weights].filter(([name]) => name.endsWith('.b'))) });
}
