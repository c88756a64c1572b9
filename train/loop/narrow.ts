/**
 * A narrower network out of a trained one: of every map the channels that carry most are kept, with the weights between
 * them (structured pruning by magnitude, as in Li and others 2017, with what reads a channel counted beside what writes
 * it). Training goes on from there in a fraction of the steps that random weights need.
 */
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  type NetworkSpec,
  type Weights,
} from '../../src/network/spec.ts';

/** Channels that several layers share: residual layers write to the map that they read. */
interface Channels {
  readonly count: number;
  readonly wanted: number;
  /** Squared norms of what writes each channel and of what reads it. */
  readonly written: Float64Array;
  readonly read: Float64Array;
}

/** A layer of the earlier network between the channels that it reads, side by side, and those that it writes. */
interface Link {
  readonly layer: ConvLayer;
  readonly from: readonly Channels[];
  readonly to: Channels;
}

/**
 * Weights of `earlier` cut to the widths of `spec`; layers and 5x5 kernels that `spec` does not have are left out, and maps
 * that it has wider stay as they are. Of the same widths: all weights.
 * @param weights by name, without genes (plainModel)
 */
export function narrowed(weights: Weights, earlier: NetworkSpec, spec: NetworkSpec): Weights {
  const links = linksOf(earlier, spec);
  for (const link of links) {
    for (const { name, kernel } of kernelsOf(link.layer)) addNorms(weights.get(`${name}.w`)!, kernel, link);
  }
  const maps = new Set(links.flatMap(({ from, to }) => [...from, to]));
  const kept = new Map(Array.from(maps, (map) => [map, keptOf(map)]));
  const cut = new Map<string, Float32Array>();
  for (const { layer, from, to } of links) {
    const inputs: number[] = [];
    let offset = 0;
    for (const map of from) {
      for (const channel of kept.get(map)!) inputs.push(offset + channel);
      offset += map.count;
    }
    const outputs = kept.get(to)!;
    for (const { name, kernel } of kernelsOf(layer)) {
      const [w, b] = [weights.get(`${name}.w`)!, weights.get(`${name}.b`)!];
      const places = Array.from({ length: kernel * kernel }, (_, place) => place * layer.inputs);
      const rows = places.flatMap((place) => inputs.map((input) => (place + input) * layer.outputs));
      cut.set(
        `${name}.w`,
        Float32Array.from(rows.flatMap((row) => outputs.map((output) => w[row + output]))),
      );
      cut.set(
        `${name}.b`,
        Float32Array.from(outputs, (output) => b[output]),
      );
    }
  }
  return cut;
}

function linksOf(earlier: NetworkSpec, spec: NetworkSpec): Link[] {
  const links: Link[] = [];
  const chain = (layers: readonly ConvLayer[], wanted: readonly ConvLayer[], from: readonly Channels[]) => {
    let reads = from;
    for (const layer of layers) {
      const narrower = wanted.find(({ name }) => name === layer.name);
      if (!narrower) continue;
      const to = layer.residual ? reads[0] : channels(layer.outputs, narrower.outputs);
      const fiveByFive = layer.fiveByFive && narrower.fiveByFive;
      links.push({ layer: { ...layer, fiveByFive }, from: reads, to });
      reads = [to];
    }
    return reads;
  };
  const { attention, detail } = earlier;
  const frame = attention.layers[0].inputs;
  const seen = chain(attention.layers, spec.attention.layers, [channels(frame, frame)]);
  chain([attention.gate], [spec.attention.gate], seen);
  const features = chain([attention.features], [spec.attention.features], seen);
  const stem = chain(detail.stem, spec.detail.stem, [channels(frame, frame)]);
  const coordinates = channels(COORDINATE_CHANNELS, COORDINATE_CHANNELS);
  const cells = chain(detail.trunk, spec.detail.trunk, [...stem, ...features, coordinates]);
  chain([detail.head], [spec.detail.head], cells);
  return links;
}

function channels(count: number, wanted: number): Channels {
  return { count, wanted, written: new Float64Array(count), read: new Float64Array(count) };
}

function kernelsOf({ name, kernel, fiveByFive }: ConvLayer): { name: string; kernel: number }[] {
  return [{ name, kernel }, ...(fiveByFive ? [{ name: `${name}.five`, kernel: 5 }] : [])];
}

function addNorms(w: Float32Array, kernel: number, { layer: { inputs, outputs }, from, to }: Link): void {
  const readers = from.flatMap(({ read }) => Array.from(read, (_, channel) => ({ read, channel })));
  for (let place = 0, at = 0; place < kernel * kernel; place++) {
    for (let input = 0; input < inputs; input++) {
      const { read, channel } = readers[input];
      for (let output = 0; output < outputs; output++, at++) {
        const square = w[at] * w[at];
        to.written[output] += square;
        read[channel] += square;
      }
    }
  }
}

/** Of a map the channels that stay, in their order. */
function keptOf({ count, wanted, written, read }: Channels): number[] {
  const all = Array.from({ length: count }, (_, channel) => channel);
  if (wanted >= count) return all;
  const carried = (channel: number) => written[channel] * read[channel];
  return all
    .sort((a, b) => carried(b) - carried(a))
    .slice(0, wanted)
    .sort((a, b) => a - b);
}
