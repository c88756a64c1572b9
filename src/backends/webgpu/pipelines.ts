/**
 * Compute pipelines by shape. All kernels share one bind group layout, so a bind group fits whichever pipeline
 * runs a step; the shapes are `override` constants. A device's pipelines are kept as long as the device, so a
 * second net on the caller's device compiles only what is new.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { messageOf } from './device.ts';
import conv from './kernels/conv.wgsl';
import convert from './kernels/convert.wgsl';
import downsample from './kernels/downsample.wgsl';
import join from './kernels/join.wgsl';
import params from './kernels/params.wgsl';

const KERNELS = { conv, convert, downsample, join } as const;
export type KernelName = keyof typeof KERNELS;

/** Values of the kernel's `override` constants. */
export type Constants = Readonly<Record<string, number>>;

/** Threads of a workgroup, in every kernel: as kernels/params.wgsl has it. */
export const WORKGROUP = 64;

/** GPUShaderStage.COMPUTE. */
const COMPUTE = 4;

/** Bindings of every kernel, in order. */
const BINDINGS: readonly GPUBufferBindingType[] = [
  'uniform',
  'read-only-storage',
  'read-only-storage',
  'storage',
  'read-only-storage',
];

const caches = new WeakMap<GPUDevice, PipelineCache>();

export class PipelineCache {
  readonly layout: GPUBindGroupLayout;
  readonly #device: GPUDevice;
  readonly #pipelineLayout: GPUPipelineLayout;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  private constructor(device: GPUDevice) {
    this.#device = device;
    this.layout = device.createBindGroupLayout({
      label: 'saccadenet',
      entries: BINDINGS.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })),
    });
    this.#pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [this.layout] });
  }

  static of(device: GPUDevice): PipelineCache {
    const known = caches.get(device);
    if (known) return known;
    const created = new PipelineCache(device);
    caches.set(device, created);
    return created;
  }

  get size(): number {
    return this.#pipelines.size;
  }

  /** @throws SHADER_COMPILE with the compilation messages. */
  get(name: KernelName, constants: Constants): Promise<GPUComputePipeline> {
    const key = `${name} ${JSON.stringify(constants)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.compile(name, `${params}\n${KERNELS[name]}`, constants);
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** Compiles without caching the pipeline; the module is kept by its source. @throws SHADER_COMPILE */
  async compile(label: string, code: string, constants: Constants): Promise<GPUComputePipeline> {
    let module = this.#modules.get(code);
    if (!module) {
      // What is wrong with a module is told by the pipeline made of it; nobody else has to hear of it.
      this.#device.pushErrorScope('validation');
      module = this.#device.createShaderModule({ label, code });
      this.#device.popErrorScope().catch(() => {});
      this.#modules.set(code, module);
    }
    try {
      return await this.#device.createComputePipelineAsync({
        label,
        layout: this.#pipelineLayout,
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      });
    } catch (cause) {
      throw await compileError(label, module, constants, cause);
    }
  }
}

async function compileError(
  label: string,
  module: GPUShaderModule,
  constants: Constants,
  cause: unknown,
): Promise<SaccadeNetError> {
  const info = await module.getCompilationInfo().catch(() => ({ messages: [] }));
  const messages = info.messages.map(({ type, lineNum, linePos, message }) => {
    return `${type} at ${lineNum}:${linePos}: ${message}`;
  });
  return new SaccadeNetError(
    'SHADER_COMPILE',
    `The kernel '${label}' did not compile here: ${[...messages, messageOf(cause)].join('; ')}. ` +
      'Use the wasm backend, and please report this with the browser and GPU.',
    { details: { kernel: label, constants, messages }, cause },
  );
}
