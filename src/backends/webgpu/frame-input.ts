/**
 * The frame on its way into the frame map and the attention network's input: copied into a texture of its own size,
 * or, a VideoFrame, imported where it lies; then scaled by the GPU. The texture and its bind group are made anew when
 * the frame's own size or the working size changes, and then only; an imported frame takes a bind group each.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import type { Size } from '../../network/geometry.ts';
import type { SourceFrame } from '../backend.ts';
import type { DeviceHandle } from './device.ts';
import type { FrameMaps } from './maps.ts';
import { FRAME_WORKGROUP, type KernelName, PipelineCache, type Source } from './pipelines.ts';
import type { NetworkPlan } from './plan.ts';
import { type BoundNetwork, dispatch, type LoadedNetwork } from './steps.ts';

/** GPUTextureUsage COPY_DST | TEXTURE_BINDING | RENDER_ATTACHMENT: what copyExternalImageToTexture asks for. */
const TEXTURE_USAGE = 0x02 | 0x04 | 0x10;

/** A frame's own size in pixels, as it is displayed. */
export function sourceSize(frame: SourceFrame): Size {
  return 'displayWidth' in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}

export class FrameInput {
  readonly #handle: DeviceHandle;
  readonly #network: LoadedNetwork;
  readonly #plan: NetworkPlan;
  #texture: GPUTexture | null = null;
  #group: { readonly bound: BoundNetwork; readonly group: GPUBindGroup } | null = null;

  constructor(handle: DeviceHandle, network: LoadedNetwork, plan: NetworkPlan) {
    this.#handle = handle;
    this.#network = network;
    this.#plan = plan;
  }

  get bytes(): number {
    return this.#texture ? 4 * this.#texture.width * this.#texture.height : 0;
  }

  /**
   * Takes the frame in, on the queue; synchronous. It may be closed once what `encode` encodes is submitted.
   * @returns what `encode` needs
   * @throws OUT_OF_MEMORY where the frame is larger than a texture may be
   */
  take(frame: SourceFrame, maps: FrameMaps, bound: BoundNetwork): (pass: GPUComputePassEncoder) => void {
    const external = isVideoFrame(frame) ? this.#import(frame) : null;
    const group = external ? this.#bind('external', external, maps, bound) : this.#copied(frame, maps, bound);
    const pipeline = this.#network.pipelines.get(external ? 'scaleExternal' : this.#scaleOf(frame, maps))!;
    const { width, height } = maps.layout(this.#plan.scale.target);
    const limits = {
      workgroup: FRAME_WORKGROUP,
      perDimension: this.#handle.device.limits.maxComputeWorkgroupsPerDimension,
    };
    return (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      dispatch(pass, width * height, limits);
    };
  }

  #scaleOf(frame: SourceFrame, { size }: FrameMaps): KernelName {
    const { width, height } = sourceSize(frame);
    return width === size.width && height === size.height ? 'sameTexture' : 'scaleTexture';
  }

  destroy(): void {
    this.#texture?.destroy();
    this.#texture = null;
    this.#group = null;
  }

  /** Null where this frame cannot be imported (its format, or the platform); it is copied then. */
  #import(frame: VideoFrame): GPUExternalTexture | null {
    if (!this.#network.pipelines.has('scaleExternal')) return null;
    try {
      return this.#handle.device.importExternalTexture({ source: frame });
    } catch {
      return null;
    }
  }

  #copied(frame: SourceFrame, maps: FrameMaps, bound: BoundNetwork): GPUBindGroup {
    const { queue } = this.#handle.device;
    const { width, height } = sourceSize(frame);
    const texture = this.#textureOf({ width, height });
    if ('data' in frame) {
      const bytes = frame.data as Uint8Array<ArrayBuffer>;
      queue.writeTexture({ texture }, bytes, { bytesPerRow: 4 * width }, [width, height]);
    } else {
      queue.copyExternalImageToTexture({ source: frame }, { texture }, [width, height]);
    }
    if (this.#group?.bound !== bound) {
      this.#group = { bound, group: this.#bind('texture', texture.createView(), maps, bound) };
    }
    return this.#group.group;
  }

  #textureOf({ width, height }: Size): GPUTexture {
    const present = this.#texture;
    if (present?.width === width && present.height === height) return present;
    this.destroy();
    const { device } = this.#handle;
    const most = device.limits.maxTextureDimension2D;
    if (Math.max(width, height) > most) {
      throw new SaccadeNetError(
        'OUT_OF_MEMORY',
        `The frame is ${width}x${height} px, but this GPU's textures have at most ${most} px a side; give a smaller frame.`,
        { details: { width, height, most } },
      );
    }
    this.#texture = device.createTexture({
      label: 'frame',
      size: [width, height],
      format: 'rgba8unorm',
      usage: TEXTURE_USAGE,
    });
    return this.#texture;
  }

  #bind(source: Source, resource: GPUBindingResource, maps: FrameMaps, bound: BoundNetwork): GPUBindGroup {
    const { device } = this.#handle;
    const resources: GPUBindingResource[] = [
      bound.scaleParams,
      resource,
      { buffer: this.#network.weights, size: this.#network.precision.vec4Bytes },
      { buffer: maps.buffer(this.#plan.scale.source) },
      { buffer: maps.buffer(this.#plan.scale.target) },
    ];
    return device.createBindGroup({
      layout: PipelineCache.of(device).layout(source),
      entries: resources.map((one, binding) => ({ binding, resource: one })),
    });
  }
}

function isVideoFrame(frame: SourceFrame): frame is VideoFrame {
  return typeof VideoFrame !== 'undefined' && frame instanceof VideoFrame;
}
