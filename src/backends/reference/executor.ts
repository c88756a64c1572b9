/**
 * The reference executor: src/network/spec.ts to the letter, slow and clear. Oracle of the conformance suite and
 * last fallback. Every map is kept whole under its layer's name; nothing is reused between frames.
 */
import { blockGrid, type Grid, placeDetail, type Size } from '../../network/geometry.ts';
import { GATE_SKIP, type Model } from '../../network/spec.ts';
import type { Executor, Glance, Inspection, PixelFrame } from '../backend.ts';
import { checkFrame, checkGates, disposedError, orderError, unknownMapError } from '../checks.ts';
import { branchOf, convolve } from './convolve.ts';
import { boxAverage, frameTensor } from './frame.ts';
import { joinCells } from './join.ts';
import type { Tensor } from './tensor.ts';

export class ReferenceExecutor implements Executor {
  readonly backend = 'reference';
  readonly #model: Model;
  readonly #maps = new Map<string, Tensor>();
  #frame: Tensor | null = null;
  #size: Size = { width: 0, height: 0 };
  #features: Tensor | null = null;
  #disposed = false;

  constructor(model: Model) {
    this.#model = model;
  }

  async upload(frame: PixelFrame): Promise<void> {
    this.#alive();
    checkFrame(frame);
    if (frame.width !== this.#size.width || frame.height !== this.#size.height) {
      this.#features = null;
      this.#maps.clear();
    }
    this.#size = { width: frame.width, height: frame.height };
    this.#frame = frameTensor(this.#model.network, frame);
  }

  async glance(): Promise<Glance> {
    this.#alive();
    if (this.#frame === null) throw orderError('glance', 'upload');
    const { attention } = this.#model.network;
    let map = boxAverage(this.#frame, attention.downsample);
    this.#maps.set('input', map);
    for (const layer of attention.layers) map = this.#layer(map, layer.name);
    const gate = this.#layer(map, attention.gate.name);
    this.#features = this.#layer(map, attention.features.name);
    const { columns, rows } = this.#grid();
    const logits = (channel: number) =>
      Float32Array.from({ length: columns * rows }, (_, block) => gate.data[block * gate.channels + channel]);
    return { columns, rows, look: logits(0), five: logits(1) };
  }

  async inspect(gates: Uint8Array): Promise<Inspection> {
    this.#alive();
    if (this.#frame === null) throw orderError('inspect', 'upload');
    if (this.#features === null) throw orderError('inspect', 'glance');
    checkGates(this.#grid(), gates);
    const { block, cell, detail } = this.#model.network;
    const { columns } = this.#grid();
    const gateAt = (stride: number) => (row: number, column: number) =>
      gates[Math.floor((row * stride) / block) * columns + Math.floor((column * stride) / block)];

    let map = this.#frame;
    let macs = 0;
    for (const { layer, stride } of placeDetail(this.#model.network)) {
      if (layer === detail.trunk[0]) {
        const at = gateAt(cell);
        map = joinCells(map, this.#features, block / cell, (row, column) => at(row, column) !== GATE_SKIP);
        this.#maps.set('join', map);
      }
      const three = branchOf(layer, this.#model.weights, false);
      const five = branchOf(layer, this.#model.weights, true);
      const at = gateAt(stride);
      const branches = [null, three, five];
      const done = convolve(map, layer, (row, column) => branches[at(row, column)]);
      map = done.output;
      macs += done.macs;
      this.#maps.set(layer.name, map);
    }
    const blocks = Uint32Array.from([...gates.keys()].filter((index) => gates[index] !== GATE_SKIP));
    return { blocks, cells: gatherCells(map, blocks, columns, block / cell), macs };
  }

  async read(name: string): Promise<{ shape: [number, number, number]; data: Float32Array }> {
    this.#alive();
    const map = this.#maps.get(name);
    if (map === undefined) throw unknownMapError(name, this.#maps.keys());
    return { shape: [map.height, map.width, map.channels], data: map.data.slice() };
  }

  memoryBytes(): number {
    const arrays = [...this.#model.weights.values(), ...[...this.#maps.values()].map((map) => map.data)];
    return arrays.reduce((sum, array) => sum + array.byteLength, this.#frame?.data.byteLength ?? 0);
  }

  dispose(): void {
    this.#disposed = true;
    this.#maps.clear();
    this.#frame = null;
    this.#features = null;
  }

  #alive(): void {
    if (this.#disposed) throw disposedError();
  }

  #grid(): Grid {
    return blockGrid(this.#model.network, this.#size);
  }

  /** An attention layer by name, everywhere. */
  #layer(input: Tensor, name: string): Tensor {
    const { attention } = this.#model.network;
    const layer = [...attention.layers, attention.gate, attention.features].find((one) => one.name === name)!;
    const branch = branchOf(layer, this.#model.weights, false);
    const { output } = convolve(input, layer, () => branch);
    this.#maps.set(name, output);
    return output;
  }
}

/** The head's places of each block: [blocks, n, n, channels]; cells over the edge are zero. */
function gatherCells(head: Tensor, blocks: Uint32Array, columns: number, n: number): Float32Array {
  const { channels } = head;
  const cells = new Float32Array(blocks.length * n * n * channels);
  blocks.forEach((block, index) => {
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        const row = Math.floor(block / columns) * n + j;
        const column = (block % columns) * n + i;
        if (row >= head.height || column >= head.width) continue;
        const from = (row * head.width + column) * channels;
        cells.set(head.data.subarray(from, from + channels), ((index * n + j) * n + i) * channels);
      }
    }
  });
  return cells;
}
