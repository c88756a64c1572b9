/**
 * Steps of the plan on a device: loaded with their pipelines and weights (once a model), then bound to the maps
 * of a working size, then encoded.
 */
import type { Model } from '../../network/spec.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { ALIGNMENT, alignUp, type FrameMaps } from './maps.ts';
import { type KernelName, type KernelShape, PipelineCache } from './pipelines.ts';
import { type MapStep, type NetworkPlan, pitchOf, type Step, vec4s } from './plan.ts';
import type { Precision } from './precision.ts';
import { targetOffset, tilesOf, tileThreads } from './shapes.ts';
import { packWeights } from './weights.ts';

/** The kernels' Params: 19 u32, then 3 f32 from byte 80 on, as a uniform block is padded. */
const PARAMS_BYTES = 96;
const RESPONSE_AT = 80;

/** As in kernels/params.wgsl. */
const FLAGS = { listed: 1, compact: 2, relu: 4 } as const;

/** A step with its pipeline: what does not depend on the working size. */
interface LoadedStep {
  readonly step: MapStep;
  readonly pipeline: GPUComputePipeline;
  /** In bytes of the weights' buffer; a kernel without weights is given some it does not read. */
  readonly weights: { readonly offset: number; readonly size: number };
}

export interface LoadedNetwork {
  readonly shape: KernelShape;
  readonly precision: Precision;
  readonly attention: readonly LoadedStep[];
  readonly detail: readonly LoadedStep[];
  readonly weights: GPUBuffer;
  /** All that are compiled for this network, by kernel. */
  readonly pipelines: ReadonlyMap<KernelName, GPUComputePipeline>;
}

/** A step with its bind group: ready to be dispatched at one working size. */
export interface BoundStep extends LoadedStep {
  readonly group: GPUBindGroup;
  /** Threads of one tile. */
  readonly threads: number;
  /** Tiles of the whole map; a listed step has as many as its list. */
  readonly mapTiles: number;
}

/** All kernels, but the external texture's where the platform has no frames to import. */
function kernelNames(): KernelName[] {
  const names: KernelName[] = ['conv', 'scaleTexture', 'sameTexture', 'join', 'select', 'collect', 'pack'];
  return typeof VideoFrame === 'undefined' ? names : [...names, 'scaleExternal'];
}

/**
 * Compiles, all at once, and uploads everything that is the same for all frames.
 * @throws SHADER_COMPILE, OUT_OF_MEMORY
 */
export async function loadNetwork(
  handle: DeviceHandle,
  model: Model,
  plan: NetworkPlan,
  shape: KernelShape,
  precision: Precision,
): Promise<LoadedNetwork> {
  const { device } = handle;
  const cache = PipelineCache.of(device);
  const steps = [...plan.attention, ...plan.detail];
  const packed = steps.map((step) =>
    step.kind === 'conv' ? precision.pack(packWeights(step, model.weights)) : null,
  );
  let bytes = 0;
  const places = packed.map((data) => {
    const place = { offset: data ? bytes : 0, size: data?.byteLength ?? precision.vec4Bytes };
    bytes += alignUp(data?.byteLength ?? 0);
    return place;
  });
  const names = kernelNames();
  const compiled = Promise.all(names.map((name) => cache.get(name, shape)));
  const created = handle.scoped('the weights', () => {
    const usage = USAGE.storage | USAGE.copyTarget;
    const buffer = device.createBuffer({ label: 'weights', size: bytes, usage });
    packed.forEach((data, i) => {
      if (data) device.queue.writeBuffer(buffer, places[i].offset, data);
    });
    return buffer;
  });
  const [, made] = await Promise.allSettled([compiled, created]);
  const done = await compiled.catch((error) => {
    if (made.status === 'fulfilled') made.value.destroy();
    throw error;
  });
  const pipelines = new Map(names.map((name, i) => [name, done[i]]));
  const weights = await created;
  const loaded = steps.map((step, i): LoadedStep => {
    return { step, pipeline: pipelines.get(step.kind)!, weights: places[i] };
  });
  const attention = loaded.slice(0, plan.attention.length);
  const detail = loaded.slice(plan.attention.length);
  return { shape, precision, attention, detail, weights, pipelines };
}

/** A network bound to the maps of a working size; `params` holds the kernels' Params. */
export interface BoundNetwork {
  /** Params of the kernels that read the frame. */
  readonly scaleParams: GPUBufferBinding;
  readonly attention: readonly BoundStep[];
  readonly detail: readonly BoundStep[];
  readonly params: GPUBuffer;
}

/** Binds a network to the maps of a working size; synchronous, for an error scope. */
export function bindNetwork(
  device: GPUDevice,
  network: LoadedNetwork,
  plan: NetworkPlan,
  maps: FrameMaps,
): BoundNetwork {
  const layout = PipelineCache.of(device).layout('buffer');
  const size = ALIGNMENT * (1 + network.attention.length + network.detail.length);
  const params = device.createBuffer({ label: 'params', size, usage: USAGE.uniform | USAGE.copyTarget });
  const values = new Uint32Array(size / 4);
  let next = 0;
  const describe = (step: Step): GPUBufferBinding => {
    const offset = ALIGNMENT * next++;
    values.set(stepParams(step, maps), offset / 4);
    if (step.kind === 'scale') {
      const { numerator, slope, offset: plus, linear } = step.response;
      new Float32Array(values.buffer, offset + RESPONSE_AT, 4).set([numerator, slope, plus, linear]);
    }
    return { buffer: params, offset, size: PARAMS_BYTES };
  };
  const bind = (loaded: LoadedStep): BoundStep => {
    const { step } = loaded;
    const { tile, grid } = tilesOf(step, maps.layout(step.target));
    const buffers: GPUBufferBinding[] = [
      describe(step),
      { buffer: maps.buffer(step.source) },
      { buffer: network.weights, ...loaded.weights },
      { buffer: maps.buffer(step.target) },
      maps.list(step.tiles === 'map' ? 'attended' : step.tiles),
    ];
    const entries = buffers.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ layout, entries });
    return {
      ...loaded,
      group,
      threads: tileThreads(step, tile, network.shape),
      mapTiles: grid.columns * grid.rows,
    };
  };
  const bound = {
    scaleParams: describe(plan.scale),
    attention: network.attention.map(bind),
    detail: network.detail.map(bind),
    params,
  };
  device.queue.writeBuffer(params, 0, values);
  return bound;
}

/** A step's Params, in the order of kernels/params.wgsl. */
function stepParams(step: Step, maps: FrameMaps): number[] {
  const source = maps.layout(step.source);
  const target = maps.layout(step.target);
  const { tile, grid } = tilesOf(step, target);
  const conv = step.kind === 'conv' ? step.layer : null;
  const flags =
    (step.tiles === 'map' ? 0 : FLAGS.listed) |
    (step.target.form === 'list' ? FLAGS.compact : 0) |
    (conv?.activation === 'relu' ? FLAGS.relu : 0);
  return [
    ...[source.origin, source.row, source.pitch],
    ...[target.origin + targetOffset(step), target.row, target.pitch],
    ...[target.width, target.height, grid.columns, grid.columns * grid.rows],
    ...[source.width, source.height, tile.width, tile.height],
    step.kind === 'conv' ? step.kernel : 1,
    conv?.stride ?? step.target.stride / step.source.stride,
    ...[pitchOf(step.source), vec4s(conv?.outputs ?? 0)],
    flags,
  ];
}

/** Dispatches a step over `tiles` tiles; nothing where there are none. @param limit workgroups a dimension. */
export function encodeStep(
  pass: GPUComputePassEncoder,
  bound: BoundStep,
  tiles: number,
  limits: { readonly workgroup: number; readonly perDimension: number },
): void {
  if (tiles === 0) return;
  pass.setPipeline(bound.pipeline);
  pass.setBindGroup(0, bound.group);
  dispatch(pass, tiles * bound.threads, limits);
}

/** Dispatches as many workgroups as hold the threads, in two dimensions where one is too short. */
export function dispatch(
  pass: GPUComputePassEncoder,
  threads: number,
  { workgroup, perDimension }: { readonly workgroup: number; readonly perDimension: number },
): void {
  const groups = Math.ceil(threads / workgroup);
  const rows = Math.ceil(groups / perDimension);
  pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
}
