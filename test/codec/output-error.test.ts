/** The target "output error": where bits go, that the error is kept, and what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import type { EncodeOptions } from '../../src/codec/encode-options.ts';
import { encodeTensorsDetailed } from '../../src/codec/encode-tensors.ts';
import { outputSensitivity } from '../../src/codec/encoder/calibration.ts';
import { writeSafetensors } from '../../src/codec/safetensors.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { runCommand } from '../helpers/run-command.ts';
import { normalTensor } from './samples.ts';

/**
 * Two layers side by side on white inputs of variance 1: y = loud x + 0.2 quiet x'. An output's mean squared error is
 * (squared error of loud + 0.04 squared error of quiet) / outputs, so noise counts 25 times more in one.
 */
const OUTPUTS = 40;
const GAIN = 0.2;
const loud = normalTensor('loud', [60, OUTPUTS], 61, 0.5);
const quiet = normalTensor('quiet', [60, OUTPUTS], 62, 0.5);
const tensors = [loud, quiet];
const sensitivities = { loud: 1 / OUTPUTS, quiet: GAIN ** 2 / OUTPUTS };
const calibration = {
  loud: outputSensitivity(loud.data, sensitivities.loud),
  quiet: outputSensitivity(quiet.data, sensitivities.quiet),
};

function squaredError(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

function outputError(decoded: readonly Tensor[]): number {
  const [first, second] = decoded.map(({ data }, i) => squaredError(data, tensors[i].data));
  return sensitivities.loud * first + sensitivities.quiet * second;
}

describe('output error', () => {
  it.each([
    [1e-4, false],
    [1e-3, false],
    [2e-2, true],
  ])('%d is kept and used up, and steps are as the sensitivities say: trellis %s', (most, trellis) => {
    const { decoded, steps, bits, distortions } = encodeTensorsDetailed(tensors, {
      outputError: most,
      calibration,
      trellis,
    });
    expect(outputError(decoded)).toBeLessThanOrEqual(most * 1.0001);
    expect(outputError(decoded)).toBeGreaterThan(0.97 * most);
    // The same slope: as much output error a weight from both, so steps as 1 to 5, and log2(5) bits between them.
    expect(steps.get('quiet')! / steps.get('loud')!).toBeGreaterThan(0.9 / GAIN);
    expect(steps.get('quiet')! / steps.get('loud')!).toBeLessThan(1.1 / GAIN);
    const bitsBetween = (bits.get('loud')! - bits.get('quiet')!) / loud.data.length;
    expect(Math.abs(bitsBetween - Math.log2(1 / GAIN))).toBeLessThan(0.15);
    expect(distortions.get('loud')! / distortions.get('quiet')!).toBeGreaterThan(0.8);
    expect(distortions.get('loud')! / distortions.get('quiet')!).toBeLessThan(1.25);
  });

  it('takes a tenth fewer bytes than one signal-to-noise ratio for all', () => {
    const found = encodeTensorsDetailed(tensors, { outputError: 2e-2, calibration });
    let equal = encodeTensorsDetailed(tensors, { sqnrDb: 10 });
    for (let sqnrDb = 11; outputError(equal.decoded) > 2e-2; sqnrDb++) {
      equal = encodeTensorsDetailed(tensors, { sqnrDb });
    }
    expect(found.bytes.length).toBeLessThan(0.9 * equal.bytes.length);
  });

  it('is that of the network where it is measured, whatever the calibration forecasts', () => {
    const wrong = { loud: { ...calibration.loud, sensitivity: 7 }, quiet: calibration.quiet };
    let runs = 0;
    const measureOutputError = (decoded: readonly Tensor[]) => {
      runs++;
      return outputError(decoded);
    };
    const { decoded } = encodeTensorsDetailed(tensors, {
      outputError: 1e-3,
      calibration: wrong,
      measureOutputError,
    });
    expect(outputError(decoded)).toBeLessThanOrEqual(1e-3);
    expect(outputError(decoded)).toBeGreaterThan(0.97e-3);
    expect(runs).toBeLessThan(15);
  });

  it('decodes to what was measured', async () => {
    const { bytes, decoded } = encodeTensorsDetailed(tensors, { outputError: 1e-2, calibration });
    expect((await decodeTensors(bytes)).tensors.map(({ data }) => data)).toEqual(
      decoded.map(({ data }) => data),
    );
  });

  it.each<[string, EncodeOptions]>([
    ['exclude each other', { outputError: 1, sqnrDb: 20, calibration }],
    ['number above 0', { outputError: 0, calibration }],
    ['number above 0', { outputError: Number.NaN, calibration }],
    ['"loud" has none', { outputError: 1 }],
    ['"quiet" has none', { outputError: 1, calibration: { loud: calibration.loud } }],
    ['with outputError only', { sqnrDb: 20, measureOutputError: () => 1 }],
    ['gave NaN', { outputError: 1, calibration, measureOutputError: () => Number.NaN }],
    ['not reached', { outputError: 1e-3, calibration, measureOutputError: () => 1 }],
  ])('refuses: %s', (message, options) => {
    expect(() => encodeTensorsDetailed(tensors, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });
});

describe('saccadenet compress', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const compress = (...options: string[]) =>
    runCommand('compress', at('weights.safetensors'), '-o', at('out.sacc'), '--json', ...options);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'saccadenet-output-error-'));
    writeFileSync(at('weights.safetensors'), writeSafetensors(tensors));
    writeFileSync(at('sensitivities.json'), JSON.stringify(sensitivities));
    writeFileSync(at('text.json'), '{ "loud": ');
    writeFileSync(at('zero.json'), '{ "loud": 0, "quiet": 1 }');
    writeFileSync(at('other.json'), '{ "silent": 1 }');
    const scalar = (name: string, value: number) => ({ name, shape: [1], data: Float32Array.of(value) });
    const parts = [
      scalar('loud.sensitivity', sensitivities.loud),
      {
        name: 'quiet.importance',
        shape: quiet.shape,
        data: new Float32Array(quiet.data.length).fill(sensitivities.quiet),
      },
    ];
    writeFileSync(at('parts.safetensors'), writeSafetensors(parts));
    writeFileSync(at('unknown.safetensors'), writeSafetensors([scalar('loud.gain', 1)]));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['sensitivities.json', ['--output-error', '0.001']],
    ['sensitivities.json', ['--output-psnr', '36', '--peak', '2']],
    ['parts.safetensors', ['--output-psnr', '30']],
  ])('keeps an output error by the calibration %s: %s', async (file, target) => {
    const { code } = await compress('--calibration', at(file), ...target);
    expect(code).toBe(0);
    const { tensors: decoded } = await decodeTensors(new Uint8Array(readFileSync(at('out.sacc'))));
    expect(outputError(decoded)).toBeLessThanOrEqual(1.01e-3);
    expect(outputError(decoded)).toBeGreaterThan(0.97e-3);
  });

  it.each([
    [2, /exclude each other/, ['--output-error', '1', '--output-psnr', '40', '--calibration', 'none']],
    [2, /exclude each other/, ['--output-error', '1', '--bytes', '900', '--calibration', 'none']],
    [2, /needs --calibration/, ['--output-psnr', '40']],
    [2, /--peak goes with/, ['--peak', '255']],
    [2, /--calibration goes with/, ['--calibration', 'none', '--sqnr', '20']],
    [1, /no JSON/, ['--output-error', '1', '--calibration', 'text.json']],
    [1, /number above 0/, ['--output-error', '1', '--calibration', 'zero.json']],
    [1, /"silent", which is not there/, ['--output-error', '1', '--calibration', 'other.json']],
    [1, /no part of a calibration/, ['--output-error', '1', '--calibration', 'unknown.safetensors']],
  ])('misuse ends with %d: %s', async (expected, message, options) => {
    const { code, stderr } = await compress(
      ...options.map((one) => (/\.(json|safe)/.test(one) ? at(one) : one)),
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });
});
