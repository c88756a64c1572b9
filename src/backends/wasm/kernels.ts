/** The compiled kernels (assembly/kernels) and how they are called. All addresses and strides are bytes. */
import wasmBytes from '../../../build/kernels.wasm';

export interface Kernels {
  /** @returns places computed. */
  convolve(
    descriptor: number,
    list: number,
    count: number,
    blockWidth: number,
    blockHeight: number,
    scratch: number,
  ): number;
  /** `convolve` in Winograd's tiles. @returns places computed. */
  convolveTiles(
    descriptor: number,
    list: number,
    count: number,
    blockWidth: number,
    blockHeight: number,
    scratch: number,
  ): number;
  /** The first detail layer, from RGBA bytes. @returns places computed. */
  convolvePixels(
    descriptor: number,
    pixels: number,
    frameWidth: number,
    frameHeight: number,
    list: number,
    count: number,
    side: number,
    scratch: number,
  ): number;
  /** How a level becomes an input from now on (network/response.ts). */
  setResponse(numerator: number, slope: number, offset: number, linear: number): void;
  averageFrame(
    pixels: number,
    width: number,
    height: number,
    factor: number,
    to: number,
    toRow: number,
  ): void;
  fillJoin(
    join: number,
    place: number,
    width: number,
    height: number,
    features: number,
    featuresRow: number,
    featureBytes: number,
    list: number,
    count: number,
    side: number,
  ): void;
  gatherCells(
    head: number,
    place: number,
    width: number,
    height: number,
    channels: number,
    list: number,
    count: number,
    side: number,
    cells: number,
  ): void;
}

let compiled: Promise<WebAssembly.Module> | null = null;

/** Compiles once a process; a failure is not remembered. */
function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(wasmBytes).catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}

/** A sentence that says why the kernels cannot run here, or null. */
export async function kernelsUnavailable(): Promise<string | null> {
  if (typeof WebAssembly === 'undefined') return 'This environment has no WebAssembly.';
  if (!WebAssembly.validate(wasmBytes))
    return 'This environment has WebAssembly, but not its SIMD instructions.';
  try {
    await compileKernels();
    return null;
  } catch (error) {
    return `WebAssembly may not be compiled here (${String(error)}); allow 'wasm-unsafe-eval' in the page's script-src.`;
  }
}

/** Kernels over `memory`. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<Kernels> {
  const abort = () => {
    throw new WebAssembly.RuntimeError('kernel abort');
  };
  const instance = await WebAssembly.instantiate(await compileKernels(), { env: { memory, abort } });
  return instance.exports as unknown as Kernels;
}
