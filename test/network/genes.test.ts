/** What genes mean, by definition, and the plain convolution as their special case. */
import { describe, expect, it } from 'vitest';
import { expandKernels, geneLayers, patternsOf, plainModel } from '../../src/network/genes.ts';
import { peopleVsPoles, SHIPPED_WIDTHS } from '../../src/network/people-vs-poles.ts';
import { type DictionarySpec, type Model, networkLayers, weightShapes } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET, GENE_NET } from '../conformance/nets.ts';

describe('patterns', () => {
  it('are the stored taps times the density at their distance', () => {
    const dictionary: DictionarySpec = { name: 'g', reach: 5, local: 1, long: 2 };
    const weights = new Map([
      ['g.local', new Float32Array(9).fill(1)],
      ['g.long', Float32Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? 2 : -1))],
      ['g.density', Float32Array.of(Math.log(2), Math.log(3))],
    ]);
    const patterns = patternsOf(dictionary, weights);
    const at = (p: number, y: number, x: number) => patterns[p * 25 + (y + 2) * 5 + x + 2];
    expect(at(0, 0, 0)).toBe(1);
    expect(at(0, 0, 1)).toBeCloseTo(1 / 2, 6);
    expect(at(0, -1, 1)).toBeCloseTo(2 ** -Math.SQRT2, 6);
    expect([at(0, 0, 2), at(0, -2, 1)]).toEqual([0, 0]);
    expect(at(1, 0, 0)).toBeCloseTo(6, 5);
    expect(at(1, 2, 0)).toBeCloseTo(6 / 4, 5);
    expect(at(2, 2, 2)).toBeCloseTo(-3 * 2 ** -Math.sqrt(8), 5);
  });

  it('are repeated at every pair that names them, with its gain; 0 is no connection', () => {
    const patterns = Float64Array.of(1, 2, 3, 4, -5, 6);
    const kernels = expandKernels(patterns, 3, [2, 0, 1, 2], [1, 9, 2, -0.5]);
    expect([...kernels]).toEqual([4, 0, 2, -2, -5, 0, 4, 2.5, 6, 0, 6, -3]);
  });
});

describe('the plain model', () => {
  it('of genes with a pattern of its own for every pair is the plain convolution', () => {
    const plain = randomModel(EVEN_NET, 3);
    const own = EVEN_NET.detail.trunk[0];
    const { name, inputs, outputs } = own;
    const pairs = inputs * outputs;
    const dictionary: DictionarySpec = { name: 'own', reach: 3, local: pairs, long: 0 };
    const trunk = EVEN_NET.detail.trunk.map((layer) => (layer === own ? { ...layer, genes: 'own' } : layer));
    const detail = { ...EVEN_NET.detail, trunk };
    const network = { ...EVEN_NET, version: 3, dictionaries: [dictionary], detail } as const;
    const weights = new Map(plain.weights);
    weights.set('own.local', plain.weights.get(`${name}.w`)!);
    weights.set('own.density', new Float32Array(2));
    weights.set(
      `${name}.index`,
      Float32Array.from({ length: pairs }, (_, pair) => pair + 1),
    );
    weights.set(`${name}.gain`, new Float32Array(pairs).fill(1));
    weights.delete(`${name}.w`);
    const expanded = plainModel({ ...plain, network, weights });
    for (const { name, shape } of weightShapes(EVEN_NET)) {
      expect(expanded.weights.get(name), `${name} ${shape}`).toEqual(plain.weights.get(name));
    }
    expect(expanded.network).toEqual({ ...EVEN_NET, version: 3 });
  });

  it('of a network with genes holds exactly the weights of its plain network', () => {
    const { network, weights } = plainModel(randomModel(GENE_NET, 4));
    expect(networkLayers(network).some(({ genes }) => genes !== undefined)).toBe(false);
    for (const { name, shape } of weightShapes(network)) {
      expect(weights.get(name)!.length, name).toBe(shape.reduce((product, n) => product * n, 1));
    }
  });

  it('of a network without genes is the model itself', () => {
    const model = randomModel(EVEN_NET, 1);
    expect(plainModel(model)).toBe(model);
  });

  it('refuses kernels that are not finite with MODEL_FORMAT', () => {
    const model = randomModel(GENE_NET, 5);
    const weights = new Map(model.weights).set('wide.density', Float32Array.of(-200, 0));
    const wrong: Model = { ...model, weights };
    expect(() => plainModel(wrong)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });
});

describe('people-vs-poles with genes', () => {
  it('shares one dictionary among its residual layers and takes a fraction of the numbers', () => {
    const genes = peopleVsPoles(SHIPPED_WIDTHS, { local: 12, long: 4 });
    expect(geneLayers(genes).map(({ layer }) => layer.name)).toEqual([
      'a3',
      'a5',
      'a6',
      'a7',
      'a8',
      'a9',
      'd5',
      'd6',
    ]);
    const names = weightShapes(genes).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('genes.'))).toEqual([
      'genes.local',
      'genes.long',
      'genes.density',
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has 3x3 kernels where there are no long-range patterns', () => {
    const genes = peopleVsPoles(SHIPPED_WIDTHS, { local: 8, long: 0 });
    expect(new Set(geneLayers(genes).map(({ layer }) => layer.kernel))).toEqual(new Set([3]));
  });
});
