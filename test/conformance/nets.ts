/** Small networks that together use every freedom of the spec. */
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  FRAME_CHANNELS,
  HEAD_CHANNELS,
  type NetworkSpec,
} from '../../src/network/spec.ts';
import { TINY_WIDTHS } from '../helpers/tiny-widths.ts';

/** The shipped network's shape with few channels, all multiples of 4. */
export const EVEN_NET = peopleVsPoles({ ...TINY_WIDTHS, trunkDepth: 2 });

/** The same with odd channel counts, more than one vector wide: padding of channels. */
export const ODD_NET = peopleVsPoles({
  attention: [3, 5, 7],
  attentionDepth: 2,
  stem: [5, 6],
  features: 3,
  trunk: 11,
  trunkDepth: 2,
});

function conv(
  name: string,
  kernel: ConvLayer['kernel'],
  stride: ConvLayer['stride'],
  inputs: number,
  outputs: number,
  more: Partial<ConvLayer> = {},
): ConvLayer {
  return { name, kernel, stride, inputs, outputs, activation: 'relu', ...more };
}

/** Blocks of 8 px, cells of 2 px, 1x1 and 5x5 kernels, a 5x5 branch in two layers, one label, a curved response. */
export const FINE_NET: NetworkSpec = {
  version: 2,
  name: 'fine',
  labels: ['thing'],
  block: 8,
  cell: 2,
  halfSaturation: 40,
  attention: {
    downsample: 4,
    layers: [conv('a1', 5, 2, FRAME_CHANNELS, 6), conv('a2', 5, 1, 6, 6, { residual: true })],
    gate: conv('gate', 1, 1, 6, 2, { activation: 'none' }),
    features: conv('features', 1, 1, 6, 5, { activation: 'none' }),
  },
  detail: {
    stem: [
      conv('s1', 5, 1, FRAME_CHANNELS, 6),
      conv('s2', 3, 2, 6, 8),
      conv('s3', 3, 1, 8, 8, { residual: true, activation: 'none' }),
    ],
    trunk: [
      conv('t1', 3, 1, 8 + 5 + COORDINATE_CHANNELS, 10, { fiveByFive: true }),
      conv('t2', 1, 1, 10, 10, { residual: true }),
      conv('t3', 3, 1, 10, 7, { fiveByFive: true }),
    ],
    head: conv('head', 1, 1, 7, HEAD_CHANNELS.length, { activation: 'none' }),
  },
};

/** Blocks of 32 px and cells of 8 px: 4 cells a block side again, one more strided layer on each way. */
export const COARSE_NET: NetworkSpec = {
  version: 1,
  name: 'coarse',
  labels: ['person', 'pole', 'other'],
  block: 32,
  cell: 8,
  attention: {
    downsample: 4,
    layers: [conv('a1', 3, 2, FRAME_CHANNELS, 4), conv('a2', 1, 2, 4, 8), conv('a3', 3, 2, 8, 12)],
    gate: conv('gate', 1, 1, 12, 2, { activation: 'none' }),
    features: conv('features', 1, 1, 12, 4),
  },
  detail: {
    stem: [conv('s1', 3, 2, FRAME_CHANNELS, 4), conv('s2', 3, 2, 4, 12), conv('s3', 3, 2, 12, 16)],
    trunk: [
      conv('t1', 5, 1, 16 + 4 + COORDINATE_CHANNELS, 16),
      conv('t2', 3, 1, 16, 16, { residual: true, fiveByFive: true }),
    ],
    head: conv('head', 1, 1, 16, 3 * HEAD_CHANNELS.length, { activation: 'none' }),
  },
};

/** Genes: a dictionary with long-range patterns in both networks, strided and not, and one of local patterns alone. */
export const GENE_NET: NetworkSpec = {
  version: 4,
  name: 'genes',
  labels: ['person', 'pole'],
  block: 16,
  cell: 4,
  halfSaturation: 60,
  linearShare: 0.3,
  dictionaries: [
    { name: 'wide', reach: 5, local: 3, long: 2 },
    { name: 'near', reach: 3, local: 4, long: 0 },
    { name: 'far', reach: 5, local: 0, long: 1 },
  ],
  attention: {
    downsample: 2,
    layers: [
      conv('a1', 3, 2, FRAME_CHANNELS, 5, { genes: 'near' }),
      conv('a2', 5, 2, 5, 6, { genes: 'wide' }),
      conv('a3', 5, 1, 6, 6, { genes: 'wide', residual: true }),
      conv('a4', 3, 2, 6, 8),
    ],
    gate: conv('gate', 1, 1, 8, 2, { activation: 'none' }),
    features: conv('features', 1, 1, 8, 4),
  },
  detail: {
    stem: [conv('d1', 5, 2, FRAME_CHANNELS, 6, { genes: 'far' }), conv('d2', 3, 2, 6, 8, { genes: 'near' })],
    trunk: [
      conv('d3', 5, 1, 8 + 4 + COORDINATE_CHANNELS, 9, { genes: 'wide' }),
      conv('d4', 3, 1, 9, 9, { residual: true, fiveByFive: true }),
      conv('d5', 3, 1, 9, 9, { residual: true, genes: 'near' }),
    ],
    head: conv('head', 1, 1, 9, 2 * HEAD_CHANNELS.length, { activation: 'none' }),
  },
};
