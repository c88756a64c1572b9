/**
 * Size at equal output: bits a weight with which a super-resolution net gives pictures at 45 dB PSNR against those of
 * its float32 weights. Calibrated on synthetic noise or other photographs, tested on photographs.
 */
import { encodeTensorsDetailed } from '../../src/codec/encode-tensors.ts';
import { inspectModel } from '../../src/codec/inspect-model.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { loadNet, modelFile, type Net } from './nets.ts';
import { calibrate } from './upscaler/calibrate.ts';
import { Matrices } from './upscaler/matrix.ts';
import { noisePictures, type Picture, photographs } from './upscaler/pictures.ts';
import { Upscaler } from './upscaler/upscaler.ts';

export const OUTPUT_DB = 45;
/** The nets take and give 0 to 255. */
const PEAK = 255;
/** Of NNC (ISO/IEC 15938-17) with its default steps at this output, by codec.md. */
const NNC_BITS = 4.7;
const TEST_SIZE = 64;
const CALIBRATION_SIZE = 48;
const CALIBRATION = { rounds: 1, tile: 12, seed: 1 };

export interface OutputOptions {
  /** Folders of photographs to test on. */
  readonly images: readonly string[];
  /** Photographs of each folder. */
  readonly count: number;
  /** Folder of photographs to calibrate on; without it synthetic noise. */
  readonly calibration?: string;
  /** Pictures to calibrate on. */
  readonly calibrationCount: number;
  /** Whether the mean squared error of all pictures together makes the PSNR, else the mean of theirs is taken. */
  readonly pooled: boolean;
  readonly trellis: boolean;
}

/** PSNR in dB of pictures: of each, and of the mean squared error of all. */
interface Psnr {
  readonly each: readonly number[];
  readonly mean: number;
  readonly pooled: number;
}

export interface OutputRow extends Psnr {
  readonly target: 'mean' | 'pooled';
  readonly trellis: boolean;
  /** Bits a weight over tensors of two or more dimensions, as in the table of sizes. */
  readonly bits: number;
  readonly bytes: number;
  readonly seconds: number;
}

const decibel = (error: number): number => 10 * Math.log10(PEAK ** 2 / error);

function outputPsnr(run: (picture: Picture) => Float32Array, tests: readonly Picture[]) {
  const wanted = tests.map(run);
  return (now: (picture: Picture) => Float32Array): Psnr => {
    const errors = tests.map((picture, i) => {
      const output = now(picture);
      return output.reduce((sum, value, k) => sum + (value - wanted[i][k]) ** 2, 0) / output.length;
    });
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const each = errors.map(decibel);
    return { each, mean: mean(each), pooled: decibel(mean(errors)) };
  };
}

export async function measureOutputSize(net: Net, options: OutputOptions): Promise<OutputRow> {
  const started = performance.now();
  const tensors = loadNet(net);
  const matrices = new Matrices();
  const upscaler = new Upscaler(modelFile(net), matrices);
  const weightsOf = (of: readonly Tensor[]) => new Map(of.map(({ name, data }) => [name, data]));
  const runWith = (weights: ReadonlyMap<string, Float32Array>) => (picture: Picture) =>
    upscaler.forward(picture, weights).at(-1)!.data;
  const weights = weightsOf(tensors);
  const tests = options.images.flatMap((folder) => photographs(folder, options.count, TEST_SIZE, PEAK));
  const psnrOf = outputPsnr(runWith(weights), tests);
  const seen =
    options.calibration === undefined
      ? noisePictures(options.calibrationCount, CALIBRATION_SIZE, PEAK, 5)
      : photographs(options.calibration, options.calibrationCount, CALIBRATION_SIZE, PEAK);
  const calibration = calibrate(upscaler, weights, matrices, seen, CALIBRATION);
  const target = options.pooled ? 'pooled' : 'mean';
  const { bytes, decoded } = encodeTensorsDetailed(tensors, {
    outputError: PEAK ** 2 / 10 ** (OUTPUT_DB / 10),
    measureOutputError: (now) => PEAK ** 2 / 10 ** (psnrOf(runWith(weightsOf(now)))[target] / 10),
    calibration,
    trellis: options.trellis,
  });
  const matrixSizes = (await inspectModel(bytes)).tensors.filter(({ shape }) => shape.length >= 2);
  const count = matrixSizes.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return {
    ...psnrOf(runWith(weightsOf(decoded))),
    target,
    trellis: options.trellis,
    bits: (8 * matrixSizes.reduce((sum, one) => sum + one.bytes, 0)) / count,
    bytes: bytes.length,
    seconds: (performance.now() - started) / 1000,
  };
}

export function printOutputSize({ name }: Net, row: OutputRow): void {
  const sorted = [...row.each].sort((a, b) => a - b);
  const dB = (value: number) => value.toFixed(2);
  const at = (share: number) => dB(sorted[Math.round(share * (sorted.length - 1))]);
  console.log(
    `\n${name}: .sacc${row.trellis ? ' --trellis' : ''} at ${OUTPUT_DB} dB of output (${row.target} of ${sorted.length} pictures)\n` +
      `  ${row.bits.toFixed(3)} bits/weight, ${row.bytes} bytes whole; NNC's default ${NNC_BITS} (codec.md)\n` +
      `  PSNR mean ${dB(row.mean)}, pooled ${dB(row.pooled)}, least ${at(0)}, quarter ${at(0.25)}, median ${at(0.5)}, ` +
      `three quarters ${at(0.75)}, most ${at(1)} dB; ${row.seconds.toFixed(0)} s`,
  );
}
