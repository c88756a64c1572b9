/**
 * The WebGPU backend: where it can run, and loading a model onto a device.
 *
 * Runs wherever there is a standard GPUDevice. In Node, without a browser, npm `webgpu` (Dawn) gives one:
 *
 *     import { create } from 'webgpu';
 *     const gpu = create([]); // keep it referenced as long as the device: Dawn aborts the process without it
 *     const adapter = await gpu.requestAdapter();
 *     const backend = webgpuBackend({ device: await adapter.requestDevice() });
 *
 * Dawn takes the GPU that the Vulkan loader (libvulkan.so.1) finds. Without a GPU it runs on the software adapter
 * of an installed Chromium, whose folder (Debian: /usr/lib/chromium) holds loader and driver: set LD_LIBRARY_PATH
 * to the folder, VK_ICD_FILENAMES to its vk_swiftshader_icd.json, and XDG_RUNTIME_DIR to any folder. Nothing here
 * reads the GPU* globals, which Node lacks. Seen working: Node 20.20, webgpu 0.6.2, Chromium 156.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { plainModel } from '../../network/genes.ts';
import type { Model } from '../../network/spec.ts';
import type { Backend } from '../backend.ts';
import { checkWeights } from '../checks.ts';
import { DeviceHandle, isSoftware, requestAdapter, requestDevice } from './device.ts';
import { WebgpuExecutor } from './executor.ts';
import { planNetwork } from './plan.ts';
import { PRECISIONS, type PrecisionName } from './precision.ts';
import { kernelShape } from './shapes.ts';
import { loadNetwork } from './steps.ts';

export interface WebgpuOptions {
  /** The caller's device: used, never destroyed. */
  readonly device?: GPUDevice;
  /** Which GPU to ask for where there are two. */
  readonly powerPreference?: GPUPowerPreference;
  /** Default: 'float16' where the device has `shader-f16`, 'float32' elsewhere. */
  readonly precision?: PrecisionName;
}

export class WebgpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly #options: WebgpuOptions;
  #software = false;

  constructor(options: WebgpuOptions = {}) {
    this.#options = options;
    if (options.device) this.#software = isSoftware(options.device.adapterInfo);
  }

  /**
   * True where WebGPU is emulated on the processor, so that the wasm backend is faster. Known once `unavailable`
   * or `load` has resolved, false before; with a device of the caller's known at once.
   */
  get softwareAdapter(): boolean {
    return this.#software;
  }

  async unavailable(): Promise<string | null> {
    if (this.#options.device) return null;
    const answer = await requestAdapter(this.#options.powerPreference);
    if ('reason' in answer) return answer.reason;
    this.#software = isSoftware(answer.adapter.info);
    return null;
  }

  /** @throws UNSUPPORTED, MODEL_FORMAT, OUT_OF_MEMORY, SHADER_COMPILE, DEVICE_LOST; the signal's reason. */
  async load(model: Model, { signal }: { signal?: AbortSignal } = {}): Promise<WebgpuExecutor> {
    signal?.throwIfAborted();
    checkWeights(model);
    const plain = plainModel(model);
    const handle = await this.#open();
    try {
      signal?.throwIfAborted();
      const precision = this.#precision(handle.device);
      const shape = kernelShape(this.#software, precision);
      const plan = planNetwork(plain.network);
      const network = await loadNetwork(handle, plain, plan, shape, PRECISIONS[precision]);
      if (signal?.aborted) {
        network.weights.destroy();
        throw signal.reason;
      }
      return new WebgpuExecutor(handle, plain.network, plan, network);
    } catch (error) {
      handle.release();
      throw error;
    }
  }

  #precision(device: GPUDevice): PrecisionName {
    const offered = device.features.has('shader-f16');
    const { precision = offered ? 'float16' : 'float32' } = this.#options;
    if (precision === 'float16' && !offered) {
      throw new SaccadeNetError(
        'UNSUPPORTED',
        "The device has no 'shader-f16', which precision 'float16' needs; leave precision out.",
      );
    }
    return precision;
  }

  async #open(): Promise<DeviceHandle> {
    const { device, powerPreference } = this.#options;
    if (device) return new DeviceHandle(device, false);
    const answer = await requestAdapter(powerPreference);
    if ('reason' in answer) throw new SaccadeNetError('UNSUPPORTED', answer.reason);
    this.#software = isSoftware(answer.adapter.info);
    return new DeviceHandle(await requestDevice(answer.adapter), true);
  }
}

/** The WebGPU backend, on the caller's device or on one of its own a model. */
export function webgpuBackend(options: WebgpuOptions = {}): WebgpuBackend {
  return new WebgpuBackend(options);
}
