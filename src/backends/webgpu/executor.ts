/**
 * One model on one device. A call encodes its steps into one command buffer: `upload` the scaling of the frame,
 * `glance` the attention network, `inspect` the detail network on the lists of attended blocks, `resident.detect`
 * all of these and the selection between (resident.ts).
 *
 * Invariants:
 * - Detail maps are zero outside the blocks attended last: a block that was attended in the frame before and is not
 *   now is on the lists too, to be overwritten with zeros.
 * - `inspect` knows its lists on the host, so a list without blocks is not dispatched at all.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { detailMacs, type Size } from '../../network/geometry.ts';
import { GATE_THREE, type Model } from '../../network/spec.ts';
import type {
  Executor,
  Glance,
  Inspection,
  PixelFrame,
  Resident,
  ResidentOrder,
  Sighting,
  SourceFrame,
} from '../backend.ts';
import { checkFrame, checkGates, disposedError, orderError, unknownMapError } from '../checks.ts';
import { scatterCells, unpadCells } from './cells.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { FrameInput, sourceSize } from './frame-input.ts';
import { FrameMaps, unpackMap } from './maps.ts';
import { type MapPlan, type NetworkPlan, pitchOf } from './plan.ts';
import { readReply } from './reply.ts';
import { ResidentFrame } from './resident.ts';
import { headFits, READBACK_BYTES, replyLayout, TIMES_AT } from './settings.ts';
import { listBlocks, stepMacs } from './shapes.ts';
import { StageTimer } from './stage-timer.ts';
import { SLOTS, StagingRing } from './staging-ring.ts';
import { type BoundNetwork, type BoundStep, bindNetwork, encodeStep, type LoadedNetwork } from './steps.ts';

type MapCopy = Awaited<ReturnType<Executor['read']>>;

/** Everything that belongs to one working size. */
interface FrameState {
  readonly maps: FrameMaps;
  readonly bound: BoundNetwork;
  /** Null where the reply of a frame of this size would not fit. */
  readonly resident: ResidentFrame | null;
  glanced: boolean;
  /** Gates of which the detail maps are not zero; null where they may hold anything. */
  gates: Uint8Array | null;
}

export class WebgpuExecutor implements Executor {
  readonly backend = 'webgpu';
  readonly resident: Resident;
  readonly #handle: DeviceHandle;
  readonly #spec: Model['network'];
  readonly #plan: NetworkPlan;
  readonly #network: LoadedNetwork;
  readonly #input: FrameInput;
  #ring: StagingRing | null = null;
  #timer: StageTimer | null = null;
  #state: FrameState | null = null;
  /** Settles when the frame taken last is submitted. */
  #turn: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @param handle released by `dispose`, with the network's buffers. */
  constructor(handle: DeviceHandle, spec: Model['network'], plan: NetworkPlan, network: LoadedNetwork) {
    this.#handle = handle;
    this.#spec = spec;
    this.#plan = plan;
    this.#network = network;
    this.#input = new FrameInput(handle, network, plan);
    this.resident = {
      depth: SLOTS,
      fits: (frame, working) => this.#fits(frame, working),
      detect: (frame, order) => this.#call(() => this.#detect(frame, order)),
    };
  }

  get pipelines(): number {
    return this.#network.pipelines.size;
  }

  upload(frame: PixelFrame): Promise<void> {
    return this.#call(() => this.#alone(() => this.#upload(frame)));
  }

  glance(): Promise<Glance> {
    return this.#call(() => this.#alone(() => this.#glance()));
  }

  inspect(gates: Uint8Array): Promise<Inspection> {
    return this.#call(() => this.#alone(() => this.#inspect(gates)));
  }

  read(name: string): Promise<MapCopy> {
    return this.#call(() => this.#alone(() => this.#read(name)));
  }

  memoryBytes(): number {
    if (this.#disposed) return 0;
    const { maps, bound, resident } = this.#state ?? {};
    const frame = (maps?.bytes ?? 0) + (bound?.params.size ?? 0) + (resident?.bytes ?? 0);
    const shared = this.#input.bytes + (this.#ring?.bytes ?? 0) + (this.#timer?.bytes ?? 0);
    return this.#network.weights.size + frame + shared;
  }

  onLost(listener: (error: SaccadeNetError) => void): void {
    this.#handle.onLost(listener);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#drop();
    this.#input.destroy();
    this.#ring?.destroy();
    this.#timer?.destroy();
    this.#network.weights.destroy();
    this.#handle.release();
  }

  async #upload(frame: PixelFrame): Promise<void> {
    checkFrame(frame);
    const state = await this.#resize(frame);
    await this.#submit('the frame', (encoder) => {
      const scale = this.#input.take(frame, state.maps, state.bound);
      const pass = encoder.beginComputePass();
      scale(pass);
      pass.end();
    });
  }

  #fits(frame: Size, working: Size): boolean {
    const most = this.#handle.device.limits.maxTextureDimension2D;
    if (Math.max(frame.width, frame.height) > most) return false;
    return headFits(this.#spec) && replyLayout(this.#spec, working) !== null;
  }

  async #detect(frame: SourceFrame, order: ResidentOrder): Promise<Sighting> {
    const { reply, resident, state, timer } = await this.#inTurn(() => this.#take(frame, order));
    const bytes = await reply;
    const words = new Uint32Array(bytes, 0, resident.layout.bytes / 4);
    const { gates, found, candidates } = readReply(words, resident.layout, this.#spec.labels.length);
    state.gates = gates;
    return {
      ...state.maps.grid,
      gates: gates.slice(),
      candidates,
      found,
      macs: detailMacs(this.#spec, order.working, gates),
      readbackBytes: bytes.byteLength,
      ...(timer ? { stageMs: timer.read(bytes.slice(TIMES_AT)) } : {}),
    };
  }

  /** Submits a frame; what is under way when it resolves is its reply. */
  async #take(frame: SourceFrame, { ...order }: ResidentOrder) {
    const { working, stats } = order;
    if ('data' in frame) checkFrame(frame);
    const state = await this.#resize(working);
    const { resident, maps, bound } = state;
    if (resident === null || !this.#fits(sourceSize(frame), working)) {
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `A frame of ${working.width}x${working.height} working px does not fit a resident reply; ask \`fits\` first, or glance and inspect.`,
        { details: { ...working } },
      );
    }
    const timed = stats === true && this.#handle.device.features.has('timestamp-query');
    const ring = await this.#prepare(timed);
    const timer = timed ? this.#timer : null;
    const staging = await ring.take();
    this.#alive();
    const accepted = this.#handle.scoped('a frame', () => {
      if (state.gates === null) this.#forgetGates(maps);
      resident.submit(this.#input.take(frame, maps, bound), order, staging, timer);
    });
    accepted.catch(() => {
      state.gates = null;
    });
    state.glanced = true;
    order.onTaken?.();
    const reply = ring.read(staging, accepted, timer ? READBACK_BYTES : resident.layout.bytes);
    return { reply, resident, state, timer };
  }

  /** Takes frames one after the other, in call order, without waiting for their replies. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const taken = this.#turn.then(task);
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** The ring and, where asked for, the timer: made once. */
  async #prepare(timed: boolean): Promise<StagingRing> {
    if (this.#ring && (this.#timer || !timed)) return this.#ring;
    const ring = await this.#handle.scoped('the buffers of replies', () => {
      if (timed) this.#timer ??= new StageTimer(this.#handle.device);
      this.#ring ??= new StagingRing(this.#handle);
      return this.#ring;
    });
    this.#alive();
    return ring;
  }

  /** What the detail maps hold is not known: every block that is not attended next is to be zeroed. */
  #forgetGates({ chosen, chosenLayout, grid }: FrameMaps): void {
    const gates = new Uint32Array(grid.columns * grid.rows).fill(GATE_THREE);
    this.#handle.device.queue.writeBuffer(chosen, 4 * chosenLayout.gatesAt, gates);
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
    const lists = listBlocks(gates, state.gates ?? new Uint8Array(gates.length).fill(GATE_THREE));
    state.gates = null;
    let macs = 0;
    const attended = lists.attended.blocks;
    const bytes = (maps.layout(this.#plan.cells).bytes / gates.length) * attended.length;
    const cells = await this.#submit(
      'the detail network',
      (encoder) => {
        this.#handle.device.queue.writeBuffer(maps.chosen, 0, maps.chosenWords(lists, gates));
        this.#pass(
          encoder,
          state.bound.detail.map((bound) => {
            const { blocks, stale } = lists[bound.step.tiles as keyof typeof lists];
            macs += stepMacs(this.#spec, maps.size, bound.step, blocks);
            const zeroed = bound.step.target.form === 'list' ? 0 : stale.length;
            return [bound, blocks.length + zeroed];
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
      blocks: attended,
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
    const maps = await FrameMaps.create(
      this.#handle,
      this.#spec,
      this.#plan,
      { width, height },
      this.#network.precision.vec4Bytes,
    );
    let bound: BoundNetwork | null = null;
    try {
      this.#alive();
      const state = await this.#handle.scoped('the bindings', () => {
        bound = bindNetwork(device, this.#network, this.#plan, maps);
        return { maps, bound, resident: this.#residentOf(maps, bound), glanced: false };
      });
      this.#alive();
      this.#state = { ...state, gates: new Uint8Array(maps.grid.columns * maps.grid.rows) };
      return this.#state;
    } catch (error) {
      maps.destroy();
      (bound as BoundNetwork | null)?.params.destroy();
      throw error;
    }
  }

  #residentOf(maps: FrameMaps, bound: BoundNetwork): ResidentFrame | null {
    const layout = headFits(this.#spec) ? replyLayout(this.#spec, maps.size) : null;
    if (layout === null) return null;
    const [spec, plan, network] = [this.#spec, this.#plan, this.#network];
    return new ResidentFrame(this.#handle, { spec, plan, network, maps, bound, layout });
  }

  #drop(): void {
    this.#state?.maps.destroy();
    this.#state?.bound.params.destroy();
    this.#state?.resident?.destroy();
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

  /** Runs a call when no frame is in flight. */
  async #alone<T>(task: () => Promise<T>): Promise<T> {
    await this.#turn;
    await this.#ring?.idle;
    this.#alive();
    return task();
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
    return this.#network.precision.unpack(await content);
  }

  #pass(encoder: GPUCommandEncoder, steps: readonly (readonly [BoundStep, number])[]): void {
    const limits = {
      workgroup: this.#network.shape.workgroup,
      perDimension: this.#handle.device.limits.maxComputeWorkgroupsPerDimension,
    };
    const pass = encoder.beginComputePass();
    for (const [bound, tiles] of steps) encodeStep(pass, bound, tiles, limits);
    pass.end();
  }

  /** The head's list of blocks as a map. */
  #cellMap(content: Float32Array, state: FrameState): Float32Array {
    const { cells: map } = this.#plan;
    const channels = this.#spec.detail.head.outputs;
    const cells = unpadCells(content, pitchOf(map), channels);
    const { blocks } = listBlocks(state.gates!, state.gates!).attended;
    const side = this.#spec.block / this.#spec.cell;
    return scatterCells(cells, blocks, state.maps.grid.columns, side, state.maps.layout(map), channels);
  }

  #readable(): string[] {
    const state = this.#state;
    const ready = (map: MapPlan) => (map.sparse ? state?.gates : state?.glanced);
    return [...this.#plan.reads].filter(([, { map }]) => ready(map)).map(([name]) => name);
  }
}
