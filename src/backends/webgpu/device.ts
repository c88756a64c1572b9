/**
 * Getting a device, knowing what it is, and turning what goes wrong on it into SaccadeNetErrors.
 *
 * - `navigator.gpu` is touched only when something is asked of it; importing has no side effect.
 * - A device that the caller gave is never destroyed here.
 * - Error scopes are pushed and popped within one synchronous stretch, so scopes of a caller who shares the
 *   device never interleave with ours.
 */
import { SaccadeNetError } from '../../errors/errors.ts';

/** Values of GPUBufferUsage, fixed by the standard; not read from the global, which Node does not have. */
export const USAGE = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
  indirect: 0x100,
  queryResolve: 0x200,
} as const;

/** GPUMapMode.READ. */
const MAP_READ = 1;

/** How long a failed readback waits for the news that the device is lost. */
const LOST_GRACE_MS = 100;

/** Names by which software adapters go: SwiftShader, Mesa's llvmpipe, Direct3D's WARP. */
const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software|\bcpu\b/i;

/** True where the GPU is emulated on the processor: the wasm backend is faster then. */
export function isSoftware(info: GPUAdapterInfo | undefined): boolean {
  if (info === undefined) return false;
  if (info.isFallbackAdapter) return true;
  return SOFTWARE_NAMES.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);
}

export type AdapterAnswer = { adapter: GPUAdapter } | { reason: string };

/** An adapter, or a sentence that says why there is none. Never throws. */
export async function requestAdapter(powerPreference?: GPUPowerPreference): Promise<AdapterAnswer> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    return {
      reason:
        globalThis.isSecureContext === false
          ? 'WebGPU is offered to secure pages only; serve this page over https or from localhost.'
          : 'This platform has no WebGPU (no navigator.gpu); use the wasm backend or a browser with WebGPU.',
    };
  }
  try {
    const adapter = await gpu.requestAdapter(powerPreference ? { powerPreference } : undefined);
    if (adapter) return { adapter };
    return { reason: 'WebGPU has no adapter for this GPU or its driver is blocked; use the wasm backend.' };
  } catch (cause) {
    return { reason: `WebGPU gave no adapter: ${messageOf(cause)}; use the wasm backend.` };
  }
}

/** What the kernels make use of where the adapter has it. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16'];

/** A device with the largest buffers that the adapter allows. @throws UNSUPPORTED */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  try {
    return await adapter.requestDevice({
      label: 'saccadenet',
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    });
  } catch (cause) {
    throw new SaccadeNetError(
      'UNSUPPORTED',
      `The WebGPU adapter gave no device: ${messageOf(cause)}. Use the wasm backend, or reload the page.`,
      { cause },
    );
  }
}

/** What is known of a device's end, and who wants to hear of it. */
interface Loss {
  info: GPUDeviceLostInfo | null;
  readonly handles: Set<DeviceHandle>;
}

const losses = new WeakMap<GPUDevice, Loss>();

/**
 * One reaction to `device.lost` a device: a promise keeps its reactions, and a caller's device outlives many nets.
 */
function lossOf(device: GPUDevice): Loss {
  const known = losses.get(device);
  if (known) return known;
  const loss: Loss = { info: null, handles: new Set() };
  losses.set(device, loss);
  device.lost.then((info) => {
    loss.info = info;
    for (const handle of [...loss.handles]) handle.tellLost(info);
  });
  return loss;
}

function lostError({ reason, message }: GPUDeviceLostInfo): SaccadeNetError {
  return new SaccadeNetError(
    'DEVICE_LOST',
    `The WebGPU device was lost (${reason || 'unknown'}: ${message || 'no message'}).`,
    { details: { reason, message } },
  );
}

/** A device with the state that calls depend on. */
export class DeviceHandle {
  readonly device: GPUDevice;
  readonly #owned: boolean;
  readonly #loss: Loss;
  #listener: ((error: SaccadeNetError) => void) | null = null;

  constructor(device: GPUDevice, owned: boolean) {
    this.device = device;
    this.#owned = owned;
    this.#loss = lossOf(device);
    this.#loss.handles.add(this);
  }

  /** @throws DEVICE_LOST */
  check(): void {
    if (this.#loss.info !== null) throw lostError(this.#loss.info);
  }

  /** `Executor.onLost`: one listener a handle; forgotten by `release`. */
  onLost(listener: (error: SaccadeNetError) => void): void {
    this.#listener = listener;
    if (this.#loss.info !== null) this.tellLost(this.#loss.info);
  }

  /** For `lossOf`. */
  tellLost(info: GPUDeviceLostInfo): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.(lostError(info));
  }

  /**
   * Runs `work`, which must be synchronous, and resolves to what it returned once the device has accepted it.
   * @throws OUT_OF_MEMORY, INTERNAL, DEVICE_LOST
   */
  async scoped<T>(what: string, work: () => T): Promise<T> {
    this.check();
    const { device } = this;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    let result: T;
    let scopes: Promise<(GPUError | null)[]>;
    try {
      result = work();
    } finally {
      scopes = Promise.all([device.popErrorScope(), device.popErrorScope()]).catch(() => []);
    }
    const [validation, memory] = await scopes;
    this.check();
    if (memory) {
      throw new SaccadeNetError(
        'OUT_OF_MEMORY',
        `The GPU has no memory for ${what}: ${memory.message}. Lower maxWorkingPixels or close other pages.`,
        { details: { what }, cause: memory },
      );
    }
    if (validation) {
      throw new SaccadeNetError(
        'INTERNAL',
        `WebGPU refused ${what}: ${validation.message}. Please report this; the wasm backend may work.`,
        { details: { what }, cause: validation },
      );
    }
    return result;
  }

  /** The first `bytes` of a staging buffer that was copied into by work already submitted. @throws DEVICE_LOST */
  async readStaging(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    try {
      await staging.mapAsync(MAP_READ, 0, bytes);
    } catch (cause) {
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, LOST_GRACE_MS))]);
      this.check();
      throw new SaccadeNetError(
        'INTERNAL',
        `Reading ${bytes} bytes back from the GPU failed: ${messageOf(cause)}. Try the call again.`,
        { cause },
      );
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    return copy;
  }

  /** Destroys the device, unless it is the caller's. */
  release(): void {
    this.#listener = null;
    this.#loss.handles.delete(this);
    if (this.#owned) this.device.destroy();
  }
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
