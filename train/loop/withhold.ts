/**
 * Ablations of the join: what is withheld from the detail network has its weights held at zero, so that every executor
 * runs the network that was trained, and no file needs another spec.
 */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { COORDINATE_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';
import type { Parameters } from './parameters.ts';

/** Parts of the join: the attention network's features around a block, and where a cell lies. */
export const JOINED = ['surround', 'coordinates'] as const;
export type Joined = (typeof JOINED)[number];

/** @throws SaccadeNetError INVALID_OPTION for a name that is none of JOINED */
export function joinedNamed(name: string): Joined {
  const found = JOINED.find((known) => known === name);
  if (found) return found;
  throw new SaccadeNetError('INVALID_OPTION', `without is '${name}'; give ${JOINED.join(' or ')}`);
}

/** Where in the vector of all parameters the weights lie that read what is withheld. */
export function withheldWeights(
  { attention, detail }: NetworkSpec,
  parameters: Parameters,
  without: readonly Joined[],
): Int32Array {
  const first = detail.trunk[0];
  const { offset } = parameters.list.find(({ name }) => name === `${first.name}.w`)!;
  const coordinates = first.inputs - COORDINATE_CHANNELS;
  const surround = coordinates - attention.features.outputs;
  const isWithheld = (input: number) =>
    input >= coordinates
      ? without.includes('coordinates')
      : input >= surround && without.includes('surround');
  const found: number[] = [];
  for (let place = 0; place < first.kernel ** 2; place++) {
    for (let input = 0; input < first.inputs; input++) {
      if (!isWithheld(input)) continue;
      const row = offset + (place * first.inputs + input) * first.outputs;
      for (let output = 0; output < first.outputs; output++) found.push(row + output);
    }
  }
  return Int32Array.from(found);
}

/** Sets the elements of the vector at these places to zero. */
export function zeroAt(vector: Float32Array, places: Int32Array): void {
  for (const place of places) vector[place] = 0;
}
