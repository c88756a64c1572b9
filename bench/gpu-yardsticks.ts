/**
 * What this GPU reaches with a plain copy and with plain multiply-adds: the roof above every kernel of the run.
 * Timed by timestamps where the device has them, else from submission to the end of the queue's work.
 */
import copyCode from './kernels/copy.wgsl';
import fmaCode from './kernels/fma.wgsl';
import type { GpuYardsticks } from './report.ts';
import { median } from './statistics.ts';

const WORKGROUP = 64;
const VEC4_BYTES = 16;
/** Operations of a thread and step: eight vec4 chains of a multiplication and an addition. */
const FMA_OPERATIONS = 8 * 4 * 2;
const NANOSECONDS = 1e-9;
/** Values of GPUBufferUsage, fixed by the standard. */
const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, storage: 0x80, queryResolve: 0x200 } as const;
const MAP_READ = 1;

/** How much work one measurement is: enough for a steady figure, small enough for an emulated GPU. */
const WORK = {
  hardware: { copyThreads: 1 << 20, copySteps: 4, fmaThreads: 1 << 20, fmaSteps: 512 },
  software: { copyThreads: 1 << 16, copySteps: 4, fmaThreads: 1 << 13, fmaSteps: 64 },
} as const;

export class GpuMeasure {
  readonly #device: GPUDevice;
  readonly #work: (typeof WORK)['hardware' | 'software'];
  readonly #copy: BoundKernel;
  readonly #fma: BoundKernel;
  readonly #timer: Timer;
  readonly #copyRates: number[] = [];
  readonly #fmaRates: number[] = [];

  private constructor(
    device: GPUDevice,
    work: (typeof WORK)['hardware' | 'software'],
    kernels: readonly [BoundKernel, BoundKernel],
  ) {
    this.#device = device;
    this.#work = work;
    [this.#copy, this.#fma] = kernels;
    this.#timer = new Timer(device);
  }

  static async create(adapter: GPUAdapter, software: boolean): Promise<GpuMeasure> {
    const requiredFeatures: GPUFeatureName[] = adapter.features.has('timestamp-query')
      ? ['timestamp-query']
      : [];
    const device = await adapter.requestDevice({ label: 'yardsticks', requiredFeatures });
    const work = software ? WORK.software : WORK.hardware;
    const copyBytes = work.copyThreads * work.copySteps * VEC4_BYTES;
    const kernels = await Promise.all([
      bind(device, copyCode, work.copySteps, copyBytes),
      bind(device, fmaCode, work.fmaSteps, (work.fmaThreads + 1) * VEC4_BYTES),
    ]);
    const measure = new GpuMeasure(device, work, kernels);
    await measure.measure();
    measure.#copyRates.length = measure.#fmaRates.length = 0; // the first run is not counted
    return measure;
  }

  /** One measurement of each kernel. */
  async measure(): Promise<void> {
    const { copyThreads, copySteps, fmaThreads, fmaSteps } = this.#work;
    const copySeconds = await this.#timer.seconds(this.#copy, copyThreads / WORKGROUP);
    this.#copyRates.push((2 * copyThreads * copySteps * VEC4_BYTES) / copySeconds / 1e9);
    const fmaSeconds = await this.#timer.seconds(this.#fma, fmaThreads / WORKGROUP);
    this.#fmaRates.push((fmaThreads * fmaSteps * FMA_OPERATIONS) / fmaSeconds / 1e9);
  }

  /** Medians of the measurements so far. */
  result(): GpuYardsticks {
    return { copyGbPerSecond: median(this.#copyRates), fmaGflops: median(this.#fmaRates) };
  }

  release(): void {
    this.#device.destroy();
  }
}

interface BoundKernel {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

async function bind(device: GPUDevice, code: string, steps: number, bytes: number): Promise<BoundKernel> {
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), constants: { steps } },
  });
  const entries = [0, 1].map((binding) => ({
    binding,
    resource: { buffer: device.createBuffer({ size: bytes, usage: USAGE.storage }) },
  }));
  return { pipeline, group: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) };
}

class Timer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer;
  readonly #read: GPUBuffer;

  constructor(device: GPUDevice) {
    this.#device = device;
    if (device.features.has('timestamp-query')) {
      this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    }
    this.#resolved = device.createBuffer({ size: 16, usage: USAGE.queryResolve | USAGE.copySource });
    this.#read = device.createBuffer({ size: 16, usage: USAGE.mapRead | USAGE.copyTarget });
  }

  async seconds({ pipeline, group }: BoundKernel, workgroups: number): Promise<number> {
    const { queue } = this.#device;
    const encoder = this.#device.createCommandEncoder();
    const timestampWrites = this.#queries && {
      querySet: this.#queries,
      beginningOfPassWriteIndex: 0,
      endOfPassWriteIndex: 1,
    };
    const pass = encoder.beginComputePass({ timestampWrites });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    if (this.#queries) {
      encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
      encoder.copyBufferToBuffer(this.#resolved, 0, this.#read, 0, 16);
    }
    const startMs = performance.now();
    queue.submit([encoder.finish()]);
    if (!this.#queries) {
      await queue.onSubmittedWorkDone();
      return (performance.now() - startMs) / 1000;
    }
    await this.#read.mapAsync(MAP_READ);
    const [begin, end] = new BigInt64Array(this.#read.getMappedRange().slice(0));
    this.#read.unmap();
    const seconds = Number(end - begin) * NANOSECONDS;
    // Some platforms quantise timestamps (to 0.1 ms); the wall clock is then the better one.
    return seconds > 0 ? seconds : (performance.now() - startMs) / 1000;
  }
}
