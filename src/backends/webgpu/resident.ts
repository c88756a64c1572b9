/**
 * What a frame needs to stay on the GPU from its pixels to its candidates, at one working size: the buffers of the
 * selection and of the reply, and the encoding of the whole frame as one command buffer.
 *
 * Invariants: the gates in `FrameMaps.chosen` are those of which the detail maps are not zero; `encode` makes no GPU
 * object but the command encoder.
 */
import type { NetworkSpec } from '../../network/spec.ts';
import type { ResidentOrder } from '../backend.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { alignUp, type FrameMaps, LISTS, type ListName } from './maps.ts';
import { PipelineCache } from './pipelines.ts';
import type { NetworkPlan } from './plan.ts';
import { type ReplyLayout, SETTINGS_BYTES, settingsOf, TIMES_AT } from './settings.ts';
import type { StageTimer } from './stage-timer.ts';
import { type BoundNetwork, encodeStep, type LoadedNetwork } from './steps.ts';

/** Words of a candidate before it is packed, and before the first. */
const CANDIDATE_WORDS = 4;

export interface ResidentParts {
  readonly spec: NetworkSpec;
  readonly plan: NetworkPlan;
  readonly network: LoadedNetwork;
  readonly maps: FrameMaps;
  readonly bound: BoundNetwork;
  readonly layout: ReplyLayout;
}

export class ResidentFrame {
  readonly layout: ReplyLayout;
  readonly #parts: ResidentParts;
  readonly #device: GPUDevice;
  readonly #settings: GPUBuffer;
  readonly #priors: GPUBuffer;
  readonly #candidates: GPUBuffer;
  readonly #reply: GPUBuffer;
  readonly #all: GPUBuffer[] = [];
  readonly #groups: Readonly<Record<'select' | 'collect' | 'pack', GPUBindGroup>>;
  /** Null where the priors on the GPU are all zero. */
  #noPriors: Float32Array<ArrayBuffer> | null = null;

  /** Synchronous, for an error scope. */
  constructor(handle: DeviceHandle, parts: ResidentParts) {
    const { device } = handle;
    const { spec, plan, network, maps, bound, layout } = parts;
    this.layout = layout;
    this.#parts = parts;
    this.#device = device;
    const create = (label: string, bytes: number, usage: number): GPUBuffer => {
      const buffer = device.createBuffer({ label, size: alignUp(bytes, 16), usage });
      this.#all.push(buffer);
      return buffer;
    };
    const { storage, copyTarget, copySource, uniform } = USAGE;
    this.#settings = create('settings', SETTINGS_BYTES, uniform | copyTarget);
    this.#priors = create('priors', 4 * layout.blocks, storage | copyTarget);
    const steps = create('steps', 8 * (plan.detail.length + 1), storage | copyTarget);
    const most = layout.blocks * (spec.block / spec.cell) ** 2 * spec.labels.length;
    this.#candidates = create('candidates', 4 * CANDIDATE_WORDS * (1 + most), storage | copyTarget);
    this.#reply = create('reply', layout.bytes, storage | copySource);

    const listOf = (name: ListName) => LISTS.indexOf(name);
    const table = bound.detail.flatMap(({ step, threads }) => [listOf(step.tiles as ListName), threads]);
    device.queue.writeBuffer(steps, 0, Uint32Array.of(...table, listOf('attended'), spec.labels.length));

    const whole = (buffer: GPUBuffer): GPUBufferBinding => ({ buffer });
    const weights = { buffer: network.weights, size: network.precision.vec4Bytes };
    const { chosen } = maps;
    const gate = maps.buffer(plan.gate);
    const cells = maps.buffer(plan.cells);
    const bind = (resources: readonly GPUBufferBinding[]): GPUBindGroup =>
      device.createBindGroup({
        layout: PipelineCache.of(device).layout('buffer'),
        entries: resources.map((resource, binding) => ({ binding, resource })),
      });
    const settings = whole(this.#settings);
    const found = whole(this.#candidates);
    this.#groups = {
      select: bind([settings, whole(gate), whole(this.#priors), whole(chosen), whole(steps)]),
      collect: bind([settings, whole(cells), weights, found, maps.list('attended')]),
      pack: bind([settings, found, whole(chosen), whole(this.#reply), weights]),
    };
  }

  get bytes(): number {
    return this.#all.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /**
   * Encodes and submits a frame, whose reply is copied into `staging`. Synchronous, for an error scope.
   * @param input encodes the frame into its map
   */
  submit(
    input: (pass: GPUComputePassEncoder) => void,
    order: ResidentOrder,
    staging: GPUBuffer,
    timer: StageTimer | null,
  ): void {
    const { spec, plan, network, maps, bound } = this.#parts;
    const device = this.#device;
    const perDimension = device.limits.maxComputeWorkgroupsPerDimension;
    const limits = { workgroup: network.shape.workgroup, perDimension };
    const settings = settingsOf(spec, plan, maps.size, this.layout, maps.chosenLayout, order, perDimension);
    device.queue.writeBuffer(this.#settings, 0, settings);
    this.#writePriors(order.priors);
    const encoder = device.createCommandEncoder({ label: 'frame' });
    const stage = (name: string, encode: (pass: GPUComputePassEncoder) => void) => {
      const pass = encoder.beginComputePass(timer?.writes(name));
      encode(pass);
      pass.end();
    };
    const { argumentsAt } = maps.chosenLayout;
    const once = (pass: GPUComputePassEncoder, name: 'select' | 'pack') => {
      pass.setPipeline(network.pipelines.get(name)!);
      pass.setBindGroup(0, this.#groups[name]);
      pass.dispatchWorkgroups(1);
    };
    stage('input', input);
    stage('attention', (pass) => {
      for (const step of bound.attention) encodeStep(pass, step, step.mapTiles, limits);
    });
    stage('select', (pass) => once(pass, 'select'));
    stage('detail', (pass) => {
      bound.detail.forEach(({ pipeline, group }, i) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroupsIndirect(maps.chosen, 4 * (argumentsAt + 3 * i));
      });
    });
    encoder.clearBuffer(this.#candidates, 0, 4);
    stage('candidates', (pass) => {
      pass.setPipeline(network.pipelines.get('collect')!);
      pass.setBindGroup(0, this.#groups.collect);
      pass.dispatchWorkgroupsIndirect(maps.chosen, 4 * (argumentsAt + 3 * bound.detail.length));
      once(pass, 'pack');
    });
    encoder.copyBufferToBuffer(this.#reply, 0, staging, 0, this.layout.bytes);
    timer?.copy(encoder, staging, TIMES_AT);
    device.queue.submit([encoder.finish({ label: 'frame' })]);
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  #writePriors(priors: Float32Array | undefined): void {
    const zeros = this.#noPriors;
    if (!priors && !zeros) return;
    this.#device.queue.writeBuffer(this.#priors, 0, (priors as Float32Array<ArrayBuffer>) ?? zeros!);
    this.#noPriors = priors ? (zeros ?? new Float32Array(this.layout.blocks)) : null;
  }
}
