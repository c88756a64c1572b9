/** The experiment's net in both forms: what is computed with, its gradients, and its files. */
import { describe, expect, it } from 'vitest';
import type { GeneLayer } from '../../src/network/genes.ts';
import { type CodedLayer, layerOf } from '../../train/compress/layers.ts';
import { Form } from '../../train/genes/form.ts';
import { type Architecture, architecture, parametersOf } from '../../train/lenet/architecture.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { relativeError } from '../helpers/tiny-step.ts';

const NET: Architecture = {
  ...architecture('lenet-5'),
  layers: [
    { kernel: 5, inputs: 1, outputs: 3, pool: true, relu: true },
    { kernel: 5, inputs: 3, outputs: 4, pool: true, relu: true },
    { kernel: 3, inputs: 4, outputs: 5, pool: false, relu: true },
  ],
};
const FIVE = { name: 'five', reach: 5, local: 2, long: 2 } as const;
const THREE = { name: 'three', reach: 3, local: 3, long: 0 } as const;
const GENES: GeneLayer[] = [
  { layer: { name: 'w2', kernel: 5, inputs: 3, outputs: 4 }, dictionary: FIVE },
  { layer: { name: 'w3', kernel: 3, inputs: 4, outputs: 5 }, dictionary: THREE },
];

function stepsOf(layers: readonly CodedLayer[]): number[] {
  return layers.map(() => 1 / 64);
}

function onSteps(form: Form, stored: Float32Array): Float32Array {
  const decoded = stored.slice();
  for (const one of form.coded) {
    const values = layerOf(decoded, one);
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i] * 64) / 64;
  }
  return decoded;
}

describe.each([
  ['plain', [] as GeneLayer[]],
  ['with genes', GENES],
])('the %s form', (_, genes) => {
  const form = new Form(NET, genes);

  it('has a file that decodes to what it computes with', async () => {
    const stored = onSteps(form, form.store(form.initial(1)));
    const gain = form.stored.list.find(({ name }) => name === 'w2.gain');
    if (gain) layerOf(stored, gain).fill(0, 2, 7);
    const computed = form.expand(stored);
    const decoded = await form.decode(form.encode(stored, stepsOf(form.coded)));
    const unsigned = (values: Float32Array) => values.map((w) => w + 0);
    expect(unsigned(decoded)).toEqual(unsigned(computed));
    expect(decoded.length).toBe(parametersOf(NET).size);
  });

  it('gives stored values the slopes of the loss', () => {
    const random = seededRandom(5);
    const fine = form.initial(2);
    const stored = form.store(fine);
    const weighting = Float32Array.from({ length: parametersOf(NET).size }, () => normal(random));
    const lossOf = () => form.expand(stored).reduce((sum, w, i) => sum + w * weighting[i], 0);
    const out = { fine: new Float32Array(form.fine.size), stored: new Float32Array(form.stored.size) };
    form.backward(fine, weighting, undefined, out);
    // Dictionaries have the slopes of fine ones (test/train/genes.test.ts): gains follow their patterns there.
    for (const one of form.stored.list.filter(({ name }) => /^[wb]/.test(name))) {
      const values = layerOf(stored, one);
      const slopes = Float32Array.from(values, (held, i) => {
        const [above, below] = [0.125, -0.125].map((step) => {
          values[i] = held + step;
          return lossOf();
        });
        values[i] = held;
        return (above - below) / 0.25;
      });
      expect(relativeError(layerOf(out.stored, one), slopes), one.name).toBeLessThan(1e-3);
    }
  });

  it('keeps pruned values at zero', () => {
    const fine = form.initial(3);
    const stored = form.store(fine);
    const live = new Uint8Array(stored.length).fill(1);
    const one = form.stored.list.find(({ name }) => name.startsWith('w2'))!;
    live.fill(0, one.offset + 3, one.offset + 6);
    form.settle(fine, live);
    const again = layerOf(form.store(fine), one);
    expect([...again.subarray(3, 6)]).toEqual([0, 0, 0]);
    expect(again.filter((value) => value === 0)).toHaveLength(3);
  });
});
