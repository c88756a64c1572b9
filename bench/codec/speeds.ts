/**
 * Decoding to float32 on one core, all in one run and in turns: this codec's files of the size table against general
 * purpose decoders that unpack the int8 symbols of the same net at 25 dB and then dequantise them with the same SIMD
 * loop. Ratios are medians of the ratios of neighbouring turns, so that a loaded machine troubles both alike.
 *
 * All begin with bytes in an array of JavaScript's and end with float32 in a wasm memory, tensor after tensor: ours by
 * `decodeInPlace` of a decoder that is kept; of a peer the unpacked symbols are copied there and dequantised there
 * (assembly/dequantise).
 */
import dequantiseBytes from '../../build/dequantise.wasm';
import { Decoder } from '../../src/codec/decode-tensors.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { createWasmDecoder } from '../../src/codec/wasm-decoder.ts';
import {
  brotli11,
  brotliDecompressSync,
  deflateRawSync,
  inflateRawSync,
  loadFflate,
  symbolsAt,
} from './peers.ts';
import type { Sizes } from './sizes.ts';
import { TARGET_DB } from './sizes.ts';

export interface Speeds {
  /** Millions of weights a second, medians. */
  readonly speeds: Readonly<Record<string, number>>;
  /** The same in the fastest round of each: what is left where others keep the caches busy. */
  readonly fastest: Readonly<Record<string, number>>;
  /** Median of `plain` and `trellis` over each peer, in speed. */
  readonly ratios: Readonly<Record<string, { readonly plain: number; readonly trellis: number }>>;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const PEERS = ['zlib', 'zlib, one chunk', 'brotli', 'fflate'];
const ROUNDS = 15;
/** Engines compile in the background what is called often: on a busy machine that takes a while. */
const WARM_UP = 10;

export async function measureSpeeds(tensors: readonly Tensor[], files: Sizes): Promise<Speeds> {
  const weights = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const { levels, steps } = symbolsAt(tensors, TARGET_DB);
  const symbols = new Uint8Array(levels.buffer);
  const packed = { deflate: deflateRawSync(symbols, { level: 9 }), brotli: brotli11(symbols) };
  const fflate = loadFflate();
  const decoder = new Decoder(await createWasmDecoder());
  const memory = new WebAssembly.Memory({ initial: Math.ceil((5 * weights + 64) / 65536) });
  const { instance } = await WebAssembly.instantiate(dequantiseBytes, { env: { memory } });
  const peer = new Uint8Array(memory.buffer);
  const unpack = instance.exports.dequantise as (
    from: number,
    out: number,
    count: number,
    step: number,
  ) => void;
  const unpacked = new Uint8Array(weights);
  const dequantise = (bytes: Uint8Array) => {
    peer.set(bytes);
    let at = 0;
    const out = (weights + 63) & ~63;
    for (const [i, { data }] of tensors.entries()) {
      unpack(at, out + 4 * at, data.length, steps[i]);
      at += data.length;
    }
  };
  const jobs: Record<string, () => void> = {
    plain: () => decoder.decodeInPlace(files.plain),
    trellis: () => decoder.decodeInPlace(files.trellis),
    zlib: () => dequantise(inflateRawSync(packed.deflate)),
    // Told how much will come out: by default it grows by 16 KiB at a time.
    'zlib, one chunk': () => dequantise(inflateRawSync(packed.deflate, { chunkSize: weights })),
    brotli: () => dequantise(brotliDecompressSync(packed.brotli)),
    fflate: () => dequantise(fflate.inflateSync(packed.deflate, { out: unpacked })),
  };
  const repeats = Math.max(1, Math.round(2e6 / weights));
  const seconds: Record<string, number[]> = {};
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, job] of Object.entries(jobs)) {
      const from = process.cpuUsage();
      const started = performance.now();
      for (let i = 0; i < repeats; i++) job();
      const wall = (performance.now() - started) / 1000;
      // On a shared core the time of others is no part of the work.
      const { user, system } = process.cpuUsage(from);
      const taken = Math.min(wall, (user + system) / 1e6) || wall;
      if (round >= 0) (seconds[name] ??= []).push(taken / repeats);
    }
  }
  const speeds: Record<string, number> = {};
  const fastest: Record<string, number> = {};
  for (const [name, times] of Object.entries(seconds)) {
    speeds[name] = weights / median(times) / 1e6;
    fastest[name] = weights / times.reduce((a, b) => Math.min(a, b)) / 1e6;
  }
  const ratios: Record<string, { plain: number; trellis: number }> = {};
  for (const name of PEERS) {
    const over = (own: string) => median(seconds[own].map((time, i) => seconds[name][i] / time));
    ratios[name] = { plain: over('plain'), trellis: over('trellis') };
  }
  return { speeds, fastest, ratios };
}

export function printSpeeds(name: string, { speeds, fastest, ratios }: Speeds): void {
  const rates = (of: Speeds['speeds']) =>
    Object.keys(of)
      .map((job) => `${job} ${of[job].toFixed(0)}`)
      .join(', ');
  console.log(
    `\n${name}: decoding whole files to float32, M weights/s (medians): ${rates(speeds)}\n` +
      `  fastest rounds: ${rates(fastest)}`,
  );
  for (const [peer, { plain, trellis }] of Object.entries(ratios)) {
    console.log(`  against ${peer.padEnd(15)} ${plain.toFixed(2)}x, with the trellis ${trellis.toFixed(2)}x`);
  }
}
