/**
 * The compute pipelines: one a kernel, whatever the network and the frame, since sizes are told to the kernels when
 * they run. A device's pipelines are kept as long as the device, so a second net on the caller's device compiles
 * nothing. Kernels on maps and lists share one bind group layout; those that read the frame have their own.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { messageOf } from './device.ts';
import choose from './kernels/choose.wgsl';
import collect from './kernels/collect.wgsl';
import conv from './kernels/conv.wgsl';
import frameExternal from './kernels/frame-external.wgsl';
import frameTexture from './kernels/frame-texture.wgsl';
import join from './kernels/join.wgsl';
import pack from './kernels/pack.wgsl';
import params from './kernels/params.wgsl';
import scale from './kernels/scale.wgsl';
import select from './kernels/select.wgsl';
import settings from './kernels/settings.wgsl';
import { PRECISIONS, type PrecisionName } from './precision.ts';
import { unroll } from './unroll.ts';

/** Where a kernel's second binding comes from. */
export type Source = 'buffer' | 'texture' | 'external';

interface Kernel {
  readonly source: Source;
  readonly text: readonly string[];
  readonly constants?: Readonly<Record<string, number>>;
}

/** Threads of a workgroup of the kernels that read the frame. */
export const FRAME_WORKGROUP = 64;
const WHOLE = { WORKGROUP: FRAME_WORKGROUP };

const KERNELS = {
  scaleTexture: { source: 'texture', text: [params, frameTexture, scale], constants: WHOLE },
  sameTexture: { source: 'texture', text: [params, frameTexture, scale], constants: { ...WHOLE, SCALED: 0 } },
  scaleExternal: { source: 'external', text: [params, frameExternal, scale], constants: WHOLE },
  conv: { source: 'buffer', text: [params, conv] },
  join: { source: 'buffer', text: [params, join] },
  select: { source: 'buffer', text: [settings, choose, select] },
  collect: { source: 'buffer', text: [settings, collect] },
  pack: { source: 'buffer', text: [settings, choose, pack] },
} as const satisfies Record<string, Kernel>;
export type KernelName = keyof typeof KERNELS;

/** How the kernels are cut to an adapter. */
export interface KernelShape {
  /** Threads of a workgroup. */
  readonly workgroup: number;
  /** Register tile of a thread of conv.wgsl: places, and vec4s of output channels. */
  readonly places: number;
  readonly columns: number;
  readonly precision: PrecisionName;
}

/** GPUShaderStage.COMPUTE. */
const COMPUTE = 4;

const SOURCE_ENTRIES: Readonly<Record<Source, Partial<GPUBindGroupLayoutEntry>>> = {
  buffer: { buffer: { type: 'read-only-storage' } },
  texture: { texture: {} },
  external: { externalTexture: {} },
};

const caches = new WeakMap<GPUDevice, PipelineCache>();

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<Source, { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout }>();
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  private constructor(device: GPUDevice) {
    this.#device = device;
  }

  static of(device: GPUDevice): PipelineCache {
    const known = caches.get(device);
    if (known) return known;
    const created = new PipelineCache(device);
    caches.set(device, created);
    return created;
  }

  /** Pipelines compiled or being compiled. */
  get size(): number {
    return this.#pipelines.size;
  }

  /**
   * The layout of the bind groups of kernels with that source: settings, source, weights, target, list; a second target
   * instead of the list where the source is a frame.
   */
  layout(source: Source): GPUBindGroupLayout {
    return this.#layout(source).group;
  }

  /** @throws SHADER_COMPILE with the compilation messages. */
  get(name: KernelName, shape: KernelShape): Promise<GPUComputePipeline> {
    const key = `${name} ${JSON.stringify(shape)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      const { source, text, constants }: Kernel = KERNELS[name];
      const code = unroll([PRECISIONS[shape.precision].prelude, ...text].join('\n'), {
        PLACES: shape.places,
        COLUMNS: shape.columns,
      });
      pipeline = this.compile(name, code, { WORKGROUP: shape.workgroup, ...constants }, source);
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** Compiles without caching the pipeline; the module is kept by its source. @throws SHADER_COMPILE */
  async compile(
    label: string,
    code: string,
    constants: Readonly<Record<string, number>>,
    source: Source = 'buffer',
  ): Promise<GPUComputePipeline> {
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
        layout: this.#layout(source).pipeline,
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      });
    } catch (cause) {
      throw await compileError(label, module, constants, cause);
    }
  }

  #layout(source: Source): { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout } {
    let layout = this.#layouts.get(source);
    if (!layout) {
      const device = this.#device;
      const entries: Partial<GPUBindGroupLayoutEntry>[] = [
        { buffer: { type: 'uniform' } },
        SOURCE_ENTRIES[source],
        { buffer: { type: 'read-only-storage' } },
        { buffer: { type: 'storage' } },
        { buffer: { type: source === 'buffer' ? 'read-only-storage' : 'storage' } },
      ];
      const group = device.createBindGroupLayout({
        label: `saccadenet ${source}`,
        entries: entries.map((entry, binding) => ({ ...entry, binding, visibility: COMPUTE })),
      });
      layout = { group, pipeline: device.createPipelineLayout({ bindGroupLayouts: [group] }) };
      this.#layouts.set(source, layout);
    }
    return layout;
  }
}

async function compileError(
  label: string,
  module: GPUShaderModule,
  constants: Readonly<Record<string, number>>,
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
