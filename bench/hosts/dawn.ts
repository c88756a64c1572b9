/**
 * WebGPU in Node: npm `webgpu` (Dawn) as `navigator.gpu` and the GPU* globals, for ours and for peers alike.
 *
 * Dawn takes the GPU that the Vulkan loader finds. On a machine without one it runs on the software adapter of an
 * installed Chromium, if LD_LIBRARY_PATH names Chromium's folder, VK_ICD_FILENAMES its vk_swiftshader_icd.json and
 * XDG_RUNTIME_DIR any folder (src/backends/webgpu/webgpu-backend.ts).
 */

import { isSoftware } from '../../src/backends/webgpu/device.ts';

/** Timestamps to the nanosecond; without it Dawn rounds them to 0.1 ms. */
const OPTIONS = ['disable-dawn-features=timestamp_quantization'];

/** Keeps Dawn's instance referenced: without it the process aborts. */
let instance: GPU | undefined;

export interface DawnAnswer {
  /** Why there is no adapter; absent once navigator.gpu stands. */
  readonly reason?: string;
  /** No GPU, or an emulated one. */
  readonly software: boolean;
}

export async function openDawn(): Promise<DawnAnswer> {
  if (instance) return { software: isSoftware((await instance.requestAdapter())?.info) };
  let dawn: { create(options: string[]): GPU; globals: Record<string, unknown> };
  try {
    dawn = (await import('webgpu')) as unknown as typeof dawn;
  } catch (error) {
    const reason = `npm package webgpu (Dawn for Node) does not load here: ${(error as Error).message}`;
    return { reason, software: true };
  }
  const gpu = dawn.create(OPTIONS);
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) {
    return {
      reason: 'Dawn for Node finds no GPU (is a Vulkan loader with its driver installed?)',
      software: true,
    };
  }
  instance = gpu;
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(globalThis, 'navigator', {
    value: { ...globalThis.navigator, gpu, userAgent: `Node ${process.version}` },
    configurable: true,
  });
  flattenFeatures();
  return { software: isSoftware(adapter.info) };
}

/** tfjs-backend-webgpu 4.22 passes a nested array of features, which browsers take and Dawn for Node refuses. */
function flattenFeatures(): void {
  const { prototype } = globalThis.GPUAdapter;
  const request = prototype.requestDevice;
  prototype.requestDevice = function (descriptor) {
    const requiredFeatures = [...(descriptor?.requiredFeatures ?? [])].flat() as GPUFeatureName[];
    return request.call(this, { ...descriptor, requiredFeatures });
  };
}
