/** The shipped network: people and poles in street frames. */
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  type DictionarySpec,
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

/** The response to light of a network of this family (spec.ts). */
export type NetworkResponse = Required<Pick<NetworkSpec, 'halfSaturation' | 'linearShare'>>;

/**
 * Steep in the dark (a street at dusk lies at 5 to 45 of 255), and in the light at least a quarter as steep as a linear
 * response: docs/experiments/seeing.md, "The response to light".
 */
export const SHIPPED_RESPONSE: NetworkResponse = { halfSaturation: 16, linearShare: 0.25 };

/** Widths of the network: enough to build a family of it for tests and ablations. */
export interface Widths {
  readonly attention: readonly [number, number, number];
  /** Residual layers of attention at block resolution. */
  readonly attentionDepth: number;
  /** Of the frame that attention sees; left out: 2. With 4 its first layer has stride 1, so that it costs the same. */
  readonly downsample?: 2 | 4;
  readonly stem: readonly [number, number];
  readonly features: number;
  readonly trunk: number;
  readonly trunkDepth: number;
  /** Whether the first residual layer of the trunk has 5x5 kernels too. Left out: true. */
  readonly fiveByFive?: boolean;
}

/** Patterns of the network's dictionary. */
export type GeneWidths = Pick<DictionarySpec, 'local' | 'long'>;

export const SHIPPED_WIDTHS: Widths = {
  attention: [16, 32, 56],
  attentionDepth: 5,
  stem: [16, 32],
  features: 24,
  trunk: 56,
  trunkDepth: 3,
};

/**
 * Attention: strides 4, 8, 16 of the frame, which it sees at half its size, then residual 3x3 layers at block resolution.
 * Detail: two strided layers to cells of 4 px, the join, then residual layers of which the first has a 5x5 branch.
 * @param genes residual layers without a 5x5 branch share a dictionary of these patterns (genes.ts); left out: none
 */
export function peopleVsPoles(
  widths: Widths = SHIPPED_WIDTHS,
  genes?: GeneWidths,
  response: NetworkResponse = SHIPPED_RESPONSE,
): NetworkSpec {
  const dictionary = genes && ({ name: 'genes', reach: genes.long > 0 ? 5 : 3, ...genes } as const);
  const residual = (name: string, channels: number, five = false) =>
    dictionary && !five
      ? conv(name, dictionary.reach, 1, channels, channels, { residual: true, genes: dictionary.name })
      : conv(name, 3, 1, channels, channels, { residual: true, ...(five ? { fiveByFive: true } : {}) });
  const labels = ['person', 'pole'];
  const [a, b, c] = widths.attention;
  const { downsample = 2, fiveByFive = true } = widths;
  const [s, t] = widths.stem;
  const join = t + widths.features + COORDINATE_CHANNELS;
  return {
    version: 4,
    name: 'people-vs-poles',
    labels,
    block: 16,
    cell: 4,
    ...response,
    ...(dictionary ? { dictionaries: [dictionary] } : {}),
    attention: {
      downsample,
      layers: [
        conv('a1', 3, downsample === 2 ? 2 : 1, FRAME_CHANNELS, a),
        conv('a2', 3, 2, a, b),
        residual('a3', b),
        conv('a4', 3, 2, b, c),
        ...Array.from({ length: widths.attentionDepth }, (_, i) => residual(`a${i + 5}`, c)),
      ],
      gate: conv('gate', 1, 1, c, 2, { activation: 'none' }),
      features: conv('features', 1, 1, c, widths.features),
    },
    detail: {
      stem: [conv('d1', 3, 2, FRAME_CHANNELS, s), conv('d2', 3, 2, s, t)],
      trunk: [
        conv('d3', 3, 1, join, widths.trunk),
        ...Array.from({ length: widths.trunkDepth }, (_, i) =>
          residual(`d${i + 4}`, widths.trunk, fiveByFive && i === 0),
        ),
      ],
      head: conv('head', 1, 1, widths.trunk, labels.length * HEAD_CHANNELS.length, { activation: 'none' }),
    },
  };
}
