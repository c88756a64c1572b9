/** The yardstick of a run: GFLOP/s of a plain wasm SIMD GEMM of 256 x 256 x 288 (assembly/gemm). */
import wasmBytes from '../build/gemm.wasm';

const M = 256;
const N = 256;
const K = 288;
const FLOAT_BYTES = 4;
const START = 65536;
/** Products of one measurement: some milliseconds. */
const PRODUCTS = 4;
/** Before the first one: until the engine has compiled it with all its skill. */
const WARMUP_PRODUCTS = 20;

export interface Gemm {
  /** Multiplies a few times. @returns GFLOP/s. */
  measure(): number;
}

export async function createGemm(): Promise<Gemm> {
  const a = START;
  const b = a + M * K * FLOAT_BYTES;
  const c = b + K * N * FLOAT_BYTES;
  const pages = Math.ceil((c + M * N * FLOAT_BYTES) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const { instance } = await WebAssembly.instantiate(wasmBytes, { env: { memory } });
  const gemm = instance.exports.gemm as (...args: number[]) => void;
  new Float32Array(memory.buffer, a, M * K + K * N).forEach((_, i, floats) => {
    floats[i] = (i % 7) - 3;
  });
  const multiply = (times: number) => {
    for (let i = 0; i < times; i++) gemm(a, b, c, M, N, K);
  };
  multiply(WARMUP_PRODUCTS);
  return {
    measure: () => {
      const startMs = performance.now();
      multiply(PRODUCTS);
      return (2 * PRODUCTS * M * N * K) / (performance.now() - startMs) / 1e6;
    },
  };
}
