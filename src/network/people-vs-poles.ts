/** The shipped network: people and poles in street frames. */
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  FRAME_CHANNELS,
  HEAD_CHANNELS,
  type NetworkSpec,
} from './spec.ts';

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

/** Level: differences in the dark (a street at dusk lies at 5 to 45 of 255) count two to three times as much as linearly. */
const HALF_SATURATION = 96;

/** Widths of the network: enough to build a family of it for tests and ablations. */
export interface Widths {
  readonly attention: readonly [number, number, number];
  readonly attentionDepth: number;
  readonly stem: readonly [number, number];
  readonly features: number;
  readonly trunk: number;
  readonly trunkDepth: number;
}

export const SHIPPED_WIDTHS: Widths = {
  attention: [16, 32, 56],
  attentionDepth: 3,
  stem: [16, 32],
  features: 24,
  trunk: 56,
  trunkDepth: 3,
};

/**
 * Attention: strides 4, 8, 16 on the half-size frame, then residual 3x3 layers at block resolution.
 * Detail: two strided layers to cells of 4 px, the join, then residual layers of which the first has a 5x5 branch.
 */
export function peopleVsPoles(widths: Widths = SHIPPED_WIDTHS): NetworkSpec {
  const labels = ['person', 'pole'];
  const [a, b, c] = widths.attention;
  const [s, t] = widths.stem;
  const join = t + widths.features + COORDINATE_CHANNELS;
  return {
    version: 2,
    name: 'people-vs-poles',
    labels,
    block: 16,
    cell: 4,
    halfSaturation: HALF_SATURATION,
    attention: {
      downsample: 2,
      layers: [
        conv('a1', 3, 2, FRAME_CHANNELS, a),
        conv('a2', 3, 2, a, b),
        conv('a3', 3, 1, b, b, { residual: true }),
        conv('a4', 3, 2, b, c),
        ...Array.from({ length: widths.attentionDepth }, (_, i) =>
          conv(`a${i + 5}`, 3, 1, c, c, { residual: true }),
        ),
      ],
      gate: conv('gate', 1, 1, c, 2, { activation: 'none' }),
      features: conv('features', 1, 1, c, widths.features),
    },
    detail: {
      stem: [conv('d1', 3, 2, FRAME_CHANNELS, s), conv('d2', 3, 2, s, t)],
      trunk: [
        conv('d3', 3, 1, join, widths.trunk),
        ...Array.from({ length: widths.trunkDepth }, (_, i) =>
          conv(`d${i + 4}`, 3, 1, widths.trunk, widths.trunk, {
            residual: true,
            ...(i === 0 ? { fiveByFive: true } : {}),
          }),
        ),
      ],
      head: conv('head', 1, 1, widths.trunk, labels.length * HEAD_CHANNELS.length, { activation: 'none' }),
    },
  };
}
