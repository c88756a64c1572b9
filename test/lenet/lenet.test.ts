import { describe, expect, it } from 'vitest';
import { Adam } from '../../train/lenet/adam.ts';
import {
  type Architecture,
  architecture,
  type NetName,
  parametersOf,
} from '../../train/lenet/architecture.ts';
import type { Digits } from '../../train/lenet/digits.ts';
import { decodeNet, encodeNet } from '../../train/lenet/net-file.ts';
import { BATCH, liveIndices, SparsePasses, WholePasses } from '../../train/lenet/passes.ts';
import { foldConstants, gather, liveUnits, scatter, subnet } from '../../train/lenet/subnet.ts';
import { normal, seededRandom } from '../../train/random.ts';

const NAMES: NetName[] = ['lenet-300-100', 'lenet-5'];

/** Pictures of random strokes. */
function pictures(count: number): Digits {
  const random = seededRandom(3);
  const pixels = Uint8Array.from({ length: count * 784 }, () =>
    random() < 0.2 ? Math.floor(random() * 256) : 0,
  );
  return { count, pixels, labels: Uint8Array.from({ length: count }, (_, i) => i % 10) };
}

function randomWeights(net: Architecture, density: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  const vector = new Float32Array(parametersOf(net).size);
  for (const { shape, offset, size } of parametersOf(net).list) {
    const fan = (shape.length === 4 ? shape[0] * shape[1] * shape[2] : 1) * density;
    for (let i = 0; i < size; i++) {
      const kept = random() < density || shape.length === 1;
      vector[offset + i] = kept ? Math.fround(Math.round((normal(random) / Math.sqrt(fan)) * 16) / 16) : 0;
    }
  }
  return vector;
}

const all = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

function lossOf(net: Architecture, vector: Float32Array, digits: Digits): number {
  const passes = new SparsePasses(net);
  passes.setVector(vector);
  return passes.score(digits, all(digits.count)).loss;
}

it('Adam goes down a slope at the rate, whatever the slope, and counts squares of gradients', () => {
  const weights = Float32Array.of(1, -1, 0);
  const curvature = new Float32Array(3);
  const adam = new Adam(3, 10);
  const pull = Float32Array.of(0, 3e-3, 3e-3);
  for (let i = 0; i < 100; i++) {
    adam.update(weights, Float32Array.of(1e-3, 0, -1e-2), curvature, pull, 1e-3);
  }
  expect(weights[0]).toBeCloseTo(0.9, 3);
  // Drawn to zero by its pull alone; what is zero is not drawn.
  expect(weights[1]).toBeCloseTo(-0.9, 3);
  expect(weights[2]).toBeCloseTo(0.1, 2);
  expect(curvature[0] / curvature[2]).toBeCloseTo(1e-2, 4);
});

describe.each(NAMES)('%s', (name) => {
  const net = architecture(name);
  const digits = pictures(BATCH);

  it("has the parameters of Caffe's variant", () => {
    expect(parametersOf(net).size).toBe(name === 'lenet-5' ? 431_080 : 266_610);
  });

  it('has the gradient of its loss, by all weights and by those that are left', () => {
    const vector = randomWeights(net, 0.1);
    const whole = new WholePasses(net);
    whole.setWeights(vector);
    const gradient = new Float32Array(vector.length);
    const loss = whole.step(digits, all(BATCH), 0, gradient);

    const indices = liveIndices(vector);
    const sparse = new SparsePasses(net);
    sparse.setEntries(indices);
    const weights = gather(vector, indices);
    const step = (values: Float32Array, into = new Float32Array(values.length)) => {
      sparse.setWeights(values);
      return sparse.step(digits, all(BATCH), 0, into);
    };
    const part = new Float32Array(indices.length);
    expect(step(weights, part)).toBeCloseTo(loss, 4);
    const greatest = part.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    const expected = gather(gradient, indices);
    expect(part.reduce((most, g, i) => Math.max(most, Math.abs(g - expected[i])), 0)).toBeLessThan(
      1e-3 * greatest,
    );

    const length = Math.sqrt(part.reduce((sum, g) => sum + g * g, 0));
    const moved = (by: number) => weights.map((w, i) => w + (by * part[i]) / length);
    const slope = (step(moved(1e-3)) - step(moved(-1e-3))) / 2e-3;
    expect(Math.abs(slope - length)).toBeLessThan(0.05 * length);
  });

  it('moves pictures alike in both kinds of passes, and moving them counts', () => {
    const vector = randomWeights(net, 0.1);
    const whole = new WholePasses(net);
    whole.setWeights(vector);
    const sparse = new SparsePasses(net);
    sparse.setVector(vector);
    const gradient = new Float32Array(vector.length);
    const moves = () => ({ shift: 2, random: seededRandom(7) });
    const still = whole.step(digits, all(BATCH), 0, gradient);
    const moved = whole.step(digits, all(BATCH), 0, gradient, moves());
    expect(sparse.step(digits, all(BATCH), 0, gradient, moves())).toBeCloseTo(moved, 4);
    expect(Math.abs(moved - still)).toBeGreaterThan(1e-3);
  });

  it('answers the same without its dead units, and with constants folded', () => {
    const vector = randomWeights(net, name === 'lenet-5' ? 0.05 : 0.02, 5);
    const loss = lossOf(net, vector, digits);
    const alive = subnet(net, liveUnits(net, vector));
    expect(alive.map.length).toBeLessThan(vector.length);
    const left = scatter(gather(vector, alive.map), alive.map, new Float32Array(vector.length));
    expect(lossOf(net, left, digits) / loss).toBeCloseTo(1, 4);
    const folded = vector.slice();
    foldConstants(net, folded);
    expect(lossOf(net, folded, digits) / loss).toBeCloseTo(1, 3);
  });

  it('comes back from its file as the same function, in a whole net', async () => {
    const vector = randomWeights(net, name === 'lenet-5' ? 0.05 : 0.02, 9);
    const file = encodeNet(
      net,
      vector,
      parametersOf(net).list.map(() => 1 / 16),
    );
    const back = await decodeNet(file);
    expect(back.net.name).toBe(name);
    expect(back.vector.length).toBe(vector.length);
    expect(lossOf(net, back.vector, digits) / lossOf(net, vector, digits)).toBeCloseTo(1, 4);
    expect(file.length).toBeLessThan(vector.length / 10);
  });
});
