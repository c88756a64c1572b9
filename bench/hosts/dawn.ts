/**
 * WebGPU in Node: npm `webgpu` (Dawn) as `navigator.gpu` and the GPU* globals, for ours and for peers alike.
 *
 * Dawn takes the GPU that the Vulkan loader finds. On a machine without one it runs on the software adapter of an
 * installed Chromium, if LD_LIBRARY_PATH names Chromium's folder, VK_ICD_FILENAMES its vk_swiftshader_icd.json and
 * XDG_RUNTIME_DIR any folder (src/backends/webgpu/webgpu-backend.ts).
 */

/** Timestamps to the nanosecond; without it Dawn rounds them to 0.1 ms. */
const OPTIONS = ['disable-dawn-features=timestamp_quantization'];

/** Keeps Dawn's instance referenced: without it the process aborts. */
let instance: GPU | undefined;

/** @returns why there is no adapter, or null once navigator.gpu stands. */
export async function openDawn(): Promise<string | null> {
  if (instance) return null;
  let dawn: { create(options: string[]): GPU; globals: Record<string, unknown> };
  try {
    dawn = (await import('webgpu')) as unknown as typeof dawn;
  } catch (error) {
    return `npm package webgpu (Dawn for Node) does not load here: ${(error as Error).message}`;
  }
  const gpu = dawn.create(OPTIONS);
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return 'Dawn for Node finds no GPU (is a Vulkan loader with its driver installed?)';
  instance = gpu;
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(globalThis, 'navigator', {
    value: { ...globalThis.navigator, gpu, userAgent: `Node ${process.version}` },
    configurable: true,
  });
  flattenFeatures();
  return null;
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
