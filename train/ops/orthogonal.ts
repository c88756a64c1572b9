/** The orthogonal factor of a matrix (assembly/muon), in a memory of its own that only grows. */
import muonWasm from '../../build/muon.wasm';
import muonFmaWasm from '../../build/muon-fma.wasm';
import { fastestOf } from './relaxed-simd.ts';

interface MuonExports {
  orthogonalise(x: number, scratch: number, K: number, N: number, rounds: number): void;
}

const PAGE_BYTES = 65_536;
/** Rounds of the iteration: five bring singular values from 0.01 of the norm to about one. */
const ROUNDS = 5;

let memory: WebAssembly.Memory | undefined;
let exported: MuonExports | undefined;

function start(): MuonExports {
  memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(fastestOf(muonFmaWasm, muonWasm)), {
    env: { memory },
  });
  return instance.exports as unknown as MuonExports;
}

/** Whether `orthogonalise` takes matrices of this size. */
export function isOrthogonalisable(rows: number, columns: number): boolean {
  return rows >= columns && rows % 4 === 0 && columns % 8 === 0;
}

/**
 * Replaces a row-major matrix by its orthogonal factor U V^T (x = U S V^T), within the iteration's accuracy: singular
 * values between 0.6 and 1.3. @param x [rows, columns], sizes as `isOrthogonalisable` wants them
 */
export function orthogonalise(x: Float32Array, rows: number, columns: number): void {
  exported ??= start();
  const bytes = 4 * (3 * rows * columns + 2 * columns * columns);
  const missing = bytes - memory!.buffer.byteLength;
  if (missing > 0) memory!.grow(Math.ceil(missing / PAGE_BYTES));
  const held = new Float32Array(memory!.buffer, 0, x.length);
  held.set(x);
  exported.orthogonalise(0, 4 * x.length, rows, columns, ROUNDS);
  x.set(held);
}
