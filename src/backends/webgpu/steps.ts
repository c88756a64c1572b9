/**
 * Steps of the plan on a device: loaded with their pipelines and weights (once a model), then bound to the maps
 * of a working size, then encoded.
 */
import type { Model } from '../../network/spec.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { ALIGNMENT, alignUp, type FrameMaps, LISTS, type ListName, VEC4_BYTES } from './maps.ts';
import { PipelineCache, WORKGROUP } from './pipelines.ts';
import { type NetworkPlan, type Step, tileGrid } from './plan.ts';
import { stepConstants, targetOffset, tileThreads } from './shapes.ts';
import { packWeights } from './weights.ts';

/** 12 u32, the kernels' Params. */
const PARAMS_BYTES = 48;

/** A step with its pipeline: what does not depend on the working size. */
interface LoadedStep {
  readonly step: Step;
  readonly pipeline: GPUComputePipeline;
  /** In bytes of the weights' buffer; a kernel without weights is given some it does not read. */
  readonly weights: { readonly offset: number; readonly size: number };
}

export interface LoadedNetwork {
  readonly upload: readonly LoadedStep[];
  readonly attention: readonly LoadedStep[];
  readonly detail: readonly LoadedStep[];
  readonly weights: GPUBuffer;
}

/** A step with its bind group: ready to be dispatched at one working size. */
export interface BoundStep extends LoadedStep {
  readonly group: GPUBindGroup;
  /** Threads of one tile. */
  readonly threads: number;
  /** Tiles of the whole map; a listed step has as many as its list. */
  readonly mapTiles: number;
}

/** Compiles and uploads everything that is the same for all frames. @throws SHADER_COMPILE, OUT_OF_MEMORY */
export async function loadNetwork(
  handle: DeviceHandle,
  model: Model,
  plan: NetworkPlan,
): Promise<LoadedNetwork> {
  const { device } = handle;
  const cache = PipelineCache.of(device);
  const steps = [...plan.upload, ...plan.attention, ...plan.detail];
  const packed = steps.map((step) => (step.kind === 'conv' ? packWeights(step, model.weights) : null));
  let bytes = 0;
  const places = packed.map((data) => {
    const place = { offset: data ? bytes : 0, size: data?.byteLength ?? VEC4_BYTES };
    bytes += alignUp(data?.byteLength ?? 0);
    return place;
  });
  const compiled = Promise.all(steps.map((step) => cache.get(step.kind, stepConstants(model.network, step))));
  const created = handle.scoped('the weights', () => {
    const usage = USAGE.storage | USAGE.copyTarget;
    const buffer = device.createBuffer({ label: 'weights', size: bytes, usage });
    packed.forEach((data, i) => {
      if (data) device.queue.writeBuffer(buffer, places[i].offset, data);
    });
    return buffer;
  });
  const [, made] = await Promise.allSettled([compiled, created]);
  const pipelines = await compiled.catch((error) => {
    if (made.status === 'fulfilled') made.value.destroy();
    throw error;
  });
  const weights = await created;
  const loaded = steps.map((step, i): LoadedStep => ({ step, pipeline: pipelines[i], weights: places[i] }));
  const [attentionAt, detailAt] = [plan.upload.length, plan.upload.length + plan.attention.length];
  return {
    upload: loaded.slice(0, attentionAt),
    attention: loaded.slice(attentionAt, detailAt),
    detail: loaded.slice(detailAt),
    weights,
  };
}

/** A network bound to the maps of a working size; `params` holds the kernels' Params. */
export interface BoundNetwork {
  readonly upload: readonly BoundStep[];
  readonly attention: readonly BoundStep[];
  readonly detail: readonly BoundStep[];
  readonly params: GPUBuffer;
}

/** Binds a network to the maps of a working size; synchronous, for an error scope. */
export function bindNetwork(device: GPUDevice, network: LoadedNetwork, maps: FrameMaps): BoundNetwork {
  const { layout } = PipelineCache.of(device);
  const count = network.upload.length + network.attention.length + network.detail.length;
  const size = ALIGNMENT * count;
  const params = device.createBuffer({ label: 'params', size, usage: USAGE.uniform | USAGE.copyTarget });
  const values = new Uint32Array(size / 4);
  let next = 0;
  const bind = (loaded: LoadedStep): BoundStep => {
    const { step } = loaded;
    const source = step.source ? maps.layout(step.source) : null;
    const target = maps.layout(step.target);
    const grid = tileGrid(target, step.tile);
    const mapTiles = grid.columns * grid.rows;
    const offset = ALIGNMENT * next++;
    values.set(
      [
        ...[source?.origin ?? 0, source?.row ?? 0, source?.pitch ?? 0],
        ...[target.origin + targetOffset(step), target.row, target.pitch],
        ...[target.width, target.height, grid.columns, mapTiles],
        ...[source?.width ?? 0, source?.height ?? 0],
      ],
      offset / 4,
    );
    const list = Math.max(0, LISTS.indexOf(step.tiles as ListName));
    const buffers: GPUBufferBinding[] = [
      { buffer: params, offset, size: PARAMS_BYTES },
      { buffer: step.source ? maps.buffer(step.source) : maps.pixels },
      { buffer: network.weights, ...loaded.weights },
      { buffer: maps.buffer(step.target) },
      { buffer: maps.lists, offset: list * maps.listBytes, size: maps.listBytes },
    ];
    const entries = buffers.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ layout, entries });
    return { ...loaded, group, threads: tileThreads(step), mapTiles };
  };
  const bound = {
    upload: network.upload.map(bind),
    attention: network.attention.map(bind),
    detail: network.detail.map(bind),
    params,
  };
  device.queue.writeBuffer(params, 0, values);
  return bound;
}

/** Dispatches a step over `tiles` tiles; nothing where there are none. @param limit workgroups a dimension. */
export function encodeStep(
  pass: GPUComputePassEncoder,
  bound: BoundStep,
  tiles: number,
  limit: number,
): void {
  if (tiles === 0) return;
  const groups = Math.ceil((tiles * bound.threads) / WORKGROUP);
  const rows = Math.ceil(groups / limit);
  pass.setPipeline(bound.pipeline);
  pass.setBindGroup(0, bound.group);
  pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
}
