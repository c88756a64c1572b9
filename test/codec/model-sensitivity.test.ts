/** What `compress --bytes` measures where it is given no calibration. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureSensitivities } from '../../cli/model-sensitivity.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { writeSafetensors } from '../../src/codec/safetensors.ts';
import { weightShapes } from '../../src/network/spec.ts';
import { runCommand } from '../helpers/run-command.ts';
import { normalTensor, tinyModel } from './samples.ts';

const model = tinyModel(7);
const matrices = weightShapes(model.network).filter(({ shape }) => shape.length >= 2);

describe('sensitivities of a network', () => {
  it('are told of every tensor that has an effect, by its share of the outputs whatever their scale', async () => {
    const found = await measureSensitivities(model, () => {});
    expect(Object.keys(found)).toEqual(matrices.map(({ name }) => name));
    const weights = new Map(model.weights);
    for (const name of ['head.w', 'head.b', `${model.network.attention.gate.name}.w`]) {
      weights.set(
        name,
        weights.get(name)!.map((value) => value * 4),
      );
    }
    const after = await measureSensitivities({ ...model, weights }, () => {});
    const sensitivities = matrices.map(({ name }) => found[name].sensitivity!);
    for (const [i, { name }] of matrices.entries()) {
      expect(after[name].sensitivity! / sensitivities[i], name).toBeCloseTo(1, 2);
    }
    expect(Math.max(...sensitivities)).toBeGreaterThan(2 * Math.min(...sensitivities));
  });

  it('are not told of tensors behind which nothing is heard', async () => {
    const weights = new Map(model.weights);
    weights.set(
      'head.w',
      weights.get('head.w')!.map(() => 0),
    );
    const found = Object.keys(await measureSensitivities({ ...model, weights }, () => {}));
    const { layers, gate } = model.network.attention;
    expect(found).toEqual([...layers, gate].map(({ name }) => `${name}.w`));
  });
});

describe('compress --bytes', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'saccadenet-sensitivity-'));
    writeFileSync(at('model.sacc'), encodeModel(model, { sqnrDb: 40 }));
    writeFileSync(at('plain.safetensors'), writeSafetensors([normalTensor('w', [30, 40], 1)]));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('measures a network of this package, and says so where little will be left', async () => {
    await runCommand('decompress', at('model.sacc'), '-o', at('model.safetensors'));
    const run = async (bytes: number) => {
      const ran = await runCommand(
        'compress',
        at('model.safetensors'),
        '-o',
        at('out.sacc'),
        '--bytes',
        `${bytes}`,
      );
      expect(ran.code).toBe(0);
      expect(readFileSync(at('out.sacc')).length).toBeLessThanOrEqual(bytes);
      return ran.stderr;
    };
    expect(await run(2000)).not.toMatch(/--calibration|train at that size/);
    expect(await run(1000)).toMatch(
      /bits a weight compression after training leaves little.*--compress-every/,
    );
  });

  it('says of other nets what is missing', async () => {
    const ran = await runCommand('compress', at('plain.safetensors'), '-o', at('out.sacc'), '--bytes', '900');
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stderr).toMatch(/Without --calibration bits go where they spare the weights/);
  });
});
