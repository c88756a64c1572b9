/**
 * A small net of LeNet's form for digits, all convolutions, and what two of them are with genes: 5x5 kernels of local
 * and long-range patterns, 3x3 kernels of local ones.
 */
import type { GeneLayer } from '../../src/network/genes.ts';
import type { DictionarySpec } from '../../src/network/spec.ts';
import { type Architecture, architecture, type LenetLayer } from '../lenet/architecture.ts';
import { CLASSES } from '../lenet/digits.ts';

function layer(kernel: number, inputs: number, outputs: number, pool: boolean, relu = true): LenetLayer {
  return { kernel, inputs, outputs, pool, relu };
}

/** Sides of the maps: 28, 12, 4, 2, 1. */
export const NET: Architecture = {
  ...architecture('lenet-5'),
  layers: [
    layer(5, 1, 8, true),
    layer(5, 8, 24, true),
    layer(3, 24, 32, false),
    layer(2, 32, CLASSES, false, false),
  ],
};

/** Patterns of the dictionary of 5x5 kernels, and of 3x3 ones. */
export interface GeneCounts {
  readonly local: number;
  readonly long: number;
  readonly three: number;
}

/** The second and third layer with genes, by the names of their weights. */
export function geneLayersOf({ local, long, three }: GeneCounts): GeneLayer[] {
  const five: DictionarySpec = { name: 'five', reach: 5, local, long };
  const near: DictionarySpec = { name: 'three', reach: 3, local: three, long: 0 };
  return [
    { layer: { name: 'w2', kernel: 5, inputs: 8, outputs: 24 }, dictionary: five },
    { layer: { name: 'w3', kernel: 3, inputs: 24, outputs: 32 }, dictionary: near },
  ];
}
