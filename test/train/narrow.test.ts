/** A narrower network out of a trained one. */
import { describe, expect, it } from 'vitest';
import { peopleVsPoles, type Widths } from '../../src/network/people-vs-poles.ts';
import { type NetworkSpec, networkLayers, type Weights, weightShapes } from '../../src/network/spec.ts';
import { narrowed } from '../../train/loop/narrow.ts';
import { randomModel } from '../../train/random-model.ts';
import { TINY_WIDTHS } from '../helpers/tiny-widths.ts';

const NARROW: Widths = { ...TINY_WIDTHS, attentionDepth: 2, trunkDepth: 2 };
const WIDE: Widths = { ...NARROW, attention: [8, 12, 16], stem: [8, 12], features: 8, trunk: 16 };

/** A kernel of `to`'s shape that holds `from`'s in the places of `inputs` and `outputs`, zero elsewhere. */
function placed(
  from: Float32Array,
  places: number,
  shape: readonly [inputs: number[], outputs: number[]],
  [wideIn, wideOut]: readonly [number, number],
) {
  const [inputs, outputs] = shape;
  const out = new Float32Array(places * wideIn * wideOut);
  for (let place = 0; place < places; place++) {
    inputs.forEach((input, i) => {
      outputs.forEach((output, o) => {
        out[(place * wideIn + input) * wideOut + output] =
          from[(place * inputs.length + i) * outputs.length + o];
      });
    });
  }
  return out;
}

/** The same network with channels between the others that nothing writes and nothing reads. */
function widened(weights: Weights, narrow: NetworkSpec, wide: NetworkSpec): Weights {
  const every = (count: number, of: number) =>
    Array.from({ length: count }, (_, i) => Math.floor((i * of) / count));
  const wideLayers = new Map(networkLayers(wide).map((layer) => [layer.name, layer]));
  const join = wide.detail.trunk[0];
  const out = new Map<string, Float32Array>();
  for (const layer of networkLayers(narrow)) {
    const to = wideLayers.get(layer.name)!;
    let inputs = every(layer.inputs, to.inputs);
    if (layer.name === join.name) {
      const [stem, features] = [WIDE.stem[1], WIDE.features];
      inputs = [
        ...every(NARROW.stem[1], stem),
        ...every(NARROW.features, features).map((c) => stem + c),
        ...[0, 1, 2, 3].map((c) => stem + features + c),
      ];
    }
    const outputs = every(layer.outputs, to.outputs);
    for (const [name, kernel] of [
      [layer.name, layer.kernel],
      [`${layer.name}.five`, 5],
    ] as const) {
      const [w, b] = [weights.get(`${name}.w`), weights.get(`${name}.b`)];
      if (!w || !b) continue;
      out.set(`${name}.w`, placed(w, kernel * kernel, [inputs, outputs], [to.inputs, to.outputs]));
      out.set(`${name}.b`, placed(b, 1, [[0], outputs], [1, to.outputs]));
    }
  }
  return out;
}

describe('narrowed', () => {
  const narrow = peopleVsPoles(NARROW);
  const wide = peopleVsPoles(WIDE);
  const three = peopleVsPoles({ ...NARROW, fiveByFive: false });

  it('of the same widths: every weight', () => {
    const { weights } = randomModel(wide, 3);
    expect(narrowed(weights, wide, wide)).toEqual(new Map(weights));
  });

  it.each([1, 2, 3])('leaves out exactly the channels that carry nothing (seed %i)', (seed) => {
    const { weights } = randomModel(narrow, seed);
    expect(narrowed(widened(weights, narrow, wide), wide, narrow)).toEqual(new Map(weights));
  });

  it('has the shapes of the narrower network', () => {
    const cut = narrowed(randomModel(wide, 5).weights, wide, narrow);
    expect([...cut].map(([name, { length }]) => [name, length])).toEqual(
      weightShapes(narrow).map(({ name, shape }) => [name, shape.reduce((a, b) => a * b)]),
    );
  });

  it('leaves out layers that the narrower network does not have', () => {
    const shallow = peopleVsPoles({ ...NARROW, attentionDepth: 1 });
    const cut = narrowed(randomModel(wide, 5).weights, wide, shallow);
    expect([...cut.keys()]).toEqual(weightShapes(shallow).map(({ name }) => name));
  });

  it('leaves 5x5 kernels to be begun anew where the earlier network has none', () => {
    const { weights } = randomModel(three, 6);
    expect(narrowed(weights, three, narrow)).toEqual(new Map(weights));
  });

  it('leaves out 5x5 kernels that the narrower network does not have', () => {
    const cut = narrowed(randomModel(wide, 5).weights, wide, three);
    expect([...cut.keys()]).toEqual(weightShapes(three).map(({ name }) => name));
    const rest = [...narrowed(randomModel(wide, 5).weights, wide, narrow).keys()];
    expect(rest.filter((name) => !cut.has(name))).toEqual(['d4.five.w', 'd4.five.b']);
  });

  it('keeps what the narrower network has wider', () => {
    const { weights } = randomModel(narrow, 6);
    expect(narrowed(weights, narrow, wide)).toEqual(new Map(weights));
  });
});
