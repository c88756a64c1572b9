/** The shipped model as a case of the conformance suite: a crop of a dozen blocks, which a software GPU can do. */
import bytes from '../../models/people-vs-poles.sacc';
import { decodeModel } from '../../src/codec/decode-model.ts';
import type { Size } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';

export async function shippedCase(): Promise<{ name: string; model: Model; size: Size }> {
  return { name: 'the shipped model', model: await decodeModel(bytes), size: { width: 64, height: 48 } };
}
