/**
 * Small nets of LeNet's form for digits of half their size, all convolutions; most weights are the 5x5 kernels of one
 * layer, which may have genes instead.
 */
import type { GeneLayer } from '../../src/network/genes.ts';
import { type Architecture, architecture, type LenetLayer } from '../lenet/architecture.ts';
import { CLASSES } from '../lenet/digits.ts';
import { SMALL_SIDE } from './small-digits.ts';

function layer(kernel: number, inputs: number, outputs: number, pool: boolean, relu = true): LenetLayer {
  return { kernel, inputs, outputs, pool, relu };
}

/** Sides of the maps: 14, 6, 2, 1. @param first, second channels of the first and the second layer */
export function digitNet(first: number, second: number): Architecture {
  const layers = [
    layer(3, 1, first, true),
    layer(5, first, second, false),
    layer(2, second, CLASSES, false, false),
  ];
  return { ...architecture('lenet-5'), side: SMALL_SIDE, layers };
}

/** The second layer of a net with genes, by the name of its weights. @param local, long patterns of the dictionary */
export function geneLayersOf({ layers }: Architecture, local: number, long: number): GeneLayer[] {
  const { inputs, outputs } = layers[1];
  const dictionary = { name: 'five', reach: 5, local, long } as const;
  return [{ layer: { name: 'w2', kernel: 5, inputs, outputs }, dictionary }];
}
