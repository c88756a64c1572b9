/**
 * One model on one device. A call encodes its steps into one command buffer: `upload` the conversion of the
 * frame, `glance` the attention network, `inspect` the detail network on the lists of attended blocks.
 *
 * Invariants:
 * - Detail maps are zero outside the blocks attended last: they are cleared before an inspection that drops a
 *   block of the one before; blocks attended again are overwritten.
 * - The host knows the lists, so a list without blocks is not dispatched at all.
 */
import type { SaccadeNetError } from '../../errors/errors.ts';
import type { Size } from '../../network/geometry.ts';
import type { Model } from '../../network/spec.ts';
import type { Executor, Glance, Inspection, PixelFrame } from '../backend.ts';
import { checkFrame, checkGates, disposedError, orderError, unknownMapError } from '../checks.ts';
import { scatterCells, unpadCells } from './cells.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { FrameMaps, LISTS, unpackMap } from './maps.ts';
import { type MapPlan, type NetworkPlan, pitchOf } from './plan.ts';
import { listBlocks, stepMacs } from './shapes.ts';
import { type BoundNetwork, type BoundStep, bindNetwork, encodeStep, type LoadedNetwork } from './steps.ts';

type MapCopy = Awaited<ReturnType<Executor['read']>>;

/** Everything that belongs to one working size. */
interface FrameState {
  readonly maps: FrameMaps;
  readonly bound: BoundNetwork;
  glanced: boolean;
  /** Gates of the last inspection; null where the detail maps may hold anything. */
  gates: Uint8Array | null;
}

export class WebgpuExecutor implements Executor {
  readonly backend = 'webgpu';
  readonly #handle: DeviceHandle;
  readonly #spec: Model['network'];
  readonly #plan: NetworkPlan;
  readonly #network: LoadedNetwork;
  #state: FrameState | null = null;
  #disposed = false;

  /** @param handle released by `dispose`, with the network's buffers. */
  constructor(handle: DeviceHandle, spec: Model['network'], plan: NetworkPlan, network: LoadedNetwork) {
    this.#handle = handle;
    this.#spec = spec;
    this.#plan = plan;
    this.#network = network;
  }

  upload(frame: PixelFrame): Promise<void> {
    return this.#call(() => this.#upload(frame));
  }

  glance(): Promise<Glance> {
    return this.#call(() => this.#glance());
  }

  inspect(gates: Uint8Array): Promise<Inspection> {
    return this.#call(() => this.#inspect(gates));
  }

  read(name: string): Promise<MapCopy> {
    return this.#call(() => this.#read(name));
  }

  memoryBytes(): number {
    if (this.#disposed) return 0;
    const { maps, bound } = this.#state ?? {};
    return this.#network.weights.size + (maps?.bytes ?? 0) + (bound?.params.size ?? 0);
  }

  onLost(listener: (error: SaccadeNetError) => void): void {
    this.#handle.onLost(listener);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#drop();
    this.#network.weights.destroy();
    this.#handle.release();
  }

  async #upload(frame: PixelFrame): Promise<void> {
    checkFrame(frame);
    const state = await this.#resize(frame);
    await this.#submit('the frame', (encoder) => {
      const { data } = frame;
      const bytes = data as Uint8Array<ArrayBuffer>;
      this.#handle.device.queue.writeBuffer(state.maps.pixels, 0, bytes);
      this.#pass(
        encoder,
        state.bound.upload.map((bound) => [bound, bound.mapTiles]),
      );
    });
  }

  async #glance(): Promise<Glance> {
    const state = this.#state;
    if (state === null) throw orderError('glance', 'upload');
    const { maps } = state;
    const { columns, rows } = maps.grid;
    const { bytes, pitch } = maps.layout(this.#plan.gate);
    const logits = await this.#submit(
      'the attention network',
      (encoder) => {
        this.#pass(
          encoder,
          state.bound.attention.map((bound) => [bound, bound.mapTiles]),
        );
        encoder.copyBufferToBuffer(maps.buffer(this.#plan.gate), 0, maps.gateStaging, 0, bytes);
      },
      { staging: maps.gateStaging, bytes },
    );
    state.glanced = true;
    const channel = (c: number) =>
      Float32Array.from({ length: columns * rows }, (_, block) => logits[4 * pitch * block + c]);
    return { columns, rows, look: channel(0), five: channel(1) };
  }

  async #inspect(gates: Uint8Array): Promise<Inspection> {
    const state = this.#state;
    if (state === null) throw orderError('inspect', 'upload');
    if (!state.glanced) throw orderError('inspect', 'glance');
    const { maps } = state;
    checkGates(maps.grid, gates);
    const lists = listBlocks(gates);
    const before = state.gates;
    const stale = before === null || before.some((gate, block) => gate > 0 && gates[block] === 0);
    state.gates = null;
    let macs = 0;
    const bytes = (maps.layout(this.#plan.cells).bytes / gates.length) * lists.attended.length;
    const cells = await this.#submit(
      'the detail network',
      (encoder) => {
        this.#writeLists(maps, lists);
        if (stale) this.#clear(encoder, maps);
        this.#pass(
          encoder,
          state.bound.detail.map((bound) => {
            const list = lists[bound.step.tiles as keyof typeof lists];
            macs += stepMacs(this.#spec, maps.size, bound.step, list);
            return [bound, list.length];
          }),
        );
        if (bytes > 0) {
          encoder.copyBufferToBuffer(maps.buffer(this.#plan.cells), 0, maps.cellStaging, 0, bytes);
        }
      },
      { staging: maps.cellStaging, bytes },
    );
    state.gates = gates.slice();
    return {
      blocks: lists.attended,
      cells: unpadCells(cells, pitchOf(this.#plan.cells), this.#spec.detail.head.outputs),
      macs,
    };
  }

  async #read(name: string): Promise<MapCopy> {
    const state = this.#state;
    const found = this.#plan.reads.get(name);
    const ready = found?.map.sparse ? state?.gates : state?.glanced;
    if (!state || !found || !ready) throw unknownMapError(name, this.#readable());
    const { map, first, channels } = found;
    const layout = state.maps.layout(map);
    const buffer = state.maps.buffer(map);
    const staging = await this.#handle.scoped(`a copy of '${name}'`, () =>
      this.#handle.device.createBuffer({ size: layout.bytes, usage: USAGE.mapRead | USAGE.copyTarget }),
    );
    try {
      const content = await this.#submit(
        `a copy of '${name}'`,
        (encoder) => encoder.copyBufferToBuffer(buffer, 0, staging, 0, layout.bytes),
        { staging, bytes: layout.bytes },
      );
      const data =
        map.form === 'list'
          ? this.#cellMap(content, state)
          : unpackMap(map, layout, content, first, channels);
      return { shape: [layout.height, layout.width, channels], data };
    } finally {
      staging.destroy();
    }
  }

  #alive(): void {
    if (this.#disposed) throw disposedError();
    this.#handle.check();
  }

  /** The state for a working size: the present one, or a new one in its place. */
  async #resize({ width, height }: Size): Promise<FrameState> {
    const present = this.#state;
    if (present && present.maps.size.width === width && present.maps.size.height === height) return present;
    this.#drop();
    const { device } = this.#handle;
    const maps = await FrameMaps.create(this.#handle, this.#spec, this.#plan, { width, height });
    try {
      this.#alive();
      const bound = await this.#handle.scoped('the bindings', () => bindNetwork(device, this.#network, maps));
      this.#alive();
      this.#state = { maps, bound, glanced: false, gates: null };
      return this.#state;
    } catch (error) {
      maps.destroy();
      throw error;
    }
  }

  #drop(): void {
    this.#state?.maps.destroy();
    this.#state?.bound.params.destroy();
    this.#state = null;
  }

  /** Runs a call; what fails because `dispose` came in between is DISPOSED. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#alive();
      return await work();
    } catch (error) {
      if (this.#disposed) throw disposedError();
      throw error;
    }
  }

  /** Submits what `encode` encodes and resolves when it is done: to what was copied to the staging buffer. */
  async #submit(
    what: string,
    encode: (encoder: GPUCommandEncoder) => void,
    readback?: { staging: GPUBuffer; bytes: number },
  ): Promise<Float32Array> {
    const { device } = this.#handle;
    const accepted = this.#handle.scoped(what, () => {
      const encoder = device.createCommandEncoder({ label: what });
      encode(encoder);
      device.queue.submit([encoder.finish()]);
    });
    if (!readback || readback.bytes === 0) {
      await accepted;
      return new Float32Array(0);
    }
    // Both settle before a call ends, so that the next one finds the staging buffer unmapped.
    const content = this.#handle.readStaging(readback.staging, readback.bytes);
    await Promise.allSettled([accepted, content]);
    await accepted;
    return content;
  }

  #pass(encoder: GPUCommandEncoder, steps: readonly (readonly [BoundStep, number])[]): void {
    const limit = this.#handle.device.limits.maxComputeWorkgroupsPerDimension;
    const pass = encoder.beginComputePass();
    for (const [bound, tiles] of steps) encodeStep(pass, bound, tiles, limit);
    pass.end();
  }

  #writeLists(maps: FrameMaps, lists: ReturnType<typeof listBlocks>): void {
    const words = new Uint32Array((LISTS.length * maps.listBytes) / 4);
    LISTS.forEach((name, index) => {
      const start = (index * maps.listBytes) / 4;
      words[start] = lists[name].length;
      words.set(lists[name], start + 1);
    });
    this.#handle.device.queue.writeBuffer(maps.lists, 0, words);
  }

  #clear(encoder: GPUCommandEncoder, maps: FrameMaps): void {
    for (const map of this.#plan.maps) {
      if (map.sparse && map.form !== 'list') encoder.clearBuffer(maps.buffer(map));
    }
  }

  /** The head's list of blocks as a map. */
  #cellMap(content: Float32Array, state: FrameState): Float32Array {
    const { cells: map } = this.#plan;
    const channels = this.#spec.detail.head.outputs;
    const cells = unpadCells(content, pitchOf(map), channels);
    const blocks = listBlocks(state.gates!).attended;
    const side = this.#spec.block / this.#spec.cell;
    return scatterCells(cells, blocks, state.maps.grid.columns, side, state.maps.layout(map), channels);
  }

  #readable(): string[] {
    const state = this.#state;
    const ready = (map: MapPlan) => (map.sparse ? state?.gates : state?.glanced);
    return [...this.#plan.reads].filter(([, { map }]) => ready(map)).map(([name]) => name);
  }
}
