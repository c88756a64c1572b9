/** What the codec is measured against: plain integers under general-purpose compressors, at the same signal to noise. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  inflateRawSync,
} from 'node:zlib';
import { quantise, stepForSqnr } from '../../src/codec/step.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { packageFolder } from './nets.ts';

const require = createRequire(import.meta.url);

interface Fflate {
  inflateSync(data: Uint8Array, options: { out: Uint8Array }): Uint8Array;
}

interface Zstd {
  init(): Promise<void>;
  compress(data: Uint8Array, level: number): Uint8Array;
  decompress(data: Uint8Array): Uint8Array;
}

export function brotli11(bytes: Uint8Array): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_LGWIN]: 24,
  };
  return brotliCompressSync(bytes, { params });
}

/** Symbols this noise-like gain nothing from a longer window. */
const ZSTD_BLOCK = 1 << 18;

/**
 * Bytes of zstandard at level 19 (npm @bokuweb/zstd-wasm, since Node 20 has none). An instance fails after a megabyte
 * or so: every block has one of its own.
 */
export async function zstd19(bytes: Uint8Array): Promise<number> {
  const folder = resolve(packageFolder('@bokuweb/zstd-wasm@0.0.27'));
  let size = 0;
  for (let at = 0; at < bytes.length; at += ZSTD_BLOCK) {
    for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
    const zstd = require(folder) as Zstd;
    await zstd.init();
    const block = bytes.subarray(at, at + ZSTD_BLOCK);
    const packed = zstd.compress(block, 19);
    if (Buffer.compare(zstd.decompress(packed), block) !== 0)
      throw new Error('zstd did not give a block back');
    size += packed.length;
  }
  return size;
}

export function loadFflate(): Fflate {
  return require(resolve(join(packageFolder('fflate@0.8.3'), 'lib', 'node.cjs'))) as Fflate;
}

/** Every tensor as integers of `bits` bits with a scale an output channel (the last axis), one a byte. */
export function integersPerChannel(
  tensors: readonly Tensor[],
  bits: number,
): { levels: Int8Array; scales: number } {
  const most = 2 ** (bits - 1) - 1;
  const levels = new Int8Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  let scales = 0;
  for (const { data, shape } of tensors) {
    const channels = shape[shape.length - 1];
    const peaks = new Float32Array(channels);
    for (let i = 0; i < data.length; i++)
      peaks[i % channels] = Math.max(peaks[i % channels], Math.abs(data[i]));
    for (let i = 0; i < data.length; i++) {
      const scale = peaks[i % channels] / most || 1;
      levels[at++] = Math.round(data[i] / scale);
    }
    scales += channels;
  }
  return { levels, scales };
}

/** Signal to noise in dB of integersPerChannel, the lowest of all tensors and over all of them. */
export function integerSqnr(tensors: readonly Tensor[], bits: number): number {
  const { levels } = integersPerChannel(tensors, bits);
  const most = 2 ** (bits - 1) - 1;
  let at = 0;
  let [signal, noise] = [0, 0];
  for (const { data, shape } of tensors) {
    const channels = shape[shape.length - 1];
    const peaks = new Float32Array(channels);
    for (let i = 0; i < data.length; i++)
      peaks[i % channels] = Math.max(peaks[i % channels], Math.abs(data[i]));
    for (let i = 0; i < data.length; i++) {
      const error = data[i] - (levels[at++] * peaks[i % channels]) / most;
      signal += data[i] ** 2;
      noise += error * error;
    }
  }
  return 10 * Math.log10(signal / noise);
}

/** Every tensor rounded at the step that reaches `db`, as int8: what the decoders of the speed table unpack. */
export function symbolsAt(
  tensors: readonly Tensor[],
  db: number,
): { levels: Int8Array; steps: Float32Array } {
  const levels = new Int8Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  const steps = new Float32Array(tensors.length);
  let at = 0;
  for (const [i, { data }] of tensors.entries()) {
    steps[i] = stepForSqnr(data, db);
    for (const value of data) levels[at++] = Math.max(-127, Math.min(127, quantise(value, steps[i])));
  }
  return { levels, steps };
}

export { brotliDecompressSync, deflateRawSync, inflateRawSync };
