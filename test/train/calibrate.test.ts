/** Calibration: the 5x5 share is what was asked for, and nothing else of the model changes. */
import { describe, expect, it } from 'vitest';
import { selectGates } from '../../src/attention/select.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { readImage } from '../../train/data/images.ts';
import { balanceFive } from '../../train/loop/calibrate.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

describe('balanceFive', () => {
  it.each([0.25, 0.5])('gives a share of %f of the attended blocks 5x5 kernels', async (share) => {
    const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
    const model = randomModel(EVEN_NET, 3);
    const balanced = await balanceFive(model, set, share, { maxImages: set.images.length });
    const executor = await wasmBackend().load(balanced);
    let attended = 0;
    let five = 0;
    for (const image of set.images) {
      await executor.upload(readImage(image.file));
      const gates = selectGates(await executor.glance(), {
        budget: 0.2,
        threshold: model.gateThreshold,
        policy: 'static',
      });
      for (const gate of gates) {
        attended += Number(gate > 0);
        five += Number(gate === 2);
      }
    }
    executor.dispose();
    expect(attended).toBeGreaterThan(50);
    expect(Math.abs(five / attended - share)).toBeLessThan(0.02);
    for (const [name, data] of model.weights) {
      if (name !== 'gate.b') expect(balanced.weights.get(name)).toBe(data);
    }
    expect(balanced.weights.get('gate.b')![0]).toBe(model.weights.get('gate.b')![0]);
  });

  it('takes no 5x5 gate where the network has no such kernels, and looks at the same blocks', async () => {
    const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
    const { detail, ...rest } = EVEN_NET;
    const trunk = detail.trunk.map((layer) => ({ ...layer, fiveByFive: false }));
    const model = randomModel({ ...rest, detail: { ...detail, trunk } }, 3);
    const glances = await Promise.all(
      [model, await balanceFive(model, set, 0.25, { maxImages: 1 })].map(async (of) => {
        const executor = await wasmBackend().load(of);
        await executor.upload(readImage(set.images[0].file));
        const { look, five } = await executor.glance();
        const copy = { look: look.slice(), five: five.slice() };
        executor.dispose();
        return copy;
      }),
    );
    expect(glances[1].look).toEqual(glances[0].look);
    expect(glances[0].five.some((logit) => logit > 0)).toBe(true);
    expect(glances[1].five.every((logit) => logit === -1)).toBe(true);
  });
});
