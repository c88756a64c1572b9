import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { readSafetensors, writeSafetensors } from '../../src/codec/safetensors.ts';
import { runCommand as output } from '../helpers/run-command.ts';
import { normalTensor, tinyModel } from './samples.ts';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saccadenet-codec-'));
  writeFileSync(at('model.sacc'), encodeModel(tinyModel(), { sqnrDb: 25 }));
  const tensors = [
    normalTensor('w', [30, 40], 1),
    normalTensor('v', [8, 9, 3], 2),
    normalTensor('b', [30], 3),
  ];
  writeFileSync(at('weights.safetensors'), writeSafetensors(tensors));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('inspect', () => {
  it('prints the keys of the contract as JSON', async () => {
    const { code, stdout } = await output('inspect', at('model.sacc'), '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const size = readFileSync(at('model.sacc')).length;
    const model = tinyModel();
    const parameters = [...model.weights.values()].reduce((sum, { length }) => sum + length, 0);
    expect(report).toMatchObject({
      bytes: size,
      parameters,
      bitsPerParameter: (8 * size) / parameters,
      float32Bytes: 4 * parameters,
      network: model.network,
    });
    expect(report.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(report.int8BrotliBytes).toBeGreaterThan(0.4 * parameters);
    expect(report.int8BrotliBytes).toBeLessThan(1.2 * parameters + 200);
    expect(report.tensors.map(({ name }: { name: string }) => name)).toEqual([...model.weights.keys()]);
    const first = report.tensors[0];
    const keys = ['name', 'shape', 'coding', 'bytes', 'bitsPerParameter', 'step', 'choices'];
    expect(Object.keys(first)).toEqual(keys);
    expect(first).toMatchObject({ name: 'a1.w', shape: [3, 3, 4, 4], coding: 'rans' });
    // What no tensor owns: header, JSON, segment entries and lane states.
    const own = report.tensors.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0);
    expect(size - own).toBeGreaterThan(36);
    expect(size - own).toBeLessThan(36 + 2500);
  });

  it('prints a table', async () => {
    const { code, stdout } = await output('inspect', at('model.sacc'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/network people-vs-poles/);
    expect(stdout).toMatch(/a1\.w +3x3x4x4 +rans/);
  });

  it('tells what the encoder chose for each tensor', async () => {
    // Rows of one size each, columns alike; smooth 3x3 kernels; as the encoder takes them with a trellis.
    const rows = normalTensor('rows', [64, 64], 4);
    rows.data.forEach((value, i) => {
      rows.data[i] = value * 4 ** ((i >> 6) % 4);
    });
    const noise = normalTensor('smooth', [3, 3, 24, 24], 5);
    const smooth = {
      ...noise,
      data: noise.data.map((value, i) => noise.data[i % 576] + 0.05 * value),
    };
    writeFileSync(at('chosen.sacc'), encodeTensors([rows, smooth], { sqnrDb: 25, trellis: true }));
    const { stdout } = await output('inspect', at('chosen.sacc'), '--json');
    const [ofRows, ofSmooth] = JSON.parse(stdout).tensors.map(({ choices }: { choices: unknown }) => choices);
    expect(ofRows).toMatchObject({ trellis: 128, transformAxes: [], lowBits: 0 });
    expect(ofRows.contextAxes).toContain(0);
    expect(ofRows.contextAxes).not.toContain(1);
    expect(ofSmooth.transformAxes).toEqual([0, 1]);
    expect((await output('inspect', at('chosen.sacc'))).stdout).toMatch(
      /smooth .*DCT of axes 0 1.*trellis of 8 states/,
    );
  });

  it('says in one line what is wrong', async () => {
    expect(await output('inspect')).toMatchObject({ code: 2 });
    const missing = await output('inspect', at('none.sacc'));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^saccadenet: cannot read .*none\.sacc: there is no such file or folder[^\n]*\n$/,
    );
    const wrong = await output('inspect', at('weights.safetensors'), '--json');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toBe('');
    expect(wrong.stderr).toMatch(/do not begin with "SACC"/);
  });
});

describe('compress and decompress', () => {
  it('take as many states of the trellis as they are told', async () => {
    const { code } = await output(
      ...['compress', at('weights.safetensors'), '-o', at('states.sacc'), '--trellis', '--states', '16'],
    );
    expect(code).toBe(0);
    expect((await output('inspect', at('states.sacc'))).stdout).toMatch(/trellis of 16 states/);
    const unknown = await output(
      ...['compress', at('weights.safetensors'), '-o', at('no.sacc'), '--trellis', '--states', '20'],
    );
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/trellis is 20: give one of 8, 16, 32, 64, 128, 256 states/);
    const alone = await output('compress', at('weights.safetensors'), '-o', at('no.sacc'), '--states', '16');
    expect(alone).toMatchObject({ code: 2 });
  });

  it('reach the SQNR asked for and say what they did', async () => {
    const { code, stdout } = await output(
      ...['compress', at('weights.safetensors'), '-o', at('out.sacc'), '--sqnr', '22', '--json'],
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ parameters: 1446, bytes: readFileSync(at('out.sacc')).length });
    expect(report.sqnrDb).toBeGreaterThanOrEqual(22);
    expect(report.sqnrDb).toBeLessThan(22.5);
    expect(report.bitsPerParameter).toBeGreaterThan(3);
    expect(report.bitsPerParameter).toBeLessThan(5);
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.tensors).toHaveLength(3);
    expect(await output('decompress', at('out.sacc'), '-o', at('back.safetensors'))).toMatchObject({
      code: 0,
    });
    const { tensors } = readSafetensors(new Uint8Array(readFileSync(at('back.safetensors'))));
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['w', [30, 40]],
      ['v', [8, 9, 3]],
      ['b', [30]],
    ]);
  });

  it('fit --bytes and follow --rate-lambda', async () => {
    const source = at('weights.safetensors');
    expect(await output('compress', source, '-o', at('small.sacc'), '--bytes', '900')).toMatchObject({
      code: 0,
    });
    expect(readFileSync(at('small.sacc')).length).toBeLessThanOrEqual(900);
    const coarse = await output('compress', source, '-o', at('c.sacc'), '--rate-lambda', '0.02', '--json');
    const fine = await output('compress', source, '-o', at('f.sacc'), '--rate-lambda', '0.0002', '--json');
    expect(JSON.parse(fine.stdout).sqnrDb - JSON.parse(coarse.stdout).sqnrDb).toBeCloseTo(20, 0);
  });

  it('take fewer bytes with --trellis at the same signal to noise', async () => {
    writeFileSync(at('wide.safetensors'), writeSafetensors([normalTensor('w', [128, 96], 9)]));
    const run = async (...more: string[]) => {
      const { stdout } = await output(
        ...['compress', at('wide.safetensors'), '-o', at('t.sacc'), '--sqnr', '20', '--json', ...more],
      );
      return JSON.parse(stdout);
    };
    const plain = await run();
    const trellis = await run('--trellis');
    expect(trellis.sqnrDb).toBeGreaterThanOrEqual(20);
    expect(plain.bitsPerParameter - trellis.bitsPerParameter).toBeGreaterThan(0.1);
  });

  it('keep a model runnable', async () => {
    expect(await output('decompress', at('model.sacc'), '-o', at('m.safetensors'))).toMatchObject({
      code: 0,
    });
    expect(
      await output('compress', at('m.safetensors'), '-o', at('again.sacc'), '--sqnr', '60'),
    ).toMatchObject({ code: 0 });
    const [before, after] = await Promise.all(
      ['model.sacc', 'again.sacc'].map((name) => decodeModel(new Uint8Array(readFileSync(at(name))))),
    );
    expect({ ...after, weights: null }).toEqual({ ...before, weights: null });
    expect([...after.weights.keys()]).toEqual([...before.weights.keys()]);
  });

  it.each([
    [['compress', 'weights.safetensors'], /--out is missing/],
    [['compress', 'weights.safetensors', '-o', 'x', '--sqnr', '500'], /--sqnr needs a number at least 1/],
    [['compress', 'weights.safetensors', '-o', 'x', '--sqnr', '20', '--bytes', '9'], /exclude each other/],
    [['compress', '-o', 'x'], /no safetensors file given/],
    [['decompress', 'a', 'b', '-o', 'x'], /takes one model file/],
  ])('call %j bad usage', async (argv, message) => {
    const { code, stderr } = await output(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('fail with one line where files are wrong', async () => {
    const wrong = await output('compress', at('model.sacc'), '-o', at('x.sacc'));
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toMatch(/no safetensors file/);
    const nowhere = await output('decompress', at('model.sacc'), '-o', at('no/such/folder'));
    expect(nowhere).toMatchObject({ code: 1 });
    expect(nowhere.stderr).toMatch(/cannot write .*: there is no such file or folder/);
  });
});
