/** What of this package can run here, before anything is loaded. */
import type { AdapterKind } from '../session/webgpu-adapter.ts';

export interface Support {
  /** Whether createSaccadeNet's default backends can run. */
  readonly supported: boolean;
  readonly webgpu: { readonly available: boolean; readonly adapter: AdapterKind; readonly reason?: string };
  readonly wasm: { readonly available: boolean; readonly reason?: string };
  readonly worker: { readonly available: boolean; readonly reason?: string };
}

/** `(module (func (result v128) i32.const 0 i8x16.splat))`: valid only where SIMD is. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
);

/** Never rejects. Asks for a WebGPU adapter, compiles 29 bytes of wasm and starts nothing. */
export async function checkSupport(): Promise<Support> {
  const { webgpuAdapter } = await import('../session/webgpu-adapter.ts');
  const [{ kind, reason }, wasm] = await Promise.all([webgpuAdapter(), checkWasm()]);
  const webgpu = { available: kind !== 'none', adapter: kind, ...(reason === undefined ? {} : { reason }) };
  const worker =
    typeof Worker === 'function'
      ? { available: true }
      : { available: false, reason: 'There are no web workers here; nets run in this thread.' };
  return { supported: webgpu.available || wasm.available, webgpu, wasm, worker };
}

async function checkWasm(): Promise<{ available: boolean; reason?: string }> {
  if (typeof WebAssembly !== 'object') return { available: false, reason: 'There is no WebAssembly here.' };
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return { available: false, reason: 'WebAssembly has no SIMD here; use a browser of 2023 or newer.' };
  }
  try {
    await WebAssembly.compile(SIMD_PROBE);
    return { available: true };
  } catch (error) {
    return {
      available: false,
      reason: `WebAssembly may not be compiled here (${String(error)}); allow 'wasm-unsafe-eval' in the Content-Security-Policy.`,
    };
  }
}
