var __toBinaryNode = Uint8Array.fromBase64 || ((base64) => new Uint8Array(Buffer.from(base64, "base64")));

// cpuwork/src/errors/errors.ts
var SaccadeNetError = class extends Error {
  code;
  details;
  constructor(code, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.name = "SaccadeNetError";
    this.code = code;
    this.details = options.details ?? {};
  }
};

// cpuwork/src/network/spec.ts
var NETWORK_SPEC_VERSION = 1;
var FRAME_CHANNELS = 4;
var COORDINATE_CHANNELS = 4;
var HEAD_CHANNELS = ["score", "quality", "centre", "width", "top", "bottom"];
var GATE_SKIP = 0;
var GATE_THREE = 1;
var GATE_FIVE = 2;
function networkLayers(spec) {
  const { attention, detail } = spec;
  return [
    ...attention.layers,
    attention.gate,
    attention.features,
    ...detail.stem,
    ...detail.trunk,
    detail.head
  ];
}
function weightShapes(spec) {
  return networkLayers(spec).flatMap((layer) => {
    const { name, kernel, inputs, outputs } = layer;
    const shapes = [
      { name: `${name}.w`, shape: [kernel, kernel, inputs, outputs] },
      { name: `${name}.b`, shape: [outputs] }
    ];
    if (layer.fiveByFive) {
      shapes.push(
        { name: `${name}.five.w`, shape: [5, 5, inputs, outputs] },
        { name: `${name}.five.b`, shape: [outputs] }
      );
    }
    return shapes;
  });
}

// cpuwork/src/backends/checks.ts
function checkFrame(frame) {
  const { width, height, data } = frame;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new SaccadeNetError(
      "INVALID_OPTION",
      `The frame is ${width}x${height} pixels; give one of at least 1x1 whole pixels.`,
      { details: { width, height } }
    );
  }
  const expected = width * height * 4;
  if (data.length !== expected) {
    throw new SaccadeNetError(
      "INVALID_OPTION",
      `The frame holds ${data.length} bytes, but ${width}x${height} RGBA pixels are ${expected}; give unpadded RGBA rows.`,
      { details: { width, height, length: data.length, expected } }
    );
  }
}
function checkGates(grid, gates) {
  const blocks = grid.columns * grid.rows;
  if (gates.length !== blocks) {
    throw new SaccadeNetError(
      "INVALID_OPTION",
      `There are ${gates.length} gates, but the frame has ${grid.rows} rows x ${grid.columns} columns = ${blocks} blocks; give one gate a block.`,
      { details: { gates: gates.length, blocks } }
    );
  }
  let wrong = 0;
  while (wrong < blocks && gates[wrong] <= GATE_FIVE) wrong++;
  if (wrong < blocks) {
    throw new SaccadeNetError(
      "INVALID_OPTION",
      `Gate ${wrong} is ${gates[wrong]}; a gate is 0 (skip), 1 (3x3) or 2 (5x5).`,
      { details: { index: wrong, gate: gates[wrong] } }
    );
  }
}
function checkWeights(model) {
  for (const { name, shape } of weightShapes(model.network)) {
    const expected = shape.reduce((product, side) => product * side, 1);
    const found = model.weights.get(name)?.length;
    if (found !== expected) {
      throw new SaccadeNetError(
        "MODEL_FORMAT",
        `Weights '${name}' ${found === void 0 ? "are missing" : `hold ${found} values`}, but the network needs ${expected} [${shape.join(", ")}]; use a model made for this network.`,
        { details: { name, expected, found } }
      );
    }
  }
}
function disposedError() {
  return new SaccadeNetError("DISPOSED", "The executor has been disposed of; load the model again.");
}
function orderError(call, missing) {
  return new SaccadeNetError(
    "INVALID_OPTION",
    `'${call}' was called without '${missing}' at this working size; call '${missing}' first.`,
    { details: { call, missing } }
  );
}
function unknownMapError(name, known) {
  return new SaccadeNetError(
    "INVALID_OPTION",
    `There is no map '${name}' yet; known are ${[...known].join(", ") || "none"}. Upload, glance and inspect first.`,
    { details: { name } }
  );
}

// cpuwork/src/backends/wasm/arena.ts
var PAGE_BYTES = 65536;
var MAX_BYTES = 65536 * PAGE_BYTES;
var ALIGNMENT_BYTES = 64;
var Arena = class {
  memory;
  #next;
  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.#next = PAGE_BYTES;
  }
  /** Where the next allocation goes; give it to `reset` to drop what came after. */
  get mark() {
    return this.#next;
  }
  reset(mark) {
    this.#next = mark;
  }
  /** Address of `bytes` bytes; `commit` before they are touched. */
  allocate(bytes) {
    const address = this.#next;
    this.#next = address + Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return address;
  }
  /**
   * Grows the memory to hold all that is allocated and zeroes it from `from` on. Views made before are void.
   * @throws SaccadeNetError OUT_OF_MEMORY
   */
  commit(from) {
    const missing = this.#next - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        if (this.#next > MAX_BYTES) throw new RangeError("over 4 GiB");
        this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        throw new SaccadeNetError(
          "OUT_OF_MEMORY",
          `WebAssembly memory cannot grow to ${Math.ceil(this.#next / 2 ** 20)} MiB; use a smaller working size (maxWorkingPixels).`,
          { cause, details: { bytes: this.#next } }
        );
      }
    }
    new Uint8Array(this.memory.buffer, from).fill(0);
  }
};

// cpuwork/src/backends/wasm/layout.ts
var BORDER_BEFORE = 2;
var BORDER_AFTER = 7;
var FLOAT_BYTES = 4;
function padChannels(channels2) {
  return Math.ceil(channels2 / 4) * 4;
}
function plainChannels(channels2) {
  return { slots: Array.from({ length: channels2 }, (_, c) => c), padded: padChannels(channels2) };
}
function joinChannels(spec) {
  const stem = plainChannels(spec.detail.stem.at(-1).outputs);
  const features = plainChannels(spec.attention.features.outputs);
  const coordinates = plainChannels(COORDINATE_CHANNELS);
  const coordinatesAt = stem.padded + features.padded;
  return {
    slots: [
      ...stem.slots,
      ...features.slots.map((slot) => stem.padded + slot),
      ...coordinates.slots.map((slot) => coordinatesAt + slot)
    ],
    padded: coordinatesAt + coordinates.padded,
    featuresAt: stem.padded
  };
}
function inputChannels(spec, layer) {
  return layer === spec.detail.trunk[0] ? joinChannels(spec) : plainChannels(layer.inputs);
}
function allocateMap(arena, size, channels2) {
  const placeBytes = channels2.padded * FLOAT_BYTES;
  const rowBytes = (BORDER_BEFORE + size.width + BORDER_AFTER) * placeBytes;
  const start = arena.allocate((BORDER_BEFORE + size.height + BORDER_AFTER) * rowBytes);
  const address = start + BORDER_BEFORE * (rowBytes + placeBytes);
  return { width: size.width, height: size.height, channels: channels2, address, rowBytes, placeBytes };
}
function readMap(memory, map) {
  const { width, height, address, rowBytes, placeBytes } = map;
  const { slots } = map.channels;
  const floats = new Float32Array(memory.buffer);
  const data = new Float32Array(height * width * slots.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (address + y * rowBytes + x * placeBytes) / FLOAT_BYTES;
      for (const slot of slots) data[to++] = floats[from + slot];
    }
  }
  return data;
}
function packedLength(kernel, inputs, outputs) {
  return kernel * kernel * inputs.padded * padChannels(outputs);
}
function packWeights(target, w, kernel, inputs, outputs) {
  const padded = padChannels(outputs);
  let start = 0;
  for (let first = 0; first < padded; first += 8) {
    const lanes = Math.min(8, padded - first);
    for (let k = 0; k < kernel * kernel; k++) {
      inputs.slots.forEach((slot, i) => {
        for (let lane = 0; lane < lanes && first + lane < outputs; lane++) {
          target[start + (k * inputs.padded + slot) * lanes + lane] = w[(k * inputs.slots.length + i) * outputs + first + lane];
        }
      });
    }
    start += kernel * kernel * inputs.padded * lanes;
  }
}

// cpuwork/src/network/geometry.ts
function mapSize(frame, stride) {
  return { width: Math.ceil(frame.width / stride), height: Math.ceil(frame.height / stride) };
}
function blockGrid(spec, frame) {
  const { width, height } = mapSize(frame, spec.block);
  return { columns: width, rows: height };
}
function placeAttention(spec) {
  let stride = spec.attention.downsample;
  const placed = spec.attention.layers.map((layer) => ({ layer, stride: stride *= layer.stride }));
  return [...placed, { layer: spec.attention.gate, stride }, { layer: spec.attention.features, stride }];
}
function placeDetail(spec) {
  let stride = 1;
  const placed = [...spec.detail.stem, ...spec.detail.trunk].map((layer) => ({
    layer,
    stride: stride *= layer.stride
  }));
  return [...placed, { layer: spec.detail.head, stride }];
}
function placeMacs(layer, five) {
  const kernel = five && layer.fiveByFive ? 5 : layer.kernel;
  return kernel * kernel * layer.inputs * layer.outputs;
}
function attentionMacs(spec, frame) {
  return placeAttention(spec).reduce((sum, { layer, stride }) => {
    const { width, height } = mapSize(frame, stride);
    return sum + width * height * placeMacs(layer, false);
  }, 0);
}
function denseMacs(spec, frame) {
  return placeDetail(spec).reduce(
    (sum, { layer, stride }) => {
      const { width, height } = mapSize(frame, stride);
      return sum + width * height * placeMacs(layer, false);
    },
    attentionMacs(spec, frame)
  );
}

// cpuwork/src/backends/wasm/winograd.ts
var BATCH_TILES = 16;
var TILE_ENTRY_BYTES = 16;
var SQUARE_BYTES = 2048;
var POINT_GAP_BYTES = 64;
var SLICE = 8;
var LANES = 4;
var FLOAT_BYTES2 = 4;
var POINTS = {
  5: [
    [0, 1 / 2],
    [1, -1 / 2],
    [-1, -1 / 6],
    [2, 1 / 6]
  ],
  6: [
    [0, 1 / 4],
    [1, -1 / 6],
    [-1, -1 / 6],
    [2, 1 / 24],
    [-2, 1 / 24]
  ],
  8: [
    [0, 1],
    [1, -2 / 9],
    [-1, -2 / 9],
    [2, 1 / 90],
    [-2, 1 / 90],
    [1 / 2, 32 / 45],
    [-1 / 2, 32 / 45]
  ]
};
var LEAST_STRIDED_INPUTS = 8;
function chooseTiling(layer, kernel, blockSide) {
  const { stride } = layer;
  if (stride === 2) {
    const fits = kernel === 3 && blockSide % 4 === 0 && layer.inputs >= LEAST_STRIDED_INPUTS;
    return fits ? { kernel, stride, side: 4 } : null;
  }
  if (kernel === 3 && blockSide % 6 === 0) return { kernel, stride, side: 6 };
  if ((kernel === 3 || kernel === 5) && blockSide % 4 === 0) return { kernel, stride, side: 4 };
  return null;
}
function pointsAside({ kernel, stride, side }) {
  return side + (stride === 2 ? 2 : kernel) - 1;
}
function inputsAt(tiling, row, column, inputs) {
  const phases = tiling.stride === 2 ? (row > 0 ? 2 : 1) * (column > 0 ? 2 : 1) : 1;
  return phases * inputs.padded;
}
function transform(points, taps2) {
  const finite = POINTS[points].map(
    ([point, scale]) => Array.from({ length: taps2 }, (_, power) => scale * point ** power)
  );
  return [...finite, Array.from({ length: taps2 }, (_, power) => power === taps2 - 1 ? 1 : 0)];
}
function phaseTransforms(tiling) {
  const points = pointsAside(tiling);
  if (tiling.stride === 1) return [transform(points, tiling.kernel)];
  const pairs = transform(points, 2);
  return [pairs.map(([first, second]) => [first, 0, second]), pairs.map(([, second]) => [0, second, 0])];
}
function tileScratchBytes(tiling, inputs) {
  const points = pointsAside(tiling) ** 2;
  const products = points * BATCH_TILES * SLICE * FLOAT_BYTES2;
  const most = tiling.stride ** 2 * inputs.padded;
  const inputBytes = points * (BATCH_TILES * most * FLOAT_BYTES2 + POINT_GAP_BYTES);
  return BATCH_TILES * TILE_ENTRY_BYTES + SQUARE_BYTES + products + inputBytes;
}
function sliceLength(tiling, inputs) {
  const points = pointsAside(tiling);
  let length = 0;
  for (let row = 0; row < points; row++) {
    for (let column = 0; column < points; column++) length += inputsAt(tiling, row, column, inputs) * SLICE;
  }
  return length;
}
function transformedLength(tiling, inputs, outputs) {
  return sliceLength(tiling, inputs) * Math.ceil(outputs / SLICE);
}
function packTransformed(target, w, tiling, inputs, outputs) {
  const { kernel } = tiling;
  const points = pointsAside(tiling);
  const phases = phaseTransforms(tiling);
  const slice = sliceLength(tiling, inputs);
  const taps2 = new Float64Array(kernel * kernel);
  inputs.slots.forEach((slot, i) => {
    for (let o = 0; o < outputs; o++) {
      for (let tap = 0; tap < taps2.length; tap++)
        taps2[tap] = w[(tap * inputs.slots.length + i) * outputs + o];
      let start = Math.floor(o / SLICE) * slice;
      for (let row = 0; row < points; row++) {
        for (let column = 0; column < points; column++) {
          const summed = inputsAt(tiling, row, column, inputs);
          let part = 0;
          for (let p = 0; p < (row > 0 ? phases.length : 1); p++) {
            for (let q = 0; q < (column > 0 ? phases.length : 1); q++) {
              const k = part++ * (inputs.padded / LANES) + Math.floor(slot / LANES);
              target[start + (slot % LANES * (summed / LANES) + k) * SLICE + o % SLICE] = both(
                phases[p][row],
                phases[q][column],
                taps2
              );
            }
          }
          start += summed * SLICE;
        }
      }
    }
  });
}
function both(g, h, taps2) {
  let sum = 0;
  for (let y = 0; y < g.length; y++) {
    let inner = 0;
    for (let x = 0; x < h.length; x++) inner += taps2[y * h.length + x] * h[x];
    sum += g[y] * inner;
  }
  return sum;
}

// cpuwork/src/backends/wasm/weights.ts
var BAND_ROWS = 12;
var FLOAT_BYTES3 = 4;
function packModel(arena, model) {
  const spec = model.network;
  const start = arena.mark;
  const fills = [];
  function pack(layer, name, kernel, side) {
    const inputs = inputChannels(spec, layer);
    const fromPixels = layer === spec.detail.stem[0];
    const tiling = fromPixels ? null : chooseTiling(layer, kernel, side);
    const length = tiling ? transformedLength(tiling, inputs, layer.outputs) : packedLength(kernel, inputs, layer.outputs);
    const weights = arena.allocate(length * FLOAT_BYTES3);
    const bias = arena.allocate(padChannels(layer.outputs) * FLOAT_BYTES3);
    fills.push((memory) => {
      const target = new Float32Array(memory, weights, length);
      const w = model.weights.get(`${name}.w`);
      if (tiling) packTransformed(target, w, tiling, inputs, layer.outputs);
      else packWeights(target, w, kernel, inputs, layer.outputs);
      new Float32Array(memory, bias, layer.outputs).set(model.weights.get(`${name}.b`));
    });
    const branch = { kernel, weights, bias, tile: tiling?.side ?? 0 };
    if (tiling) return { ...branch, by: "tiles", scratchBytes: tileScratchBytes(tiling, inputs) };
    if (fromPixels) return { ...branch, by: "pixels", scratchBytes: pixelScratchBytes(layer, side) };
    return { ...branch, by: "direct", scratchBytes: 0 };
  }
  const packed = /* @__PURE__ */ new Map();
  for (const { layer } of placeAttention(spec)) {
    packed.set(layer.name, { layer, own: pack(layer, layer.name, layer.kernel, BAND_ROWS), five: null });
  }
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    const own = pack(layer, layer.name, layer.kernel, side);
    const five = layer.fiveByFive ? pack(layer, `${layer.name}.five`, 5, side) : null;
    packed.set(layer.name, { layer, own, five });
  }
  arena.commit(start);
  for (const fill of fills) fill(arena.memory.buffer);
  return packed;
}
function pixelScratchBytes({ kernel, stride }, side) {
  const reach = (side - 1) * stride + kernel;
  const tail = 4 * stride;
  return (padChannels(reach) * reach + tail) * FRAME_CHANNELS * FLOAT_BYTES3;
}

// cpuwork/src/backends/wasm/plan.ts
var LIST_ENTRY_BYTES = 8;
var PIXEL_TAIL_BYTES = 256;
var TAIL_PLACES = 16;
function planFor(spec, size, packed, arena) {
  const start = arena.mark;
  const grid = blockGrid(spec, size);
  const blocks = grid.columns * grid.rows;
  const maps = /* @__PURE__ */ new Map();
  const descriptors = [];
  const side = spec.block / spec.cell;
  const pixelBytes = size.width * size.height * 4;
  const pixels = arena.allocate(pixelBytes + PIXEL_TAIL_BYTES);
  const frame = {
    ...size,
    channels: plainChannels(FRAME_CHANNELS),
    address: 0,
    rowBytes: 0,
    placeBytes: FRAME_CHANNELS * 4
  };
  const input = allocateMap(arena, mapSize(size, spec.attention.downsample), plainChannels(FRAME_CHANNELS));
  maps.set("input", input);
  function step(packedLayer, branch, from, to) {
    const { layer } = packedLayer;
    const fields = [
      ...[from.address, from.rowBytes, from.placeBytes],
      ...[to.address, to.rowBytes, to.placeBytes],
      ...[branch.weights, branch.bias, branch.kernel, layer.stride, branch.tile],
      ...[padChannels(layer.outputs) / 4, layer.activation === "relu" ? 1 : 0, layer.residual ? 1 : 0],
      ...[to.width, to.height]
    ];
    const address = arena.allocate(fields.length * 4);
    descriptors.push({ address, fields });
    return {
      descriptor: address,
      by: branch.by,
      macsPerPlace: placeMacs(layer, branch !== packedLayer.own)
    };
  }
  function plan(name, stride, from, to) {
    const layer = packed.get(name);
    maps.set(name, to);
    return {
      name,
      output: to,
      own: step(layer, layer.own, from, to),
      five: layer.five && step(layer, layer.five, from, to),
      side: spec.block / stride
    };
  }
  const attention = [];
  let map = input;
  for (const { layer, stride } of placeAttention(spec)) {
    const output = allocateMap(arena, mapSize(size, stride), plainChannels(layer.outputs));
    attention.push(plan(layer.name, stride, map, output));
    if (layer !== spec.attention.gate) map = output;
  }
  const features = map;
  const detail = [];
  const join = allocateMap(arena, mapSize(size, spec.cell), joinChannels(spec));
  map = frame;
  for (const { layer, stride } of placeDetail(spec)) {
    const channels2 = plainChannels(layer.outputs);
    const output = layer === spec.detail.stem.at(-1) ? { ...join, channels: channels2 } : allocateMap(arena, mapSize(size, stride), channels2);
    if (layer === spec.detail.trunk[0]) map = join;
    detail.push(plan(layer.name, stride, map, output));
    map = output;
  }
  maps.set("join", join);
  const cells = arena.allocate(blocks * side * side * spec.detail.head.outputs * 4);
  const branches = [...packed.values()].flatMap(({ own, five }) => five ? [own, five] : [own]);
  const scratch3 = arena.allocate(Math.max(...branches.map((branch) => branch.scratchBytes)));
  const bandCount = Math.ceil(input.height / BAND_ROWS);
  const listAddresses = [bandCount, blocks, blocks, blocks, blocks].map((entries) => ({
    address: arena.allocate(entries * LIST_ENTRY_BYTES),
    length: entries * 2
  }));
  arena.allocate(TAIL_PLACES * Math.max(...[...maps.values()].map((one) => one.placeBytes)));
  arena.commit(start);
  const { buffer } = arena.memory;
  for (const { address, fields } of descriptors) new Int32Array(buffer, address, fields.length).set(fields);
  const [bands, all, three, fives, cleared] = listAddresses.map(({ address, length }) => ({
    address,
    entries: new Int32Array(buffer, address, length)
  }));
  for (let band = 0; band < bandCount; band++) bands.entries[2 * band + 1] = band;
  return {
    size,
    grid,
    pixels: new Uint8Array(buffer, pixels, pixelBytes),
    input,
    attention,
    detail,
    features,
    join,
    joinFeaturesBytes: joinChannels(spec).featuresAt * 4,
    scratch: scratch3,
    cells,
    lists: { bands, all, three, five: fives, cleared },
    floats: new Float32Array(buffer),
    look: new Float32Array(blocks),
    five: new Float32Array(blocks),
    attended: new Uint8Array(blocks),
    blocks: new Uint32Array(blocks),
    maps
  };
}

// cpuwork/src/backends/wasm/executor.ts
var WasmExecutor = class {
  backend = "wasm";
  #spec;
  #packed;
  #weightsEnd;
  #arena;
  #kernels;
  #plan = null;
  #glanced = false;
  #inspected = false;
  /** Packs the weights into the arena. @throws SaccadeNetError OUT_OF_MEMORY */
  constructor(model, arena, kernels) {
    this.#spec = model.network;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#packed = packModel(arena, model);
    this.#weightsEnd = arena.mark;
  }
  async upload(frame) {
    const { arena } = this.#alive();
    checkFrame(frame);
    let plan = this.#plan;
    if (plan === null || plan.size.width !== frame.width || plan.size.height !== frame.height) {
      this.#plan = null;
      this.#glanced = false;
      this.#inspected = false;
      arena.reset(this.#weightsEnd);
      plan = planFor(this.#spec, { width: frame.width, height: frame.height }, this.#packed, arena);
      this.#plan = plan;
    }
    plan.pixels.set(frame.data);
  }
  async glance() {
    const { kernels } = this.#alive();
    const plan = this.#planned("glance");
    const { size, pixels, input, lists, grid } = plan;
    const { downsample } = this.#spec.attention;
    kernels.averageFrame(
      ...[pixels.byteOffset, size.width, size.height, downsample, input.address, input.rowBytes]
    );
    for (const { own, output } of plan.attention) {
      const bands = Math.ceil(output.height / BAND_ROWS);
      convolve(kernels, plan, own, lists.bands, bands, output.width, BAND_ROWS);
    }
    this.#glanced = true;
    this.#readLogits(plan, plan.maps.get(this.#spec.attention.gate.name));
    return { columns: grid.columns, rows: grid.rows, look: plan.look, five: plan.five };
  }
  async inspect(gates) {
    const { kernels } = this.#alive();
    const plan = this.#planned("inspect");
    if (!this.#glanced) throw orderError("inspect", "glance");
    checkGates(plan.grid, gates);
    const counts = this.#list(plan, gates);
    this.#clear(kernels, plan, counts.cleared);
    this.#inspected = true;
    const { lists, join, features } = plan;
    const side = this.#spec.block / this.#spec.cell;
    const firstTrunk = this.#spec.detail.trunk[0].name;
    let macs = 0;
    const run = (step, list, count, blockSide) => {
      macs += convolve(kernels, plan, step, list, count, blockSide, blockSide);
    };
    for (const layer of plan.detail) {
      if (layer.name === firstTrunk) {
        kernels.fillJoin(
          ...[
            join.address + plan.joinFeaturesBytes,
            join.rowBytes,
            join.placeBytes,
            join.width,
            join.height
          ],
          ...[features.address, features.rowBytes, features.placeBytes],
          ...[lists.all.address, counts.all, side]
        );
      }
      if (layer.five === null) {
        run(layer.own, lists.all, counts.all, layer.side);
      } else {
        run(layer.own, lists.three, counts.three, layer.side);
        run(layer.five, lists.five, counts.five, layer.side);
      }
    }
    return { ...this.#gather(kernels, plan, counts.all), macs };
  }
  async read(name) {
    const { arena } = this.#alive();
    const known = this.#computed();
    const map = known.includes(name) ? this.#plan?.maps.get(name) : void 0;
    if (map === void 0) throw unknownMapError(name, known);
    return { shape: [map.height, map.width, map.channels.slots.length], data: readMap(arena.memory, map) };
  }
  memoryBytes() {
    return this.#arena?.memory.buffer.byteLength ?? 0;
  }
  dispose() {
    this.#arena = null;
    this.#kernels = null;
    this.#plan = null;
  }
  #alive() {
    if (this.#kernels === null || this.#arena === null) throw disposedError();
    return { kernels: this.#kernels, arena: this.#arena };
  }
  #planned(call) {
    if (this.#plan === null) throw orderError(call, "upload");
    return this.#plan;
  }
  /** Names of the maps that hold something. */
  #computed() {
    const names = (layers) => layers.map(({ name }) => name);
    if (this.#plan === null) return [];
    return [
      ...this.#glanced ? ["input", ...names(this.#plan.attention)] : [],
      ...this.#inspected ? ["join", ...names(this.#plan.detail)] : []
    ];
  }
  #readLogits({ floats, look, five }, gate) {
    let block = 0;
    for (let row = 0; row < gate.height; row++) {
      for (let column = 0; column < gate.width; column++) {
        const at = (gate.address + row * gate.rowBytes + column * gate.placeBytes) / 4;
        look[block] = floats[at];
        five[block] = floats[at + 1];
        block++;
      }
    }
  }
  /** Writes the block lists of these gates; remembers the gates. */
  #list(plan, gates) {
    const { lists, grid, attended, blocks } = plan;
    const counts = { all: 0, three: 0, five: 0, cleared: 0 };
    const add = (list, block) => {
      const at = 2 * counts[list]++;
      lists[list].entries[at] = block % grid.columns;
      lists[list].entries[at + 1] = Math.floor(block / grid.columns);
    };
    for (let block = 0; block < gates.length; block++) {
      const gate = gates[block];
      if (gate === attended[block] && gate === GATE_SKIP) continue;
      if (gate !== GATE_SKIP) {
        blocks[counts.all] = block;
        add("all", block);
        add(gate === GATE_FIVE ? "five" : "three", block);
      } else {
        add("cleared", block);
      }
      attended[block] = gate;
    }
    return counts;
  }
  #clear(kernels, plan, count) {
    if (count === 0) return;
    for (const { output, side } of plan.detail) {
      kernels.clearBlocks(
        ...[output.address, output.rowBytes, output.placeBytes, output.width, output.height],
        ...[plan.lists.cleared.address, count, side]
      );
    }
  }
  #gather(kernels, plan, count) {
    const head = plan.detail.at(-1).output;
    const channels2 = head.channels.slots.length;
    const side = this.#spec.block / this.#spec.cell;
    kernels.gatherCells(
      ...[head.address, head.rowBytes, head.placeBytes, head.width, head.height, channels2],
      ...[plan.lists.all.address, count, side, plan.cells]
    );
    const cells = plan.cells / Float32Array.BYTES_PER_ELEMENT;
    return {
      blocks: plan.blocks.subarray(0, count),
      cells: plan.floats.subarray(cells, cells + count * side * side * channels2)
    };
  }
};
function convolve(kernels, plan, { descriptor, by, macsPerPlace }, { address }, count, width, height) {
  return macsPerPlace * places();
  function places() {
    const { size, pixels, scratch: scratch3 } = plan;
    switch (by) {
      case "direct":
        return kernels.convolve(descriptor, address, count, width, height);
      case "tiles":
        return kernels.convolveTiles(descriptor, address, count, width, height, scratch3);
      case "pixels":
        return kernels.convolvePixels(
          ...[descriptor, pixels.byteOffset, size.width, size.height],
          ...[address, count, width, scratch3]
        );
    }
  }
}

// cpuwork/build/kernels.wasm
var kernels_default = __toBinaryNode("AGFzbQEAAAABZwpgBn9/f39/fwBgBX9/f39/AGADf39/AGAHf39/f39/fwBgBn9/f39/fwF/YAh/f39/f39/fwF/YAV/f39/fwF/YAp/f39/f39/f39/AGALf39/f39/f39/f38AYAh/f39/f39/fwACDwEDZW52Bm1lbW9yeQIAAAMODQIDAAEBAAQFAAYHCAkHbAgIY29udm9sdmUACQxhdmVyYWdlRnJhbWUACA5jb252b2x2ZVBpeGVscwAHC2NsZWFyQmxvY2tzAAwIZmlsbEpvaW4ACwtnYXRoZXJDZWxscwAKDWNvbnZvbHZlVGlsZXMABgZtZW1vcnkCAAqXWg2yCAIZfwt7IAFBgAJqIhFBgBBqIgogACgCJEECRgR/QQUFIAAoAiggACgCIGpBAWsLIg8gD2xBCXRqIQsgACgCCEEEdiIQIAAoAiQiAyADbCIVQQR0bEEEdEFAayESA0AgAiAESgRAIARBBGoiAyACIAIgA0obIQVBACENA0AgDSAQSQRAIAsgBEECdSAVbCAQbCANakEGdGohDiAEIQMDQCADIAVIBEAgASADQQR0aigCACANQQR0aiEGIA9BBUYEQCAAIAYgESAOIBBBBnQgEhAFBSAPQQZGBEAgACAGIBEgDiASEAQFIAAgBiARIA4gEhADCwsgDkEQaiEOIANBAWohAwwBCwsgDUEBaiENDAELCyAEQQRqIQQMAQsLIAAoAhghCCAAKAIsQQFqQQF1IRZBACENA0AgDSAWSARAIAJBA2pBAnUhFyALIQQgCiEDQQAhDgNAIA4gD0gEQEEAIRMDQCAPIBNKBEAgBCADIQUgECAVbEEGdCEYQQAhFCAPQQVGBH9BAkEBIA5BAEobQQJBASATQQBKG2wFQQELIhkgEGxBBXQhGiAFIQYDQCAUIBdIBED9DAAAAAAAAAAAAAAAAAAAAAAhHP0MAAAAAAAAAAAAAAAAAAAAACEd/QwAAAAAAAAAAAAAAAAAAAAAIR79DAAAAAAAAAAAAAAAAAAAAAAhH/0MAAAAAAAAAAAAAAAAAAAAACEg/QwAAAAAAAAAAAAAAAAAAAAAISH9DAAAAAAAAAAAAAAAAAAAAAAhIv0MAAAAAAAAAAAAAAAAAAAAACEjIAghCSAEIQMDQCADIARBEGpJBEAgAyEHIAkgGmohGwNAIBwgB/0JAgAiJSAJ/QAEACIk/eYB/eQBIRwgHSAlIAn9AAQQIiX95gH95AEhHSAeIAf9CQIQIiYgJP3mAf3kASEeIB8gJiAl/eYB/eQBIR8gICAH/QkCICImICT95gH95AEhICAhICYgJf3mAf3kASEhICIgB/0JAjAiJiAk/eYB/eQBISIgIyAmICX95gH95AEhIyAHQUBrIQcgGyAJQSBqIglLDQALIANBBGohAwwBCwsgBiAc/QsEACAGIB39CwQQIAYgHv0LBCAgBiAf/QsEMCAGICD9CwRAIAYgIf0LBFAgBiAi/QsEYCAGICP9CwRwIAZBgAFqIQYgBCAYaiEEIBRBAWohFAwBCwsgCCAQIBlsQQd0aiEIIBJqIQQgBUGABGohAyATQQFqIRMMAQsLIA5BAWohDgwBCwtBAiAAKAIsIA1BAXRrIgMgA0ECShshBUEAIQQDQCACIARKBEAgASAEQQR0aiEGQQAhAwNAIAMgBUgEQCAAIAYgDUEBdCADakEEdCAKIARBBXRqIANBBHRqIBEgDxACIANBAWohAwwBCwsgBEEBaiEEDAELCyANQQFqIQ0MAQsLC84LAhp/C3sgACgCLCESIAAoAiAiFEEBa0EBdSEHIAAoAhQiCCEcIAAoAggiCSAUbCIRIBRsQQN0IQ8gCSAAKAIkbCEeIAIgB2wgByAJbGohDiAAKAI0IQ0gACgCMCEQIAAoAgwgBCAAKAIQbGogAyAIbGohDCAAKAIYIQQgACgCHCEXA0AgEiAWSgRAIBZBAWogEkghC0EAIRUDQCAGIBVKBEAgASAVIAAoAiRsIAJsaiEDIAwgFSAAKAIQbGogFkEEdGohHUEAIRMDQCAFIBNKBEBBBCAFIBNrIgcgB0EEShshHyADIA5qIBZBBHRqQQAgDRshCiALBEACQCADIQcgF/0ABAAiIiEhIBf9AAQQIiUhKCAiIiQhJyAlIiMhJiAEIQlBACEbA0AgFCAbSgRAIAciCCAeaiIaIB5qIhkgHmohGCAHIBFqISADQCAiIAj9CQIAIikgCf0ABAAiKv3mAf3kASEiICUgKSAJ/QAEECIp/eYB/eQBISUgISAa/QkCACIrICr95gH95AEhISAoICsgKf3mAf3kASEoICQgGf0JAgAiKyAq/eYB/eQBISQgIyArICn95gH95AEhIyAnIBj9CQIAIisgKv3mAf3kASEnICYgKyAp/eYB/eQBISYgCUEgaiEJIBpBBGohGiAZQQRqIRkgGEEEaiEYICAgCEEEaiIISw0ACyACIAdqIQcgG0EBaiEbDAELCyAKBEAgJSAK/QAEEP3kASElICEgCiAeaiIH/QAEAP3kASEhICggB/0ABBD95AEhKCAkIAcgHmoiB/0ABAD95AEhJCAjIAf9AAQQ/eQBISMgJyAHIB5qIgf9AAQA/eQBIScgJiAH/QAEEP3kASEmICIgCv0ABAD95AEhIgsgHSAQBHsgJf0MAAAAAAAAAAAAAAAAAAAAAP3rASElICH9DAAAAAAAAAAAAAAAAAAAAAD96wEhISAo/QwAAAAAAAAAAAAAAAAAAAAA/esBISggJP0MAAAAAAAAAAAAAAAAAAAAAP3rASEkICP9DAAAAAAAAAAAAAAAAAAAAAD96wEhIyAn/QwAAAAAAAAAAAAAAAAAAAAA/esBIScgJv0MAAAAAAAAAAAAAAAAAAAAAP3rASEmICL9DAAAAAAAAAAAAAAAAAAAAAD96wEFICIL/QsEACAdICX9CwQQIB9BAUYNACAcIB1qIgcgIf0LBAAgByAo/QsEECAfQQJGDQAgByAcaiIHICT9CwQAIAcgI/0LBBAgH0EDRg0AIAcgHGoiByAn/QsEACAHICb9CwQQCwUgAyEHIBf9AAQAIiIhJSAiIiEhKCAEIQlBACEbA0AgFCAbSgRAIAciCCAeaiIaIB5qIhkgHmohGCAHIBFqISADQCAiIAj9CQIAIAn9AAQAIiP95gH95AEhIiAlIBr9CQIAICP95gH95AEhJSAhIBn9CQIAICP95gH95AEhISAoIBj9CQIAICP95gH95AEhKCAJQRBqIQkgGkEEaiEaIBlBBGohGSAYQQRqIRggICAIQQRqIghLDQALIAIgB2ohByAbQQFqIRsMAQsLIAoEQCAlIAogHmr9AAQA/eQBISUgKCAKIB5BA2xq/QAEAP3kASEoICIgCv0ABAD95AEhIiAhIAogHkEBdGr9AAQA/eQBISELIB0gEAR7ICX9DAAAAAAAAAAAAAAAAAAAAAD96wEhJSAh/QwAAAAAAAAAAAAAAAAAAAAA/esBISEgKP0MAAAAAAAAAAAAAAAAAAAAAP3rASEoICL9DAAAAAAAAAAAAAAAAAAAAAD96wEFICIL/QsEACAfQQFKBEAgHCAdaiAl/QsEAAsgH0ECSgRAIB0gHEEBdGogIf0LBAALIB9BA0oEQCAdIBxBA2xqICj9CwQACwsgAyAeQQJ0aiEDIB0gHEECdGohHSATQQRqIRMMAQsLIBVBAWohFQwBCwsgBCAPaiEEIBdBIGohFyAWQQJqIRYMAQsLC4IXAgZ/C3sgBUEJdCEIIAQgBUEEdGohCSAFQQVGBEAgBCEGA0AgBiAJSQRAIAYgA/0ABAAgAyAIav0ABAAiDCADIAhBAXRq/QAEACIN/eQBIg795AEgAyAIQQNsav0ABAAiD/3kAf0LBAAgBiAMIA395QEiDP0MAAAAQAAAAEAAAABAAAAAQCAP/eYB/eQB/QsEgAEgBiAO/QwAAIBAAACAQAAAgEAAAIBAIA/95gH95AH9CwSAAiAGIAz9DAAAAEEAAABBAAAAQQAAAEEgD/3mAf3kASADIAhBAnRq/QAEAP3kAf0LBIADIAZBEGohBiADQYAEaiEDDAELCwUgBUEGRgRAIAQhBgNAIAYgCUkEQCADIAhBBWxq/QAEACEMIAYgA/0ABAAgAyAIav0ABAAiDSADIAhBAXRq/QAEACIO/eQBIg/95AEgAyAIQQNsav0ABAAiECADIAhBAnRq/QAEACIR/eQBIhL95AH9CwQAIAYgDSAO/eUBIg39DAAAAEAAAABAAAAAQAAAAEAgECAR/eUBIg795gH95AH9CwSAASAGIA/9DAAAgEAAAIBAAACAQAAAgEAgEv3mAf3kAf0LBIACIAYgDf0MAAAAQQAAAEEAAABBAAAAQSAO/eYB/eQBIAz95AH9CwSAAyAGQRBqIQYgA0GABGohAwwBCwsFIAAoAihBBEYEQCAEIQYDQCAGIAlJBEAgBiAD/QAEACADIAhq/QAEACIMIAMgCEEBdGr9AAQAIg395AEiDv3kASADIAhBA2xq/QAEACIPIAMgCEECdGr9AAQAIhD95AEiESADIAhBBWxq/QAEACISIAMgCEEGbGr9AAQAIhP95AEiFP3kAf3kAf0LBAAgBiAMIA395QEiDP0MAAAAQAAAAEAAAABAAAAAQCAPIBD95QEiDf3mAf0MAAAAPwAAAD8AAAA/AAAAPyASIBP95QEiD/3mAf3kAf3kAf0LBIABIAYgDv0MAACAQAAAgEAAAIBAAACAQCAR/eYB/QwAAIA+AACAPgAAgD4AAIA+IBT95gH95AH95AH9CwSAAiAGIAwgAyAIQQdsav0ABAD95AH9DAAAAEEAAABBAAAAQQAAAEEgDf3mAf0MAAAAPgAAAD4AAAA+AAAAPiAP/eYB/eQB/eQB/QsEgAMgBkEQaiEGIANBgARqIQMMAQsLBSAEIQYDQCAGIAlJBEAgBiAD/QAEACADIAhq/QAEACIMIAMgCEEBdGr9AAQAIg395AEiDv3kASADIAhBA2xq/QAEACIPIAMgCEECdGr9AAQAIhD95AEiESADIAhBBWxq/QAEACISIAMgCEEGbGr9AAQAIhP95AEiFP3kAf3kAf0LBAAgBiAMIA395QEiDP0MAAAAQAAAAEAAAABAAAAAQCAPIBD95QEiDf3mAf0MAAAAPwAAAD8AAAA/AAAAPyASIBP95QEiD/3mAf3kAf3kAf0LBIABIAYgDv0MAACAQAAAgEAAAIBAAACAQCAR/eYB/QwAAIA+AACAPgAAgD4AAIA+IBT95gH95AH95AH9CwSAAiAGIAz9DAAAAEEAAABBAAAAQQAAAEEgDf3mAf0MAAAAPgAAAD4AAAA+AAAAPiAP/eYB/eQB/eQB/QsEgAMgBiAO/QwAAIBBAACAQQAAgEEAAIBBIBH95gH9DAAAgD0AAIA9AACAPQAAgD0gFP3mAf3kAf3kAf0LBIAEIAYgDCADIAhBB2xq/QAEAP3kAf0MAAAAQgAAAEIAAABCAAAAQiAN/eYB/QwAAAA9AAAAPQAAAD0AAAA9IA/95gH95AH95AH9CwSABSAGQRBqIQYgA0GABGohAwwBCwsLCwsgASgCCCEIIAEoAgwhCSACIAAoAhxq/QAEACEM/QwAAAAAAAAAAAAAAAAAAAAA/QwAAID/AACA/wAAgP8AAID/IAAoAjAbIQ0gASgCBCACaiEDIAEoAgAgACgCBCAAKAIIaiAAKAIgQQFrQQF1bGogAmohCiAEQYAPaiECA0AgByAJSARAIAQgB0EHdGohASAFQQVGBEAgAiAB/QAEACAB/QAEECIOIAH9AAQgIg/95AEiEP3kASAB/QAEMCIR/eQB/QsEACACIA4gD/3lASIO/QwAAABAAAAAQAAAAEAAAABAIBH95gH95AH9CwQQIAIgEP0MAACAQAAAgEAAAIBAAACAQCAR/eYB/eQB/QsEICACIA79DAAAAEEAAABBAAAAQQAAAEEgEf3mAf3kASABQUBr/QAEAP3kAf0LBDAFIAVBBkYEQCAB/QAEUCEOIAIgAf0ABAAgAf0ABBAiDyAB/QAEICIQ/eQBIhH95AEgAf0ABDAiEiABQUBr/QAEACIT/eQBIhT95AH9CwQAIAIgDyAQ/eUBIg/9DAAAAEAAAABAAAAAQAAAAEAgEiAT/eUBIhD95gH95AH9CwQQIAIgEf0MAACAQAAAgEAAAIBAAACAQCAU/eYB/eQB/QsEICACIA/9DAAAAEEAAABBAAAAQQAAAEEgEP3mAf3kASAO/eQB/QsEMAUgACgCKEEERgRAIAIgAf0ABAAgAf0ABBAiDiAB/QAEICIP/eQBIhD95AEgAf0ABDAiESABQUBr/QAEACIS/eQBIhMgAf0ABFAiFCAB/QAEYCIV/eQBIhb95AH95AH9CwQAIAIgDiAP/eUBIg79DAAAAEAAAABAAAAAQAAAAEAgESAS/eUBIg/95gH9DAAAAD8AAAA/AAAAPwAAAD8gFCAV/eUBIhH95gH95AH95AH9CwQQIAIgEP0MAACAQAAAgEAAAIBAAACAQCAT/eYB/QwAAIA+AACAPgAAgD4AAIA+IBb95gH95AH95AH9CwQgIAIgDiAB/QAEcP3kAf0MAAAAQQAAAEEAAABBAAAAQSAP/eYB/QwAAAA+AAAAPgAAAD4AAAA+IBH95gH95AH95AH9CwQwBSACIAH9AAQAIAH9AAQQIg4gAf0ABCAiD/3kASIQ/eQBIAH9AAQwIhEgAUFAa/0ABAAiEv3kASITIAH9AARQIhQgAf0ABGAiFf3kASIW/eQB/eQB/QsEACACIA4gD/3lASIO/QwAAABAAAAAQAAAAEAAAABAIBEgEv3lASIP/eYB/QwAAAA/AAAAPwAAAD8AAAA/IBQgFf3lASIR/eYB/eQB/eQB/QsEECACIBD9DAAAgEAAAIBAAACAQAAAgEAgE/3mAf0MAACAPgAAgD4AAIA+AACAPiAW/eYB/eQB/eQB/QsEICACIA79DAAAAEEAAABBAAAAQQAAAEEgD/3mAf0MAAAAPgAAAD4AAAA+AAAAPiAR/eYB/eQB/eQB/QsEMCACQUBrIBD9DAAAgEEAAIBBAACAQQAAgEEgE/3mAf0MAACAPQAAgD0AAIA9AACAPSAW/eYB/eQB/eQB/QsEACACIA4gAf0ABHD95AH9DAAAAEIAAABCAAAAQgAAAEIgD/3mAf0MAAAAPQAAAD0AAAA9AAAAPSAR/eYB/eQB/eQB/QsEUAsLCyAAKAI0BEAgCiAHIAAoAgRsaiELQQAhAQNAIAEgCEgEQCACIAFBBHRqIgYgBv0ABAAgCyABIAAoAghsav0ABAD95AH9CwQAIAFBAWohAQwBCwsLIAAoAhQhASADIAL9AAQAIAz95AEgDf3rAf0LBAAgCEEBSgRAIAEgA2ogAv0ABBAgDP3kASAN/esB/QsEAAsgCEECSgRAIAMgAUEBdGogAv0ABCAgDP3kASAN/esB/QsEAAsgCEEDSgRAIAMgAUEDbGogAv0ABDAgDP3kASAN/esB/QsEAAsgCEEESgRAIAMgAUECdGogAkFAa/0ABAAgDP3kASAN/esB/QsEAAsgCEEFSgRAIAMgAUEFbGogAv0ABFAgDP3kASAN/esB/QsEAAsgAyAAKAIQaiEDIAdBAWohBwwBCwsLxgkCA38IeyACQYABaiEHIAIhBQNAIAUgB0kEQCAAKAIEIgYgAWr9AAQAIQggASAGQQNsav0ABAAhCSABIAZBBWxq/QAEACEKIAUgAf0ABAAgASAGQQZsav0ABAAiC/3lAf0MAACoQAAAqEAAAKhAAACoQCABIAZBAnRq/QAEACIMIAEgBkEBdGr9AAQAIg395QH95gH95AH9CwQAIAUgASAGQQdsav0ABAAgCP3lAf0MAACoQAAAqEAAAKhAAACoQCAJIAr95QH95gH95AH9CwSAByAFIA0gC/3kAf0MAACIQAAAiEAAAIhAAACIQCAM/eYB/eUBIg4gCCAK/eQB/QwAAIhAAACIQAAAiEAAAIhAIAn95gH95QEiD/3kAf0LBIABIAUgDiAP/eUB/QsEgAIgBSAL/QwAAIA+AACAPgAAgD4AAIA+IA395gH9DAAAoD8AAKA/AACgPwAAoD8gDP3mAf3lAf3kASIO/QwAAAA/AAAAPwAAAD8AAAA/IAj95gH9DAAAAEAAAABAAAAAQAAAAEAgCv3mAf3kAf0MAAAgQAAAIEAAACBAAAAgQCAJ/eYBIgn95QEiD/3kAf0LBIADIAUgDiAP/eUB/QsEgAQgBSAL/QwAAIBAAACAQAAAgEAAAIBAIA395gH9DAAAoEAAAKBAAACgQAAAoEAgDP3mAf3lAf3kASIL/QwAAABAAAAAQAAAAEAAAABAIAj95gH9DAAAAD8AAAA/AAAAPwAAAD8gCv3mAf3kASAJ/eUBIgj95AH9CwSABSAFIAsgCP3lAf0LBIAGIAEgACgCCGohASAFQRBqIQUMAQsLIAIhAANAIAAgAkGACGpJBEAgAP0ABBAhCCAA/QAEMCEJIAD9AARQIQogAyAA/QAEACAA/QAEYCIL/eUB/QwAAKhAAACoQAAAqEAAAKhAIABBQGv9AAQAIgwgAP0ABCAiDf3lAf3mAf3kAf0LBAAgAyAEQQdsaiAA/QAEcCAI/eUB/QwAAKhAAACoQAAAqEAAAKhAIAkgCv3lAf3mAf3kAf0LBAAgAyAEaiANIAv95AH9DAAAiEAAAIhAAACIQAAAiEAgDP3mAf3lASIOIAggCv3kAf0MAACIQAAAiEAAAIhAAACIQCAJ/eYB/eUBIg/95AH9CwQAIAMgBEEBdGogDiAP/eUB/QsEACADIARBA2xqIAv9DAAAgD4AAIA+AACAPgAAgD4gDf3mAf0MAACgPwAAoD8AAKA/AACgPyAM/eYB/eUB/eQBIg79DAAAAD8AAAA/AAAAPwAAAD8gCP3mAf0MAAAAQAAAAEAAAABAAAAAQCAK/eYB/eQB/QwAACBAAAAgQAAAIEAAACBAIAn95gEiCf3lASIP/eQB/QsEACADIARBAnRqIA4gD/3lAf0LBAAgAyAEQQVsaiAL/QwAAIBAAACAQAAAgEAAAIBAIA395gH9DAAAoEAAAKBAAACgQAAAoEAgDP3mAf3lAf3kASIL/QwAAABAAAAAQAAAAEAAAABAIAj95gH9DAAAAD8AAAA/AAAAPwAAAD8gCv3mAf3kASAJ/eUBIgj95AH9CwQAIAMgBEEGbGogCyAI/eUB/QsEACADIARBA3RqIQMgAEGAAWohAAwBCwsL0QUCA38IeyACQeAAaiEHIAIhBQNAIAUgB0kEQCAAKAIEIgYgAWr9AAQAIQggASAGQQNsav0ABAAhCSABIAZBBWxq/QAEACEKIAX9DAAAgEAAAIBAAACAQAAAgEAgAf0ABAD95gH9DAAAoEAAAKBAAACgQAAAoEAgASAGQQF0av0ABAAiC/3mAf3lASABIAZBAnRq/QAEACIM/eQB/QsEACAFIAz9DAAAgEAAAIBAAACAQAAAgEAgC/3mAf3lASINIAn9DAAAgEAAAIBAAACAQAAAgEAgCP3mASIO/eUBIg/95AH9CwRgIAUgDSAP/eUB/QsEwAEgBSAMIAv95QEiC/0MAAAAQAAAAEAAAABAAAAAQCAJIAj95QH95gEiCP3kAf0LBKACIAUgCyAI/eUB/QsEgAMgBSAO/QwAAKBAAACgQAAAoEAAAKBAIAn95gH95QEgCv3kAf0LBOADIAEgACgCCGohASAFQRBqIQUMAQsLIAIhAANAIAAgAkHABGpJBEAgAP0ABBAhCCAA/QAEMCEJIAD9AARQIQogA/0MAACAQAAAgEAAAIBAAACAQCAA/QAEAP3mAf0MAACgQAAAoEAAAKBAAACgQCAA/QAEICIL/eYB/eUBIABBQGv9AAQAIgz95AH9CwQAIAMgBGogDP0MAACAQAAAgEAAAIBAAACAQCAL/eYB/eUBIg0gCf0MAACAQAAAgEAAAIBAAACAQCAI/eYBIg795QEiD/3kAf0LBAAgAyAEQQF0aiANIA/95QH9CwQAIAMgBEEDbGogDCAL/eUBIgv9DAAAAEAAAABAAAAAQAAAAEAgCSAI/eUB/eYBIgj95AH9CwQAIAMgBEECdGogCyAI/eUB/QsEACADIARBBWxqIA79DAAAoEAAAKBAAACgQAAAoEAgCf3mAf3lASAK/eQB/QsEACADIARBBmxqIQMgAEHgAGohAAwBCwsLggsCCH8EeyAAKAIEIQogAkHQBWohBiACQZABaiEJIAIhBwNAIAcgCUkEQCAKQQF0IgggAWr9AAQAIQ4gASAIQQNsIgtq/QAEACIPIA795QEhECAPIAEgCEEBdCIMav0ABAAiD/3lASERIAcgEP0MAAAAQAAAAEAAAABAAAAAQCAPIAH9AAQA/eUB/eYB/eUB/QsEACAHQZABaiINIBH9DAAAAEAAAABAAAAAQAAAAEAgDv3mAf3lAf0LBAAgDSAR/QwAAABAAAAAQAAAAEAAAABAIA8gDv3lAf3mAf3lAf0LBJABIA0gEP0LBKACIA0gASAIQQJ0av0ABAAgD/3lAf0MAAAAQAAAAEAAAABAAAAAQCAQ/eYB/eUB/QsEsAMgASAKaiIN/QAEACEOIAwgDWr9AAQAIg8gDv3lASEQIAdB0AVqIgwgDyAIIA1q/QAEACIP/eUBIhH9DAAAAEAAAABAAAAAQAAAAEAgDv3mAf3lAf0LBAAgDCAR/QwAAABAAAAAQAAAAEAAAABAIA8gDv3lAf3mAf3lAf0LBJABIAwgEP0LBKACIAwgCyANav0ABAAgD/3lAf0MAAAAQAAAAEAAAABAAAAAQCAQ/eYB/eUB/QsEsAMgASAAKAIIaiEBIAdBEGohBwwBCwsDQCACIAZJBEAgAv0ABGAiDiAC/QAEICIP/eUBIRAgDiACQUBr/QAEACIO/eUBIREgAyAQ/QwAAABAAAAAQAAAAEAAAABAIA4gAv0ABAD95QH95gH95QH9CwQAIAMgBWoiACAR/QwAAABAAAAAQAAAAEAAAABAIA/95gH95QH9CwQAIAAgBWogEf0MAAAAQAAAAEAAAABAAAAAQCAOIA/95QH95gH95QH9CwQAIAAgBUEBdCIBaiAQ/QsEACAAIAVBA2wiB2ogAv0ABIABIA795QH9DAAAAEAAAABAAAAAQAAAAEAgEP3mAf3lAf0LBAAgAkEQaiII/QAEACEOIAhBQGv9AAQAIg8gDv3lASEQIAAgBGoiACAPIAj9AAQgIg/95QEiEf0MAAAAQAAAAEAAAABAAAAAQCAO/eYB/eUB/QsEACAAIAVqIBH9DAAAAEAAAABAAAAAQAAAAEAgDyAO/eUB/eYB/eUB/QsEACAAIAFqIBD9CwQAIAAgB2ogCP0ABGAgD/3lAf0MAAAAQAAAAEAAAABAAAAAQCAQ/eYB/eUB/QsEACADIAVBBWxqIQMgAkGQAWohAgwBCwsgAyAFQRRsayEDIAYhAANAIAAgBkHABGpJBEAgAP0ABGAiDiAA/QAEICIP/eUBIRAgDiAAQUBr/QAEACIO/eUBIREgAyAEaiAQ/QwAAABAAAAAQAAAAEAAAABAIA4gAP0ABAD95QH95gH95QH9CwQAIAMgBWoiASAEQQF0aiICIBH9DAAAAEAAAABAAAAAQAAAAEAgD/3mAf3lAf0LBAAgAiAFaiAR/QwAAABAAAAAQAAAAEAAAABAIA4gD/3lAf3mAf3lAf0LBAAgAiAFQQF0IgdqIBD9CwQAIAIgBUEDbCICaiAA/QAEgAEgDv3lAf0MAAAAQAAAAEAAAABAAAAAQCAQ/eYB/eUB/QsEACAAQRBqIgj9AAQAIQ4gCEFAa/0ABAAiDyAO/eUBIRAgASAEQQNsaiIBIA8gCP0ABCAiD/3lASIR/QwAAABAAAAAQAAAAEAAAABAIA795gH95QH9CwQAIAEgBWogEf0MAAAAQAAAAEAAAABAAAAAQCAPIA795QH95gH95QH9CwQAIAEgB2ogEP0LBAAgASACaiAI/QAEYCAP/eUB/QwAAABAAAAAQAAAAEAAAABAIBD95gH95QH9CwQAIAMgBUEFbGohAyAAQZABaiEADAELCwvfAwENfyAAKAIgQQFrQQF1IREgACgCKCESIAEiCSACQQN0aiEKA0AgCSAKSQRAIAggACgCKCIIIAMgACgCOCAJKAIAIANsayIHIAMgB0gbakEBayAIbSAIIAQgACgCPCAJKAIEIARsayIHIAQgB0gbakEBayAIbWxqIQggCUEIaiEJDAELCyAIQQ9qQRBtIgcEfyAHIAhqQQFrIAdtQQNqQXxxBUEQCyEOA0AgAiAQSgRAIAEoAgAgA2whByABKAIEIARsIQkgAUEIaiEBIA8gAyAHaiIKIAAoAjgiCCAIIApKGyINIAdrIAQgCWoiCiAAKAI8IgggCCAKShsiDCAJa2xqIQ8DQCAJIAxIBEAgByEIA0AgCCANSARAIAUgBkEEdGoiCyAAKAIAIAAoAgQgACgCJCIKIAlsIBFrbGogACgCCCAIIApsIBFrbGo2AgAgCyAAKAIMIAkgACgCEGxqIAggACgCFGxqNgIEIAsgEiANIAhrIgogCiASShs2AgggCyASIAwgCWsiCiAKIBJKGzYCDCAOIAZBAWoiBkYEQCAAIAUgBhAAQQAhBgsgCCASaiEIDAELCyAJIBJqIQkMAQsLIBBBAWohEAwBCwsgBkEASgRAIAAgBSAGEAALIA8LrwUDEX8CewF9IAAoAiAiCEEBa0EBdSESIAAoAiQgBkEBa2wgCGpBA2pBfHFBBHQhGANAIAUgEUoEQCAEKAIAIAZsIRcgBCgCBCAGbCEWIARBCGohBCAOIAYgACgCOCAXayIIIAYgCEgbIhAgBiAAKAI8IBZrIgggBiAISBsiD2xqIQ4gFyAAKAIkIglsIBJrIRUgACgCICAPQQFrIAlsaiEMIAchCEEAIBVrIgpBACAKQQBOG0EEdCENIAIgFWsiCkEAIApBAE4bQQR0IRQgCSAWbCASayIKIQsDQCALIAogDGpIBEAgC0EASCADIAtMcgRAIAhBACAY/AsABSALt0QAAAAAAADgP6BEAAAAAAAAAECiIAO3o0QAAAAAAADwv6C2IRsgASACIAtsIBVqQQJ0aiETIAghCQNAIAkgCCAYakkEQCAJIBP9AAQAIhr9iQEiGf2pAf37Af0MgYAAPIGAADyBgAA8gYAAPP3mAf0MAACAPwAAgD8AAIA/AACAP/3lASAb/SAD/QsEACAJIBn9qgH9+wH9DIGAADyBgAA8gYAAPIGAADz95gH9DAAAgD8AAIA/AACAPwAAgD/95QEgG/0gA/0LBBAgCSAa/YoBIhn9qQH9+wH9DIGAADyBgAA8gYAAPIGAADz95gH9DAAAgD8AAIA/AACAPwAAgD/95QEgG/0gA/0LBCAgCSAZ/aoB/fsB/QyBgAA8gYAAPIGAADyBgAA8/eYB/QwAAIA/AACAPwAAgD8AAIA//eUBIBv9IAP9CwQwIBNBEGohEyAJQUBrIQkMAQsLIA0EQCAIQQAgDfwLAAsgFCAYSQRAIAggFGpBACAYIBRr/AsACwsgCCAYaiEIIAtBAWohCwwBCwsgACAHIBggFyAWIBAgDxABIBFBAWohEQwBCwsgDgvjBAMMfwN7AX0gASADakEBayADbSENIAIgA2pBAWsgA20hDiABQQJ0IQoDQCAJIA5IBEAgACADIAlsIgYgCmxqIg8hByAGtyADIAIgBmsiBiADIAZIGyILQQFrt0QAAAAAAADgP6KgRAAAAAAAAOA/oEQAAAAAAAAAQKIgArejRAAAAAAAAPC/oLYhFSAEIAUgCWxqIhAiBiABQQJ1QQF0QQAgC0ECRiADQQJGcRsiCEEEdGohDANAIAYgDEkEQCAGIAf9AAQAIhT9iQEgByAKav0ABAAiEv2JAf2OASIT/akBIBP9qgH9rgH9+wH9DIGAADuBgAA7gYAAO4GAADv95gH9DAAAgD8AAIA/AACAPwAAgD/95QEgFf0gA/0LBAAgBiAU/YoBIBL9igH9jgEiEv2pASAS/aoB/a4B/fsB/QyBgAA7gYAAO4GAADuBgAA7/eYB/QwAAIA/AACAPwAAgD8AAIA//eUBIBX9IAP9CwQQIAdBEGohByAGQSBqIQYMAQsLA0AgCCANSARAIAMgASADIAhsayIGIAMgBkgbIRH9DAAAAAAAAAAAAAAAAAAAAAAhEkEAIQYDQCAGIAtIBEAgDyAGIApsaiADIAhsQQJ0aiEHQQAhDANAIAwgEUgEQCASIAf9XAIA/YkB/akB/a4BIRIgB0EEaiEHIAxBAWohDAwBCwsgBkEBaiEGDAELCyAQIAhBBHRqIBL9+wFDgYAAPCALIBFsspX9E/3mAf0MAACAPwAAgD8AAIA/AACAP/3lASAV/SAD/QsEACAIQQFqIQgMAQsLIAlBAWohCQwBCwsLqAEBCX8gACgCIEEBa0EBdSEHA0AgAiAISgRAIAEoAgAgA2whBSABKAIEIARsIQYgAUEIaiEBIAkgAyAAKAI4IAVrIgkgAyAJSBsiDCAEIAAoAjwgBmsiCSAEIAlIGyINbGohCSAAIAAoAgAgACgCBCIKIAYgACgCJCILbCAHa2xqIAAoAgggBSALbCAHa2xqIAogBSAGIAwgDRABIAhBAWohCAwBCwsgCQulAQEFfyAFQQJ0IQ0DQCAHIA5KBEAgBigCACAIbCELIAYoAgQgCGwhDCAGQQhqIQYgDCEFA0AgBSAIIAxqSARAIAshCgNAIAogCCALakgEQCAEIAVKIAMgCkpxBEAgCSAAIAEgBWxqIAIgCmxqIA38CgAABSAJQQAgDfwLAAsgCSANaiEJIApBAWohCgwBCwsgBUEBaiEFDAELCyAOQQFqIQ4MAQsLC58DAwp/A3wCfUQAAAAAAAAAQCADt6MhFkQAAAAAAAAAQCAEt6MhF0QAAAAAAAAAQCAKt6MhFQNAIAkgEUoEQCAIKAIAIQsgCCgCBCEMIAhBCGohCCAFIAYgDGxqIAcgC2xqIRIgCiALbCINIApqIgsgAyADIAtKGyETIAogDGwiDiAKaiILIAQgBCALShshFCAOIQwDQCAMIBRIBEAgACABIAxsaiACIA1saiEQIAy3RAAAAAAAAOA/oCAXokQAAAAAAADwv6C2IRggDCAOa7dEAAAAAAAA4D+gIBWiRAAAAAAAAPC/oLYhGSANIQsDQCALIBNIBEBBACEPA0AgByAPSwRAIA8gEGogDyASav0ABAD9CwQAIA9BEGohDwwBCwsgByAQaiIPIBg4AgAgDyALt0QAAAAAAADgP6AgFqJEAAAAAAAA8L+gmbY4AgQgDyALIA1rt0QAAAAAAADgP6AgFaJEAAAAAAAA8L+gtjgCCCAPIBk4AgwgAiAQaiEQIAtBAWohCwwBCwsgDEEBaiEMDAELCyARQQFqIREMAQsLC4QBAQV/A0AgBiAKSgRAIAUoAgAgB2whCSAFKAIEIAdsIQggBUEIaiEFIAcgCWoiCyADIAMgC0obIAlrIAJsIQsgByAIaiIMIAQgBCAMShshDANAIAggDEgEQCAAIAEgCGxqIAIgCWxqQQAgC/wLACAIQQFqIQgMAQsLIApBAWohCgwBCwsL");

// cpuwork/src/backends/wasm/kernels.ts
var compiled = null;
function compileKernels() {
  compiled ??= WebAssembly.compile(kernels_default).catch((error) => {
    compiled = null;
    throw error;
  });
  return compiled;
}
async function kernelsUnavailable() {
  if (typeof WebAssembly === "undefined") return "This environment has no WebAssembly.";
  if (!WebAssembly.validate(kernels_default))
    return "This environment has WebAssembly, but not its SIMD instructions.";
  try {
    await compileKernels();
    return null;
  } catch (error) {
    return `WebAssembly may not be compiled here (${String(error)}); allow 'wasm-unsafe-eval' in the page's script-src.`;
  }
}
async function instantiateKernels(memory) {
  const abort = () => {
    throw new WebAssembly.RuntimeError("kernel abort");
  };
  const instance = await WebAssembly.instantiate(await compileKernels(), { env: { memory, abort } });
  return instance.exports;
}

// cpuwork/src/backends/wasm/index.ts
function wasmBackend() {
  return {
    name: "wasm",
    unavailable: kernelsUnavailable,
    load: async (model, options) => {
      options?.signal?.throwIfAborted();
      checkWeights(model);
      const reason = await kernelsUnavailable();
      if (reason !== null) throw new SaccadeNetError("UNSUPPORTED", `${reason} Use another backend.`);
      const arena = new Arena();
      const kernels = await instantiateKernels(arena.memory);
      options?.signal?.throwIfAborted();
      return new WasmExecutor(model, arena, kernels);
    }
  };
}

// cpuwork/src/attention/nth-greatest.ts
function nthGreatest(values, n) {
  const wanted = n - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = middleOf(values[low], values[low + high >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return pivot;
  }
  return values[wanted];
}
function middleOf(a, b, c) {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

// cpuwork/src/attention/select.ts
var DEFAULT_BUDGET = 0.2;
function budgetBlocks(budget, blocks) {
  return Math.floor(budget * blocks);
}
function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit));
}
function selectGates(glance, options) {
  const { look, five } = glance;
  const blocks = glance.columns * glance.rows;
  const gates = new Uint8Array(blocks).fill(GATE_SKIP);
  if (options.policy === "dense") return gates.fill(GATE_THREE);
  const limit = budgetBlocks(options.budget, blocks);
  const threshold2 = leastLook(options.threshold);
  const passing = new Float32Array(blocks);
  let count = 0;
  for (let i = 0; i < blocks; i++) if (look[i] >= threshold2) passing[count++] = look[i];
  if (limit === 0 || count === 0) return gates;
  const least = count <= limit ? threshold2 : nthGreatest(passing.subarray(0, count), limit);
  let equals = limit;
  for (let i = 0; i < blocks; i++) if (look[i] > least) equals--;
  for (let i = 0; i < blocks; i++) {
    if (!(look[i] >= least)) continue;
    if (look[i] === least && equals-- <= 0) continue;
    gates[i] = five[i] > 0 ? GATE_FIVE : GATE_THREE;
  }
  return gates;
}
function leastLook(threshold2) {
  if (threshold2 <= 0) return -Infinity;
  return threshold2 >= 1 ? 36.75 : Math.log(threshold2 / (1 - threshold2));
}

// cpuwork/src/detection/cell-box.ts
var WIDTH_UNIT_PX = 8;
var HEIGHT_UNIT_PX = 16;
var EXPONENT_LIMIT = 6;
var LABEL_CHANNELS = HEAD_CHANNELS.length;
var SCORE_CHANNEL = HEAD_CHANNELS.indexOf("score");
var QUALITY_CHANNEL = HEAD_CHANNELS.indexOf("quality");
var CENTRE_CHANNEL = HEAD_CHANNELS.indexOf("centre");
var WIDTH_CHANNEL = HEAD_CHANNELS.indexOf("width");
var TOP_CHANNEL = HEAD_CHANNELS.indexOf("top");
var BOTTOM_CHANNEL = HEAD_CHANNELS.indexOf("bottom");
function sigmoid2(logit) {
  return 1 / (1 + Math.exp(-logit));
}
function clampedExp(value) {
  return Math.exp(Math.min(EXPONENT_LIMIT, Math.max(-EXPONENT_LIMIT, value)));
}
function cellScore(cells, offset) {
  return sigmoid2(cells[offset + SCORE_CHANNEL]) * sigmoid2(cells[offset + QUALITY_CHANNEL]);
}
function readCellBox(cells, offset, x, y, out, at) {
  const centre = x + WIDTH_UNIT_PX * cells[offset + CENTRE_CHANNEL];
  const half = WIDTH_UNIT_PX * clampedExp(cells[offset + WIDTH_CHANNEL]) / 2;
  out[at] = centre - half;
  out[at + 1] = y - HEIGHT_UNIT_PX * clampedExp(cells[offset + TOP_CHANNEL]);
  out[at + 2] = centre + half;
  out[at + 3] = y + HEIGHT_UNIT_PX * clampedExp(cells[offset + BOTTOM_CHANNEL]);
}

// cpuwork/src/detection/candidates.ts
function findCandidates(spec, frame, inspection, label, threshold2, limit) {
  const { blocks, cells } = inspection;
  const channels2 = spec.detail.head.outputs;
  const side = spec.block / spec.cell;
  const perBlock = side * side;
  const map = mapSize(frame, spec.cell);
  const columns = Math.ceil(frame.width / spec.block);
  const leastLogit = threshold2 <= 0 ? -Infinity : threshold2 >= 1 ? Infinity : Math.log(threshold2 / (1 - threshold2));
  const found = [];
  const foundScores = [];
  for (let b = 0; b < blocks.length; b++) {
    const row0 = Math.floor(blocks[b] / columns) * side;
    const column0 = blocks[b] % columns * side;
    const rows = Math.min(side, map.height - row0);
    const width = Math.min(side, map.width - column0);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < width; i++) {
        const cell = b * perBlock + j * side + i;
        const offset = cell * channels2 + label * LABEL_CHANNELS;
        if (!(cells[offset + SCORE_CHANNEL] >= leastLogit)) continue;
        const score = cellScore(cells, offset);
        if (!(score >= threshold2)) continue;
        found.push(cell);
        foundScores.push(score);
      }
    }
  }
  return inOrder(spec, frame, Float32Array.from(foundScores), limit, (index) => {
    const cell = found[index];
    const place = blocks[Math.floor(cell / perBlock)] * perBlock + cell % perBlock;
    return { place, values: cells, offset: cell * channels2 + label * LABEL_CHANNELS };
  });
}
function listedCandidates(spec, frame, list, label, limit) {
  const own = Array.from(list.labels.subarray(0, list.count).keys()).filter((i) => list.labels[i] === label);
  const scores = Float32Array.from(own, (i) => list.scores[i]);
  return inOrder(spec, frame, scores, limit, (index) => ({
    place: list.cells[own[index]],
    values: list.geometry,
    // The list has the four values that make a box, and they are a label's last.
    offset: 4 * own[index] - CENTRE_CHANNEL
  }));
}
function inOrder(spec, frame, found, limit, at) {
  const side = spec.block / spec.cell;
  const columns = Math.ceil(frame.width / spec.block);
  const order = bestFirst(found, limit);
  const count = order.length;
  const scores = new Float32Array(count);
  const boxes = new Float32Array(4 * count);
  const cellY = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const { place, values, offset } = at(order[k]);
    const block = Math.floor(place / (side * side));
    const within = place % (side * side);
    const x = (block % columns * side + within % side + 0.5) * spec.cell;
    const y = (Math.floor(block / columns) * side + Math.floor(within / side) + 0.5) * spec.cell;
    scores[k] = found[order[k]];
    cellY[k] = y;
    readCellBox(values, offset, x, y, boxes, 4 * k);
  }
  return { count, scores, boxes, cellY };
}
function bestFirst(values, limit) {
  let pool = Uint32Array.from(values.keys());
  if (values.length > limit) {
    const least = values.slice().sort()[values.length - limit];
    pool = pool.filter((i) => values[i] >= least);
  }
  return pool.sort((a, b) => values[b] - values[a] || a - b).slice(0, limit);
}

// cpuwork/src/detection/overlap.ts
var scratch = { iou: 0, inside: 0 };
function overlap(A, a, B, b, minWidth) {
  const growA = Math.max(0, minWidth - (A[a + 2] - A[a])) / 2;
  const growB = Math.max(0, minWidth - (B[b + 2] - B[b])) / 2;
  const width = Math.min(A[a + 2] + growA, B[b + 2] + growB) - Math.max(A[a] - growA, B[b] - growB);
  const height = Math.min(A[a + 3], B[b + 3]) - Math.max(A[a + 1], B[b + 1]);
  if (!(width > 0 && height > 0)) {
    scratch.iou = scratch.inside = 0;
    return scratch;
  }
  const areaA = (A[a + 2] - A[a] + 2 * growA) * (A[a + 3] - A[a + 1]);
  const areaB = (B[b + 2] - B[b] + 2 * growB) * (B[b + 3] - B[b + 1]);
  const common = width * height;
  scratch.iou = common / (areaA + areaB - common);
  scratch.inside = common / areaB;
  return scratch;
}
function sameness(A, a, B, b, settings) {
  const { shaft } = settings;
  const reach = Math.max(settings.minWidthPx, shaft?.axisPx ?? 0);
  if (A[a] - B[b + 2] > reach || B[b] - A[a + 2] > reach) return 0;
  if (shaft) {
    const apart = Math.abs(A[a] + A[a + 2] - B[b] - B[b + 2]) / 2;
    const widest = Math.max(A[a + 2] - A[a], B[b + 2] - B[b]);
    if (apart <= shaft.axisPx + shaft.axisWidthShare * widest) {
      const gap = Math.max(A[a + 1], B[b + 1]) - Math.min(A[a + 3], B[b + 3]);
      if (gap <= shaft.gapPx) return 2;
    }
  }
  const { iou, inside } = overlap(A, a, B, b, settings.minWidthPx);
  if (iou >= settings.voteIou) return 2;
  return iou >= settings.suppressIou || inside >= settings.suppressInside ? 1 : 0;
}

// cpuwork/src/detection/settings.ts
var COMPACT = {
  suppressIou: 0.45,
  suppressInside: 1.1,
  voteIou: 0.4,
  voteScoreShare: 0.1,
  edgeSoftnessPx: 4,
  minWidthPx: 0
};
var DETECTION_SETTINGS = {
  maxCandidates: 4096,
  labels: {
    person: COMPACT,
    pole: {
      suppressIou: 0.3,
      suppressInside: 0.8,
      voteIou: 0.3,
      voteScoreShare: 0.1,
      edgeSoftnessPx: 4,
      support: { fullShare: 0.5, exponent: 0.5 },
      minWidthPx: 8,
      shaft: { axisPx: 3, axisWidthShare: 0.2, gapPx: 4 }
    }
  },
  other: COMPACT
};

// cpuwork/src/detection/decode.ts
function decodeCells(spec, frame, inspection, options) {
  return decode(
    spec,
    frame,
    options,
    (label, threshold2, limit) => findCandidates(spec, frame, inspection, label, threshold2, limit)
  );
}
function decodeList(spec, frame, list, options) {
  return decode(spec, frame, options, (label, _, limit) => listedCandidates(spec, frame, list, label, limit));
}
function decode(spec, frame, options, find) {
  const { scoreThreshold, maxDetections, settings = DETECTION_SETTINGS } = options;
  const detections = [];
  spec.labels.forEach((label, index) => {
    const own = settings.labels[label] ?? settings.other;
    const threshold2 = scoreThreshold(label);
    const candidates = find(index, threshold2, settings.maxCandidates);
    for (const { score, x0, y0, x1, y1 } of suppress(candidates, own, maxDetections, spec.cell ** 2)) {
      if (score < threshold2) continue;
      const x = Math.max(0, x0);
      const y = Math.max(0, y0);
      const width = Math.min(frame.width, x1) - x;
      const height = Math.min(frame.height, y1) - y;
      if (width > 0 && height > 0) detections.push({ label, score, box: { x, y, width, height } });
    }
  });
  return detections.sort((a, b) => b.score - a.score).slice(0, maxDetections);
}
function suppress(candidates, settings, maxKept, cellAreaPx) {
  const { count, scores, boxes } = candidates;
  const gone = new Uint8Array(count);
  const kept = [];
  const voted = new Float64Array(4 * Math.min(count, maxKept));
  const mean = new Float32Array(4);
  const vote = new Vote(candidates, settings.edgeSoftnessPx);
  for (let k = 0; k < count && kept.length < maxKept; k++) {
    if (gone[k]) continue;
    const leastVoter = scores[k] * settings.voteScoreShare;
    vote.reset();
    vote.add(k);
    for (let other = k + 1; other < count && scores[other] >= leastVoter; other++) {
      if (!gone[other] && sameness(boxes, 4 * k, boxes, 4 * other, settings) === 2) vote.add(other);
    }
    vote.write(mean, 0);
    vote.reset();
    vote.add(k);
    for (let other = k + 1; other < count; other++) {
      if (gone[other]) continue;
      const same = Math.max(
        sameness(mean, 0, boxes, 4 * other, settings),
        sameness(boxes, 4 * k, boxes, 4 * other, settings)
      );
      if (same === 0) continue;
      gone[other] = 1;
      if (same === 2 && scores[other] >= leastVoter) vote.add(other);
    }
    const at = 4 * kept.length;
    vote.write(voted, at);
    if (isRepeat(voted, at, settings)) continue;
    const [x0, y0, x1, y1] = voted.subarray(at, at + 4);
    const cells = (x1 - x0) * (y1 - y0) / cellAreaPx;
    const score = scores[k] * backing(vote.weight / scores[k] / Math.max(1, cells), settings);
    kept.push({ score, x0, y0, x1, y1 });
  }
  return kept;
}
function backing(share, { support }) {
  return support && share < support.fullShare ? (share / support.fullShare) ** support.exponent : 1;
}
function isRepeat(voted, at, settings) {
  for (let earlier = 0; earlier < at; earlier += 4) {
    if (sameness(voted, earlier, voted, at, settings) !== 0) return true;
  }
  return false;
}
var Vote = class {
  #candidates;
  #softnessPx;
  #x0 = 0;
  #x1 = 0;
  #y0 = 0;
  #y1 = 0;
  #weight = 0;
  #topWeight = 0;
  #footWeight = 0;
  constructor(candidates, softnessPx) {
    this.#candidates = candidates;
    this.#softnessPx = softnessPx;
  }
  /** Sum of the voters' scores. */
  get weight() {
    return this.#weight;
  }
  reset() {
    this.#x0 = this.#x1 = this.#y0 = this.#y1 = 0;
    this.#weight = this.#topWeight = this.#footWeight = 0;
  }
  add(k) {
    const { scores, boxes, cellY } = this.#candidates;
    const score = scores[k];
    const [top, foot] = [boxes[4 * k + 1], boxes[4 * k + 3]];
    const topWeight = score * this.#nearness(cellY[k] - top);
    const footWeight = score * this.#nearness(foot - cellY[k]);
    this.#x0 += score * boxes[4 * k];
    this.#x1 += score * boxes[4 * k + 2];
    this.#y0 += topWeight * top;
    this.#y1 += footWeight * foot;
    this.#weight += score;
    this.#topWeight += topWeight;
    this.#footWeight += footWeight;
  }
  #nearness(distancePx) {
    if (this.#softnessPx === Infinity) return 1;
    const relative = distancePx / this.#softnessPx + 1;
    return 1 / (relative * relative);
  }
  write(out, at) {
    out[at] = this.#x0 / this.#weight;
    out[at + 1] = this.#y0 / this.#topWeight;
    out[at + 2] = this.#x1 / this.#weight;
    out[at + 3] = this.#y1 / this.#footWeight;
  }
};

// cpuwork/src/session/read-frame.ts
var FrameReader = class {
  #context;
  /** RGBA at the frame's own display size; the frame stays open. */
  read(frame) {
    if ("data" in frame) return frame;
    const { width, height } = frameSize(frame);
    const context = this.#contextOf(width, height);
    context.globalCompositeOperation = "copy";
    context.drawImage(frame, 0, 0, width, height);
    return { width, height, data: context.getImageData(0, 0, width, height).data };
  }
  /** Lets the canvas go; the next frame makes another. */
  release() {
    this.#context = void 0;
  }
  #contextOf(width, height) {
    const canvas = this.#context?.canvas ?? createCanvas();
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#context ??= canvas.getContext("2d", { willReadFrequently: true }) ?? void 0;
    if (!this.#context) {
      throw new SaccadeNetError(
        "UNSUPPORTED",
        "The browser gives no 2d canvas to read pixels from; pass ImageData."
      );
    }
    return this.#context;
  }
};
function frameSize(frame) {
  return "displayWidth" in frame ? { width: frame.displayWidth, height: frame.displayHeight } : { width: frame.width, height: frame.height };
}
function isUpright(frame) {
  const { rotation = 0, flip = false } = frame;
  return rotation === 0 && !flip;
}
function createCanvas() {
  return typeof OffscreenCanvas === "function" ? new OffscreenCanvas(1, 1) : document.createElement("canvas");
}

// cpuwork/src/session/resize.ts
var CHANNELS = 4;
var Resizer = class {
  #key = "";
  #scaling = null;
  /** @returns RGBA of `size`, row-major; the frame itself where it has that size. */
  resize(frame, size) {
    if (frame.width === size.width && frame.height === size.height) return frame;
    const { columns, rows, line, out } = this.#scalingFor(frame, size);
    for (let y = 0; y < size.height; y++) {
      averageRows(frame, rows, y, line);
      averageColumns(line, columns, out.data, y * size.width * CHANNELS);
    }
    return out;
  }
  #scalingFor(from, to) {
    const key = `${from.width}x${from.height} ${to.width}x${to.height}`;
    if (this.#scaling === null || key !== this.#key) {
      const { width, height } = to;
      this.#scaling = {
        columns: taps(from.width, width),
        rows: taps(from.height, height),
        line: new Float32Array(from.width * CHANNELS),
        out: { width, height, data: new Uint8ClampedArray(width * height * CHANNELS) }
      };
      this.#key = key;
    }
    return this.#scaling;
  }
};
function averageRows(frame, rows, y, line) {
  line.fill(0);
  for (let tap = 0; tap < rows.count[y]; tap++) {
    const weight = rows.weights[y * rows.most + tap];
    const from = (rows.first[y] + tap) * line.length;
    for (let i = 0; i < line.length; i++) line[i] += weight * frame.data[from + i];
  }
}
function averageColumns(line, columns, out, offset) {
  for (let x = 0; x < columns.first.length; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let a = 0;
    for (let tap = 0; tap < columns.count[x]; tap++) {
      const weight = columns.weights[x * columns.most + tap];
      const from = (columns.first[x] + tap) * CHANNELS;
      r += weight * line[from];
      g += weight * line[from + 1];
      b += weight * line[from + 2];
      a += weight * line[from + 3];
    }
    out[offset++] = r;
    out[offset++] = g;
    out[offset++] = b;
    out[offset++] = a;
  }
}
function taps(from, to) {
  const step = from / to;
  const most = step > 1 ? Math.ceil(step) + 1 : 2;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float32Array(to * most);
  for (let o = 0; o < to; o++) {
    if (step > 1) {
      const start = o * step;
      const end = Math.min(from, start + step);
      first[o] = Math.floor(start);
      count[o] = Math.ceil(end - 1e-9) - first[o];
      for (let k = 0; k < count[o]; k++) {
        const place = first[o] + k;
        weights[o * most + k] = (Math.min(end, place + 1) - Math.max(start, place)) / (end - start);
      }
    } else {
      const centre = Math.min(from - 1, Math.max(0, (o + 0.5) * step - 0.5));
      first[o] = Math.min(Math.floor(centre), Math.max(0, from - 2));
      count[o] = Math.min(2, from);
      weights[o * most + 1] = centre - first[o];
      weights[o * most] = 1 - weights[o * most + 1];
    }
  }
  return { first, count, weights, most };
}

// cpuwork/src/session/serial-queue.ts
var SerialQueue = class {
  #tail = Promise.resolve();
  run(task) {
    const done = this.#tail.then(task);
    this.#tail = done.catch(() => void 0);
    return done;
  }
};

// cpuwork/src/session/working-size.ts
var DEFAULT_MAX_WORKING_PIXELS = 230400;
function workingSize(frame, maxPixels) {
  const pixels = frame.width * frame.height;
  if (pixels <= maxPixels) return { width: frame.width, height: frame.height };
  const scale = Math.sqrt(maxPixels / pixels);
  const width = Math.min(maxPixels, Math.max(1, Math.floor(frame.width * scale)));
  const height = Math.max(1, Math.min(Math.floor(frame.height * scale), Math.floor(maxPixels / width)));
  return { width, height };
}
function boxInFrame(box, working, frame) {
  const x = frame.width / working.width;
  const y = frame.height / working.height;
  const left = Math.max(0, box.x * x);
  const top = Math.max(0, box.y * y);
  const right = Math.min(frame.width, (box.x + box.width) * x);
  const bottom = Math.min(frame.height, (box.y + box.height) * y);
  if (!(right > left && bottom > top)) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

// cpuwork/src/session/session.ts
var LEAST_RESIDENT_SCORE = 0.1;
var FALLBACK_SCORE_THRESHOLD = 0.5;
var DEFAULTS = {
  budget: DEFAULT_BUDGET,
  policy: "static",
  maxDetections: 100,
  maxWorkingPixels: DEFAULT_MAX_WORKING_PIXELS
};
var Session = class _Session {
  model;
  #executor;
  #options;
  #queue = new SerialQueue();
  #resizer = new Resizer();
  #reader = new FrameReader();
  #disposed = false;
  constructor(model, executor, options) {
    const { network, scoreThresholds, gateThreshold, card } = model;
    this.model = { network, scoreThresholds, gateThreshold, card };
    this.#executor = executor;
    this.#options = options;
  }
  /** @throws what `Backend.load` throws; the signal's reason when it is aborted. */
  static async create(model, backend, options = {}) {
    const { signal, ...frameOptions } = options;
    signal?.throwIfAborted();
    const executor = await backend.load(model, { signal });
    return new _Session(model, executor, frameOptions);
  }
  get backend() {
    return this.#executor.backend;
  }
  /** Bytes held by weights and maps. */
  memoryBytes() {
    return this.#disposed ? 0 : this.#executor.memoryBytes();
  }
  /** @param frame at its own size; boxes and block sizes come back in its pixels. */
  async detect(frame, options = {}) {
    const merged = this.#merged(options);
    const { resident } = this.#executor;
    if (!resident || !this.#mayStay(resident, frame, merged)) {
      return (await this.#queue.run(() => this.#run(frame, merged, false))).result;
    }
    const { result } = await this.#queue.run(async () => ({ result: this.#sight(resident, frame, merged) }));
    return result;
  }
  /** `detect` by glance and inspection, with the copies of what it was made from. */
  trace(frame, options = {}) {
    return this.#queue.run(() => this.#run(frame, this.#merged(options), true));
  }
  /** As `Executor.onLost`; never called where the backend has no device. */
  onLost(listener) {
    this.#executor.onLost?.(listener);
  }
  /** May be called at any time, twice too. */
  dispose() {
    this.#disposed = true;
    this.#executor.dispose();
    this.#reader.release();
  }
  #merged(options) {
    return { ...DEFAULTS, ...defined(this.#options), ...defined(options) };
  }
  #mayStay(resident, frame, options) {
    const scores = this.model.network.labels.map((label) => this.#scoreThreshold(label, options));
    const size = frameSize(frame);
    return options.gates === void 0 && Math.min(...scores) >= LEAST_RESIDENT_SCORE && resident.fits(size, workingSize(size, options.maxWorkingPixels));
  }
  /** A frame that stays on the device until its candidates are known. */
  async #sight(resident, frame, options) {
    const { network, gateThreshold } = this.model;
    const { budget, policy, priors, onStats } = options;
    const clock = new StageClock(() => this.#check(options.signal));
    const source = isUpright(frame) ? frame : this.#reader.read(frame);
    const size = frameSize(frame);
    const working = workingSize(size, options.maxWorkingPixels);
    const sighting = await resident.detect(source, {
      working,
      select: { budget, policy, threshold: gateThreshold },
      leastScores: network.labels.map((label) => this.#scoreThreshold(label, options)),
      ...priors ? { priors } : {},
      ...onStats ? { stats: true } : {}
    });
    clock.lap("readbackMs");
    const decoded = decodeList(network, working, sighting.candidates, this.#decodeOptions(options));
    clock.lap("decodeMs");
    const { found, readbackBytes, stageMs, candidates } = sighting;
    onStats?.({ found, kept: candidates.count, readbackBytes, ...stageMs ? { stageMs } : {} });
    return this.#result(size, working, options, sighting, sighting.macs, decoded, clock);
  }
  async #run(source, options, copy) {
    const { network } = this.model;
    const clock = new StageClock(() => this.#check(options.signal));
    const frame = this.#reader.read(source);
    checkFrame(frame);
    const working = workingSize(frame, options.maxWorkingPixels);
    await this.#executor.upload(this.#resizer.resize(frame, working));
    clock.lap("uploadMs");
    const glance = copyGlance(await this.#executor.glance());
    clock.lap("attentionMs");
    const gates = this.#gates(glance, working, options);
    clock.lap("selectMs");
    const inspection = await this.#executor.inspect(gates);
    clock.lap("detailMs");
    const decoded = decodeCells(network, working, inspection, this.#decodeOptions(options));
    clock.lap("decodeMs");
    const { columns, rows, look } = glance;
    const attention = { columns, rows, gates, priority: look.map(sigmoid) };
    const result = this.#result(frame, working, options, attention, inspection.macs, decoded, clock);
    return { result, working, glance, inspection: copy ? copyInspection(inspection) : inspection };
  }
  #decodeOptions(options) {
    return {
      scoreThreshold: (label) => this.#scoreThreshold(label, options),
      maxDetections: options.maxDetections
    };
  }
  #result(frame, working, { timestampMs }, { columns, rows, gates, priority }, detailMacs, decoded, clock) {
    const { network } = this.model;
    const detections = decoded.flatMap(({ label, score, box }) => {
      const mapped = boxInFrame(box, working, frame);
      return mapped ? [{ label, score, box: mapped }] : [];
    });
    return {
      ...timestampMs === void 0 ? {} : { timestampMs },
      width: frame.width,
      height: frame.height,
      backend: this.backend,
      detections,
      attention: {
        columns,
        rows,
        blockWidth: network.block * frame.width / working.width,
        blockHeight: network.block * frame.height / working.height,
        gates,
        ...priority ? { priority } : {}
      },
      macs: {
        attention: attentionMacs(network, working),
        detail: detailMacs,
        dense: denseMacs(network, working)
      },
      timings: clock.timings()
    };
  }
  #gates(glance, working, options) {
    if (options.gates === void 0) {
      const { budget, policy, priors } = options;
      const look = priors ? glance.look.map((logit, block) => logit + priors[block]) : glance.look;
      return selectGates({ ...glance, look }, { budget, policy, threshold: this.model.gateThreshold });
    }
    const forced = typeof options.gates === "function" ? options.gates(glance, working, this.model.network) : options.gates;
    const blocks = glance.columns * glance.rows;
    if (forced.length !== blocks || forced.some((gate) => gate > GATE_FIVE)) {
      throw new SaccadeNetError(
        "INVALID_OPTION",
        `gates holds ${forced.length} values; this frame needs ${blocks} (${glance.rows} rows of ${glance.columns} blocks), each 0, 1 or 2.`,
        { details: { field: "gates", columns: glance.columns, rows: glance.rows } }
      );
    }
    return forced.slice();
  }
  #scoreThreshold(label, options) {
    return options.scoreThreshold ?? this.model.scoreThresholds[label] ?? FALLBACK_SCORE_THRESHOLD;
  }
  #check(signal) {
    signal?.throwIfAborted();
    if (this.#disposed) {
      throw new SaccadeNetError("DISPOSED", "The session was disposed; create a new one to go on.");
    }
  }
};
var StageClock = class {
  #check;
  #startMs = performance.now();
  #laps = {};
  #lapMs = this.#startMs;
  constructor(check) {
    this.#check = check;
    check();
  }
  lap(stage) {
    const nowMs = performance.now();
    this.#laps[stage] = nowMs - this.#lapMs;
    this.#lapMs = nowMs;
    this.#check();
  }
  timings() {
    return { totalMs: this.#lapMs - this.#startMs, ...this.#laps };
  }
};
function defined(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== void 0));
}
function copyGlance(glance) {
  return { ...glance, look: glance.look.slice(), five: glance.five.slice() };
}
function copyInspection(inspection) {
  return { ...inspection, blocks: inspection.blocks.slice(), cells: inspection.cells.slice() };
}

// cpuwork/src/codec/format-error.ts
function formatError(message, details = {}, cause) {
  return new SaccadeNetError(
    "MODEL_FORMAT",
    `${message}. The file is damaged or no .sacc file: fetch or compress it again.`,
    { details, cause }
  );
}
function versionError(what, found, known) {
  return new SaccadeNetError(
    "MODEL_VERSION",
    `The ${what} has version ${String(found)}, this release reads version ${known}: update saccadenet or use a model made for it.`,
    { details: { found, known } }
  );
}
function checksumError(part) {
  return new SaccadeNetError(
    "MODEL_CHECKSUM",
    `The checksum of ${part} does not match: the file was damaged on its way, fetch it again.`,
    { details: { part } }
  );
}
function requireBytes(given) {
  const type = Object.prototype.toString.call(given).slice(8, -1);
  if (type === "Uint8Array") return;
  throw optionError(`The file is given as ${type}: pass its bytes as a Uint8Array.`, { type });
}
function optionError(message, details = {}) {
  return new SaccadeNetError("INVALID_OPTION", message, { details });
}

// cpuwork/src/codec/bytes.ts
var ByteReader = class {
  bytes;
  #view;
  at = 0;
  constructor(bytes) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get left() {
    return this.bytes.length - this.at;
  }
  #take(count) {
    if (count > this.left) {
      throw formatError(`A part of the file ends ${count - this.left} bytes too early`, { at: this.at });
    }
    const at = this.at;
    this.at += count;
    return at;
  }
  u8() {
    return this.#view.getUint8(this.#take(1));
  }
  i8() {
    return this.#view.getInt8(this.#take(1));
  }
  u16() {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32() {
    return this.#view.getUint32(this.#take(4), true);
  }
  f32() {
    return this.#view.getFloat32(this.#take(4), true);
  }
  varint() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value >= 2 ** 32) break;
        return value;
      }
    }
    throw formatError("A variable-length number is longer than 32 bits", { at: this.at });
  }
  signedVarint() {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  /** A view, not a copy. */
  take(count) {
    const at = this.#take(count);
    return this.bytes.subarray(at, at + count);
  }
  utf8(count) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(count));
    } catch (cause) {
      throw formatError("A text is not valid UTF-8", { at: this.at }, cause);
    }
  }
};

// cpuwork/src/codec/crc32c.ts
var POLYNOMIAL = 2197175160;
var TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ POLYNOMIAL : value >>> 1;
  return value >>> 0;
});
function crc32c(bytes, previous = 0) {
  let value = ~previous;
  for (let i = 0; i < bytes.length; i++) value = value >>> 8 ^ TABLE[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}

// cpuwork/src/codec/tables.ts
var PROBABILITY_BITS = 12;
var PROBABILITY_ONE = 1 << PROBABILITY_BITS;
var MAX_LEVEL = 63;
var SYMBOLS = 2 * MAX_LEVEL + 1;
var SHAPES = 5;
var SCALES = 28;
var ONE = 2 ** 26;
var GAUSS_RATIOS = [
  22513,
  234444,
  1229142,
  3966520,
  9082197,
  16315288,
  24687971,
  33089280,
  40703584,
  47123073,
  52264436,
  56235006,
  59223365,
  61431811,
  63042943,
  64207624,
  65044141,
  65642218,
  66068437,
  66371490,
  66586619,
  66739159,
  66847231,
  66923756,
  66977920,
  67016246,
  67043360,
  67062539
];
var LAPLACE_RATIOS = [
  22513,
  80391,
  234444,
  576654,
  1229142,
  2322700,
  3966520,
  6220821,
  9082197,
  12484942,
  16315288,
  20432137,
  24687971,
  28945644,
  33089280,
  37029414,
  40703584,
  44073907,
  47123073,
  49849794,
  52264436,
  54385199,
  56235006,
  57839113,
  59223365,
  60412986,
  61431811,
  62301823,
  63042943,
  63672968,
  64207624,
  64660688,
  65044141,
  65368345,
  65642218,
  65873404,
  66068437,
  66232888,
  66371490,
  66488264
];
var LAPLACE_FIRST = -6;
function scaled(a, b) {
  return Math.floor(a * b / ONE);
}
function normalised(weights) {
  const total = weights.reduce((sum, weight, level) => sum + (level === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => Math.floor(weight * 2 ** 20 / total));
}
function gauss(scale) {
  const squared = GAUSS_RATIOS[scale];
  const weights = [ONE];
  for (let level = 1, ratio = squared; level <= MAX_LEVEL; level++) {
    weights.push(scaled(weights[level - 1], ratio));
    ratio = scaled(scaled(ratio, squared), squared);
  }
  return normalised(weights);
}
function laplace(scale) {
  const half = LAPLACE_RATIOS[scale - LAPLACE_FIRST];
  const weights = [ONE - half, Math.floor(scaled(half, ONE - scaled(half, half)) / 2)];
  for (let level = 2; level <= MAX_LEVEL; level++)
    weights.push(scaled(scaled(weights[level - 1], half), half));
  return normalised(weights);
}
function mixed(a, b) {
  return a.map((weight, level) => weight + b[level]);
}
function shaped(shape, scale) {
  switch (shape) {
    case 0:
      return gauss(scale);
    case 1:
      return mixed(gauss(scale), laplace(scale));
    case 2:
      return laplace(scale);
    case 3:
      return mixed(laplace(scale - 3), laplace(scale + 3));
    default:
      return mixed(laplace(scale - 6), laplace(scale + 6));
  }
}
function frequencies(weights) {
  const total = weights.reduce((sum, weight, level) => sum + (level === 0 ? weight : 2 * weight), 0);
  const table = new Uint16Array(SYMBOLS);
  let rest = PROBABILITY_ONE;
  for (let level = 1; level <= MAX_LEVEL; level++) {
    const weight = weights[level] * PROBABILITY_ONE;
    const rounded = Math.floor((2 * weight + total) / (2 * total));
    const frequency = rounded === 0 && 8 * weight >= total ? 1 : rounded;
    table[MAX_LEVEL + level] = frequency;
    table[MAX_LEVEL - level] = frequency;
    rest -= 2 * frequency;
  }
  table[MAX_LEVEL] = rest;
  return table;
}
var made = /* @__PURE__ */ new Map();
function parametricTable(shape, scale) {
  const key = shape * SCALES + scale;
  let table = made.get(key);
  if (table === void 0) {
    table = frequencies(shaped(shape, scale));
    made.set(key, table);
  }
  return table;
}
var NULL_TABLE = Uint16Array.from(
  { length: SYMBOLS },
  (_, symbol) => symbol === MAX_LEVEL ? PROBABILITY_ONE : 0
);

// cpuwork/src/codec/tensor-record.ts
var CODING_F32 = 0;
var CODING_F16 = 1;
var CODING_RANS = 2;
var MAX_RANK = 6;
var MAX_NAME_BYTES = 512;
var MAX_LOW_BITS = 8;
var MAX_TRANSMITTED_TABLES = 16;
var TRANSMITTED = 16;
function parametricTables(shape) {
  return Array.from({ length: SCALES }, (_, scale) => parametricTable(shape, scale));
}
function countElements(shape) {
  let elements = 1;
  for (const dimension of shape) {
    if (!Number.isInteger(dimension) || dimension < 1) return Number.NaN;
    elements *= dimension;
    if (elements > 2 ** 32) return Number.NaN;
  }
  return elements;
}
function readTable(reader, name) {
  const first = reader.u8();
  const last = reader.u8();
  if (first > last || last >= SYMBOLS) {
    throw formatError(`Tensor "${name}" has a table of symbols ${first} to ${last}`);
  }
  const table = new Uint16Array(SYMBOLS);
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = reader.varint();
    total += frequency;
    if (total > PROBABILITY_ONE) break;
    table[symbol] = frequency;
  }
  if (total !== PROBABILITY_ONE) {
    throw formatError(`The frequencies of a table of tensor "${name}" do not sum to ${PROBABILITY_ONE}`);
  }
  return table;
}
function readContext(reader, name, dimensions) {
  const shape = reader.u8();
  const lowBits = reader.u8();
  const base = reader.i8();
  const mask = reader.u8();
  if (shape >= SHAPES && shape !== TRANSMITTED || lowBits > MAX_LOW_BITS || mask >> dimensions.length) {
    throw formatError(`Tensor "${name}" has an unknown context model`, { shape, lowBits, mask });
  }
  const classes = dimensions.map((dimension, axis) => {
    if ((mask >> axis & 1) === 0) return null;
    const packed = reader.take(Math.ceil(dimension / 2));
    return Uint8Array.from({ length: dimension }, (_, i) => packed[i >> 1] >> 4 * (i & 1) & 15);
  });
  if (shape !== TRANSMITTED) return { shape, lowBits, base, classes, tables: parametricTables(shape) };
  const count = reader.u8();
  if (count < 1 || count > MAX_TRANSMITTED_TABLES) throw formatError(`Tensor "${name}" has ${count} tables`);
  return {
    shape,
    lowBits,
    base,
    classes,
    tables: Array.from({ length: count }, () => readTable(reader, name))
  };
}
function readRecord(bytes, coding, rank, step) {
  if (coding !== CODING_F32 && coding !== CODING_F16 && coding !== CODING_RANS) {
    throw formatError(`A tensor has the unknown coding ${coding}`);
  }
  if (rank > MAX_RANK) throw formatError(`A tensor has ${rank} dimensions, at most ${MAX_RANK} are allowed`);
  const reader = new ByteReader(bytes);
  const shape = Array.from({ length: rank }, () => reader.varint());
  const elements = countElements(shape);
  if (Number.isNaN(elements)) throw formatError(`A tensor has the shape [${shape}]`);
  const nameBytes = reader.varint();
  if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) throw formatError(`A name has ${nameBytes} bytes`);
  const name = reader.utf8(nameBytes);
  const coded = coding === CODING_RANS;
  if (coded ? !(step > 0 && Number.isFinite(step)) : step !== 0) {
    throw formatError(`Tensor "${name}" has the step ${step}`);
  }
  const context = coded ? readContext(reader, name, shape) : null;
  if (reader.left > 0) throw formatError(`The record of tensor "${name}" is ${reader.left} bytes too long`);
  return { name, shape, elements, coding, step, context };
}
var MAX_ABSOLUTE_LEVEL = 2 ** 23;

// cpuwork/src/codec/container.ts
var CONTAINER_VERSION = 1;
var MAGIC = 1128481107;
var HEADER_BYTES = 36;
var TENSOR_ENTRY_BYTES = 16;
var SEGMENT_ENTRY_BYTES = 20;
var CHECKSUM_AT = 32;
var FLAG_NETWORK = 1;
var SEGMENT_RAW = 0;
var SEGMENT_CODED = 1;
var MAX_SEGMENT_ELEMENTS = 1 << 18;
var MAX_RAW_SEGMENT_BYTES = 1 << 20;
var FREE_WEIGHTS = 65536;
var MAX_WEIGHTS_PER_BYTE = 4096;
var FREE_SEGMENTS = 64;
var MIN_MEAN_SEGMENT = 4096;
function rawBytes(tensor) {
  if (tensor.coding === CODING_RANS) return 0;
  return tensor.elements * (tensor.coding === CODING_F16 ? 2 : 4);
}
function headerChecksum(header) {
  const before = crc32c(header.subarray(0, CHECKSUM_AT));
  return crc32c(header.subarray(CHECKSUM_AT + 4), crc32c(new Uint8Array(4), before));
}
function readTensors(tables, pool, count, limits) {
  const tensors = [];
  const names = /* @__PURE__ */ new Set();
  let at = 0;
  let parameters = 0;
  for (let i = 0; i < count; i++) {
    const offset = tables.u32();
    const bytes = tables.u32();
    const step = tables.f32();
    const coding = tables.u8();
    const rank = tables.u8();
    if (tables.u16() !== 0 || offset !== at || bytes > pool.length - at) {
      throw formatError(`Entry ${i} of the tensor table does not fit the pool`, { offset, bytes });
    }
    const tensor = readRecord(pool.subarray(at, at + bytes), coding, rank, step);
    if (names.has(tensor.name)) throw formatError(`Two tensors are named "${tensor.name}"`);
    names.add(tensor.name);
    parameters += tensor.elements;
    if (parameters > limits.maxParameters) {
      throw formatError(`The file holds more than ${limits.maxParameters} weights (limits.maxParameters)`);
    }
    tensors.push(tensor);
    at += bytes;
  }
  if (at !== pool.length) throw formatError(`The pool has ${pool.length - at} bytes that no tensor owns`);
  return tensors;
}
function readSegments(tables, bytes, count, headerBytes) {
  const segments = [];
  const checksums = [];
  let at = headerBytes;
  for (let i = 0; i < count; i++) {
    const offset = tables.u32();
    const length = tables.u32();
    const elements = tables.u32();
    checksums.push(tables.u32());
    const kind = tables.u8();
    const reserved = tables.u8() + tables.u16();
    if (reserved !== 0 || offset !== at || length > bytes.length - at) {
      throw formatError(`Segment ${i} does not fit the file`, { offset, length });
    }
    if (kind !== SEGMENT_RAW && kind !== SEGMENT_CODED) throw formatError(`Segment ${i} has kind ${kind}`);
    const raw = kind === SEGMENT_RAW;
    const most = raw ? MAX_RAW_SEGMENT_BYTES : MAX_SEGMENT_ELEMENTS;
    if (elements < 1 || elements > most || raw && elements !== length) {
      throw formatError(`Segment ${i} has ${elements} elements`, { length, most });
    }
    segments.push({ kind, elements, payload: bytes.subarray(at, at + length) });
    at += length;
  }
  if (at !== bytes.length) throw formatError(`The file has ${bytes.length - at} bytes that no segment owns`);
  for (const [i, { payload }] of segments.entries()) {
    if (crc32c(payload) !== checksums[i]) throw checksumError(`segment ${i}`);
  }
  return segments;
}
function checkStreams(tensors, segments, bytes) {
  let coded = 0;
  let raw = 0;
  for (const tensor of tensors) {
    raw += rawBytes(tensor);
    if (tensor.coding === CODING_RANS) coded += tensor.elements;
  }
  if (coded > FREE_WEIGHTS + MAX_WEIGHTS_PER_BYTE * bytes) {
    throw formatError(`A file of ${bytes} bytes claims ${coded} weights`, { coded });
  }
  if (segments.length > FREE_SEGMENTS + (coded + raw) / MIN_MEAN_SEGMENT) {
    throw formatError(`The file has ${segments.length} segments for ${coded} weights and ${raw} raw bytes`);
  }
  for (const { kind, elements } of segments) {
    if (kind === SEGMENT_RAW) raw -= elements;
    else coded -= elements;
  }
  if (raw !== 0 || coded !== 0)
    throw formatError("The segments do not hold what the tensors need", { raw, coded });
}
function readContainer(bytes, limits) {
  requireBytes(bytes);
  if (bytes.length < HEADER_BYTES) throw formatError(`${bytes.length} bytes are too few for a model`);
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw formatError('The bytes do not begin with "SACC"');
  const version = reader.u16();
  if (version !== CONTAINER_VERSION) throw versionError("model file", version, CONTAINER_VERSION);
  const flags = reader.u16();
  const headerBytes = reader.u32();
  const fileBytes = reader.u32();
  if (fileBytes !== bytes.length) {
    throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
  }
  if (fileBytes > limits.maxBytes) {
    throw formatError(`The file has ${fileBytes} bytes, more than limits.maxBytes ${limits.maxBytes}`);
  }
  if (headerBytes < HEADER_BYTES || headerBytes > fileBytes) {
    throw formatError(`The header says ${headerBytes} bytes`, { headerBytes });
  }
  const tensorCount = reader.u32();
  const segmentCount = reader.u32();
  const poolBytes = reader.u32();
  const jsonBytes = reader.u32();
  const checksum = reader.u32();
  if (headerChecksum(bytes.subarray(0, headerBytes)) !== checksum) throw checksumError("the header");
  const tableBytes = TENSOR_ENTRY_BYTES * tensorCount + SEGMENT_ENTRY_BYTES * segmentCount;
  if (headerBytes !== HEADER_BYTES + tableBytes + poolBytes + jsonBytes) {
    throw formatError("The parts of the header do not add up to its length", { headerBytes });
  }
  if (flags > FLAG_NETWORK) throw formatError(`The header has unknown flags 0x${flags.toString(16)}`);
  if (tensorCount > limits.maxTensors) {
    throw formatError(
      `The file has ${tensorCount} tensors, more than limits.maxTensors ${limits.maxTensors}`
    );
  }
  if (jsonBytes > limits.maxJsonBytes) {
    throw formatError(`The file has ${jsonBytes} bytes of JSON, more than limits.maxJsonBytes`);
  }
  const poolAt = HEADER_BYTES + tableBytes;
  const tensors = readTensors(reader, bytes.subarray(poolAt, poolAt + poolBytes), tensorCount, limits);
  const segments = readSegments(reader, bytes, segmentCount, headerBytes);
  checkStreams(tensors, segments, fileBytes);
  return { flags, tensors, segments, json: bytes.subarray(poolAt + poolBytes, headerBytes) };
}

// cpuwork/src/codec/contexts.ts
var MAX_TRANSMITTED_IN_SEGMENT = 100;
var SegmentTables = class {
  tables = [NULL_TABLE];
  #parametric = /* @__PURE__ */ new Map();
  #transmitted = 0;
  /** Numbers in this segment of the context model's tables, by context; only `least` to `most` are used. */
  add(context, least, most) {
    const numbers = new Uint8Array(context.tables.length);
    if (context.shape === TRANSMITTED) {
      this.#transmitted += context.tables.length;
      if (this.#transmitted > MAX_TRANSMITTED_IN_SEGMENT) {
        throw formatError(`A segment needs more than ${MAX_TRANSMITTED_IN_SEGMENT} transmitted tables`);
      }
      for (const [i, table] of context.tables.entries()) numbers[i] = this.tables.push(table) - 1;
      return numbers;
    }
    for (let scale = least; scale <= most; scale++) {
      const key = context.shape * SCALES + scale;
      let number = this.#parametric.get(key);
      if (number === void 0) {
        number = this.tables.push(parametricTable(context.shape, scale)) - 1;
        this.#parametric.set(key, number);
      }
      numbers[scale] = number;
    }
    return numbers;
  }
};
function clampContext(context, sum) {
  return Math.max(0, Math.min(context.tables.length - 1, context.base + sum));
}
var ranges = /* @__PURE__ */ new WeakMap();
function contextRange(context) {
  const known = ranges.get(context);
  if (known !== void 0) return known;
  let least = 0;
  let most = 0;
  for (const classes of context.classes) {
    if (classes === null) continue;
    least += classes.reduce((a, b) => Math.min(a, b));
    most += classes.reduce((a, b) => Math.max(a, b));
  }
  const range = [clampContext(context, least), clampContext(context, most)];
  ranges.set(context, range);
  return range;
}
function forRows(shape, classes, from, to, row) {
  const inner = shape.length === 0 ? 1 : shape[shape.length - 1];
  const outer = Math.max(0, shape.length - 1);
  const index = new Array(outer).fill(0);
  for (let axis = outer - 1, rest = Math.floor(from / inner); axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  for (let start = from - from % inner; start < to; start += inner) {
    let sum = 0;
    for (let axis = 0; axis < outer; axis++) sum += classes[axis]?.[index[axis]] ?? 0;
    row(sum, Math.max(from, start), Math.min(to, start + inner));
    for (let axis = outer - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}
function fillContexts(tensor, tables, from, to, out, at) {
  const { shape, context } = tensor;
  const numbers = tables.add(context, ...contextRange(context));
  if (context.classes.every((classes) => classes === null)) {
    out.fill(numbers[clampContext(context, 0)], at, at + to - from);
    return;
  }
  const inner = shape[shape.length - 1];
  const last = context.classes[shape.length - 1];
  const numberAt = (outerSum, index) => numbers[clampContext(context, outerSum + (last?.[index] ?? 0))];
  const rows = /* @__PURE__ */ new Map();
  forRows(shape, context.classes, from, to, (outerSum, start, end) => {
    const first = start % inner;
    if (end - start < inner) {
      for (let i = start; i < end; i++) out[at + i - from] = numberAt(outerSum, first + i - start);
      return;
    }
    let row = rows.get(outerSum);
    if (row === void 0) {
      row = Uint8Array.from({ length: inner }, (_, index) => numberAt(outerSum, index));
      rows.set(outerSum, row);
    }
    out.set(row, at + start - from);
  });
}

// cpuwork/src/codec/half.ts
var scratch2 = new DataView(new ArrayBuffer(4));
function halfToFloat(half) {
  const sign = half & 32768 ? -1 : 1;
  const exponent = half >> 10 & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

// cpuwork/src/codec/limits.ts
var DEFAULT_LIMITS = {
  maxBytes: 256 * 2 ** 20,
  maxParameters: 64 * 2 ** 20,
  maxTensors: 4096,
  maxJsonBytes: 2 ** 20
};
function withDefaults(limits = {}) {
  const merged = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw optionError(`limits.${name} is ${String(value)}: give a whole number of at least 1.`, {
        [name]: value
      });
    }
  }
  return merged;
}

// cpuwork/src/codec/low-bits.ts
function joinLevel(high, low, bits) {
  return bits === 0 ? high : high * 2 ** bits + low - 2 ** (bits - 1);
}
function readBits(bytes, at, count) {
  const byte = at >>> 3;
  const pair = bytes[byte] | (bytes[byte + 1] ?? 0) << 8;
  return pair >>> (at & 7) & (1 << count) - 1;
}

// cpuwork/src/codec/pieces.ts
function cutPieces(tensors, segmentElements) {
  const coded = tensors.filter((tensor) => tensor.coding === CODING_RANS);
  let index = 0;
  let from = 0;
  return segmentElements.map((elements) => {
    const pieces = [];
    let bitAt = 0;
    for (let at = 0; at < elements; ) {
      const tensor = coded[index];
      const count = Math.min(elements - at, tensor.elements - from);
      pieces.push({ tensor, from, to: from + count, at, bitAt });
      bitAt += count * tensor.context.lowBits;
      at += count;
      from += count;
      if (from === tensor.elements) {
        index++;
        from = 0;
      }
    }
    return pieces;
  });
}

// cpuwork/src/codec/segment-payload.ts
var LANES2 = 32;
var LANES_PER_POINTER = 16;
var STATE_LOW = 2 ** 16;
var STATES_AT = 16;
var WORDS_AT = STATES_AT + 4 * LANES2;
function readSideList(bytes, elements) {
  const side = new ByteReader(bytes);
  const count = side.varint();
  if (count > elements || 2 * count > side.left) throw formatError(`A side list claims ${count} entries`);
  const positions = [];
  const addends = [];
  let position = -1;
  for (let i = 0; i < count; i++) {
    position += side.varint() + 1;
    const addend = side.signedVarint();
    if (position >= elements || addend === 0 || Math.abs(addend) > MAX_ABSOLUTE_LEVEL) {
      throw formatError("An entry of a side list is out of range", { position, addend });
    }
    positions.push(position);
    addends.push(addend);
  }
  if (side.left > 0) throw formatError(`A side list is ${side.left} bytes too long`);
  return { positions, addends };
}
function readPayload(bytes, elements) {
  const reader = new ByteReader(bytes);
  const wordsA = reader.u32();
  const wordsB = reader.u32();
  const lowBytes = reader.u32();
  const sideBytes = reader.u32();
  if (WORDS_AT + 2 * (wordsA + wordsB) + lowBytes + sideBytes !== bytes.length) {
    throw formatError("The parts of a segment do not add up to its length", { wordsA, wordsB, lowBytes });
  }
  const states = Uint32Array.from({ length: LANES2 }, () => reader.u32());
  if (states.some((state) => state < STATE_LOW)) throw formatError("A lane state is below 2^16");
  return {
    states,
    wordsA: reader.take(2 * wordsA),
    wordsB: reader.take(2 * wordsB),
    lowBits: reader.take(lowBytes),
    ...readSideList(reader.take(sideBytes), elements)
  };
}
function sideRange(positions, from, to) {
  return [firstAtLeast(positions, from), firstAtLeast(positions, to)];
}
function firstAtLeast(positions, value) {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (positions[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// cpuwork/src/codec/reference-decoder.ts
function lookup(frequencies2) {
  const starts = new Uint16Array(frequencies2.length);
  const symbols = new Uint8Array(PROBABILITY_ONE);
  let start = 0;
  for (let symbol = 0; symbol < frequencies2.length; symbol++) {
    starts[symbol] = start;
    symbols.fill(symbol, start, start + frequencies2[symbol]);
    start += frequencies2[symbol];
  }
  return { frequencies: frequencies2, starts, symbols };
}
var Words = class {
  #view;
  #at = 0;
  constructor(bytes) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get ended() {
    return this.#at === this.#view.byteLength;
  }
  next() {
    if (this.ended) throw formatError("A segment has too few words for its weights");
    const word = this.#view.getUint16(this.#at, true);
    this.#at += 2;
    return word;
  }
};
function decodeSymbols(payload, contexts, tables) {
  const lookups = tables.map(lookup);
  const states = payload.states.slice();
  const pointers = [new Words(payload.wordsA), new Words(payload.wordsB)];
  const levels = new Int8Array(contexts.length);
  for (let group = 0; group < contexts.length; group += LANES2) {
    for (let lane = 0; lane < LANES2; lane++) {
      const { frequencies: frequencies2, starts, symbols } = lookups[contexts[group + lane]];
      const slot = states[lane] & PROBABILITY_ONE - 1;
      const symbol = symbols[slot];
      states[lane] = frequencies2[symbol] * (states[lane] >>> PROBABILITY_BITS) + slot - starts[symbol];
      levels[group + lane] = symbol - MAX_LEVEL;
    }
    for (let lane = 0; lane < LANES2; lane++) {
      if (states[lane] >= STATE_LOW) continue;
      states[lane] = states[lane] * STATE_LOW + pointers[lane < LANES_PER_POINTER ? 0 : 1].next();
    }
  }
  if (!pointers.every((pointer) => pointer.ended)) throw formatError("A segment has words left over");
  if (states.some((state) => state !== STATE_LOW))
    throw formatError("A lane of a segment ends in a wrong state");
  return levels;
}
var referenceDecoder = {
  name: "reference",
  symbols: decodeSymbols,
  dequantise(levels, step, out) {
    for (let i = 0; i < levels.length; i++) out[i] = levels[i] * step;
  }
};

// cpuwork/build/codec.wasm
var codec_default = __toBinaryNode("AGFzbQEAAAABHwRgAn9/AGABfwBgBH9/f30AYAp/f39/f39/f39/AX8CDwEDZW52Bm1lbW9yeQIAAAMFBAABAgMHQgUMbWFrZVNodWZmbGVzAAEJbWFrZVRhYmxlAAANZGVjb2RlU3ltYm9scwADCmRlcXVhbnRpc2UAAgZtZW1vcnkCAArZFARnAQR/IAFBgIABaiEFA0AgAkH/AEkEQCAAIAJBAXRqLwEAIQRBACEDA0AgASAFSSADIARJcQRAIAEgBEETdCADQQd0ciACcjYCACABQQRqIQEgA0EBaiEDDAELCyACQQFqIQIMAQsLC2wBBH8DQCADQRBJBEBBACEBQQAhAgNAIAJBBEkEQCAAIANBBHRqIAJBAnRqIgRBfzYCACADIAJ2QQFxBEAgBCABOgAAIAQgAUEBajoAASABQQJqIQELIAJBAWohAgwBCwsgA0EBaiEDDAELCwuIAQEDeyAD/RMhBCAAIAJqIQIDQCAAIAJJBEAgASAA/QAEACIF/YcBIgb9pwH9+gEgBP3mAf0LBAAgASAG/agB/foBIAT95gH9CwQQIAEgBf2IASIF/acB/foBIAT95gH9CwQgIAEgBf2oAf36ASAE/eYB/QsEMCAAQRBqIQAgAUFAayEBDAELCwv3EQIRewF/IAD9AAQAIQsgAP0ABBAhDCAA/QAEICENIAD9AAQwIQ4gAP0ABEAhDyAA/QAEUCEQIAD9AARgIREgAP0ABHAhEiAG/REhCiAHIAhqIQADQCAAIAdLBEAgAyAESyABIAJLcgRAQQEPCyAP/Qz/DwAA/w8AAP8PAAD/DwAA/U5BAv2rASAF/QAEECIT/YkBIhT9qQFBDv2rASAK/a4B/a4BIhX9GwMgFf0bAiAV/RsBIBX9GwD9XAIA/VYCAAH9VgIAAv1WAgADIRUgEP0M/w8AAP8PAAD/DwAA/w8AAP1OQQL9qwEgFP2qAUEO/asBIAr9rgH9rgEiFP0bAyAU/RsCIBT9GwEgFP0bAP1cAgD9VgIAAf1WAgAC/VYCAAMhFCAR/Qz/DwAA/w8AAP8PAAD/DwAA/U5BAv2rASAT/YoBIhP9qQFBDv2rASAK/a4B/a4BIhb9GwMgFv0bAiAW/RsBIBb9GwD9XAIA/VYCAAH9VgIAAv1WAgADIRYgEv0M/w8AAP8PAAD/DwAA/w8AAP1OQQL9qwEgE/2qAUEO/asBIAr9rgH9rgEiE/0bAyAT/RsCIBP9GwEgE/0bAP1cAgD9VgIAAf1WAgAC/VYCAAMhEyAHIAv9DP8PAAD/DwAA/w8AAP8PAAD9TkEC/asBIAX9AAQAIhf9iQEiGP2pAUEO/asBIAr9rgH9rgEiGf0bAyAZ/RsCIBn9GwEgGf0bAP1cAgD9VgIAAf1WAgAC/VYCAAMiGf0MfwAAAH8AAAB/AAAAfwAAAP1OIAz9DP8PAAD/DwAA/w8AAP8PAAD9TkEC/asBIBj9qgFBDv2rASAK/a4B/a4BIhj9GwMgGP0bAiAY/RsBIBj9GwD9XAIA/VYCAAH9VgIAAv1WAgADIhj9DH8AAAB/AAAAfwAAAH8AAAD9Tv2GASAN/Qz/DwAA/w8AAP8PAAD/DwAA/U5BAv2rASAX/YoBIhf9qQFBDv2rASAK/a4B/a4BIhr9GwMgGv0bAiAa/RsBIBr9GwD9XAIA/VYCAAH9VgIAAv1WAgADIhr9DH8AAAB/AAAAfwAAAH8AAAD9TiAO/Qz/DwAA/w8AAP8PAAD/DwAA/U5BAv2rASAX/aoBQQ79qwEgCv2uAf2uASIX/RsDIBf9GwIgF/0bASAX/RsA/VwCAP1WAgAB/VYCAAL9VgIAAyIX/Qx/AAAAfwAAAH8AAAB/AAAA/U79hgH9Zv0MPz8/Pz8/Pz8/Pz8/Pz8/P/1x/QsEACAHIBX9DH8AAAB/AAAAfwAAAH8AAAD9TiAU/Qx/AAAAfwAAAH8AAAB/AAAA/U79hgEgFv0MfwAAAH8AAAB/AAAAfwAAAP1OIBP9DH8AAAB/AAAAfwAAAH8AAAD9Tv2GAf1m/Qw/Pz8/Pz8/Pz8/Pz8/Pz8//XH9CwQQIBlBE/2tASALQQz9rQH9tQEgGUEH/a0B/Qz/DwAA/w8AAP8PAAD/DwAA/U79rgEiC/0MAAABAAAAAQAAAAEAAAABAP06Ihn9pAEhBiALQRD9qwEgAf1dAwAgCSAGQQR0av0ABAD9Dv1QIAsgGf1SIQsgFUET/a0BIA9BDP2tAf21ASAVQQf9rQH9DP8PAAD/DwAA/w8AAP8PAAD9Tv2uASIP/QwAAAEAAAABAAAAAQAAAAEA/ToiFf2kASEIIA9BEP2rASAD/V0DACAJIAhBBHRq/QAEAP0O/VAgDyAV/VIhDyAYQRP9rQEgDEEM/a0B/bUBIBhBB/2tAf0M/w8AAP8PAAD/DwAA/w8AAP1O/a4BIgz9DAAAAQAAAAEAAAABAAAAAQD9OiIV/aQBIRsgDEEQ/asBIAEgBmlBAXRqIgH9XQMAIAkgG0EEdGr9AAQA/Q79UCAMIBX9UiEMIBRBE/2tASAQQQz9rQH9tQEgFEEH/a0B/Qz/DwAA/w8AAP8PAAD/DwAA/U79rgEiEP0MAAABAAAAAQAAAAEAAAABAP06IhT9pAEhBiAQQRD9qwEgAyAIaUEBdGoiA/1dAwAgCSAGQQR0av0ABAD9Dv1QIBAgFP1SIRAgGkET/a0BIA1BDP2tAf21ASAaQQf9rQH9DP8PAAD/DwAA/w8AAP8PAAD9Tv2uASIN/QwAAAEAAAABAAAAAQAAAAEA/ToiFP2kASEIIA1BEP2rASABIBtpQQF0aiIB/V0DACAJIAhBBHRq/QAEAP0O/VAgDSAU/VIhDSAWQRP9rQEgEUEM/a0B/bUBIBZBB/2tAf0M/w8AAP8PAAD/DwAA/w8AAP1O/a4BIhH9DAAAAQAAAAEAAAABAAAAAQD9OiIU/aQBIRsgEUEQ/asBIAMgBmlBAXRqIgP9XQMAIAkgG0EEdGr9AAQA/Q79UCARIBT9UiERIBdBE/2tASAOQQz9rQH9tQEgF0EH/a0B/Qz/DwAA/w8AAP8PAAD/DwAA/U79rgEiDv0MAAABAAAAAQAAAAEAAAABAP06IhT9pAEhBiAOQRD9qwEgASAIaUEBdGoiAf1dAwAgCSAGQQR0av0ABAD9Dv1QIA4gFP1SIQ4gASAGaUEBdGohASATQRP9rQEgEkEM/a0B/bUBIBNBB/2tAf0M/w8AAP8PAAD/DwAA/w8AAP1O/a4BIhL9DAAAAQAAAAEAAAABAAAAAQD9OiIT/aQBIQYgEkEQ/asBIAMgG2lBAXRqIgP9XQMAIAkgBkEEdGr9AAQA/Q79UCASIBP9UiESIAMgBmlBAXRqIQMgB0EgaiEHIAVBIGohBQwBCwsgAyAESyABIAJLcgRAQQEPCyADIARJIAEgAklyBEBBAg8LQQBBAyAL/QwAAAEAAAABAAAAAQAAAAEA/TcgDP0MAAABAAAAAQAAAAEAAAABAP03/U4gDf0MAAABAAAAAQAAAAEAAAABAP03IA79DAAAAQAAAAEAAAABAAAAAQD9N/1O/U4gD/0MAAABAAAAAQAAAAEAAAABAP03IBD9DAAAAQAAAAEAAAABAAAAAQD9N/1O/U4gEf0MAAABAAAAAQAAAAEAAAABAP03IBL9DAAAAQAAAAEAAAABAAAAAQD9N/1O/U79owEbCw==");

// cpuwork/src/codec/wasm-decoder.ts
var SHUFFLES = 1024;
var FREQUENCIES = 2048;
var STATES = 4096;
var TABLES = 65536;
var TABLE_BYTES = 4 * PROBABILITY_ONE;
var SLACK = 64;
var PAGE_BYTES2 = 65536;
var FAILURES = [
  "",
  "A segment has too few words for its weights",
  "A segment has words left over",
  "A lane of a segment ends in a wrong state"
];
function align(address) {
  return Math.ceil(address / 16) * 16;
}
var WasmDecoder = class {
  name = "wasm";
  #memory;
  #exports;
  /** Where the floats of the last segment go. */
  #floats = 0;
  constructor(memory, exports) {
    this.#memory = memory;
    this.#exports = exports;
    exports.makeShuffles(SHUFFLES);
  }
  #reserve(bytes) {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.#memory.grow(Math.ceil(missing / PAGE_BYTES2));
      } catch (cause) {
        throw new SaccadeNetError("OUT_OF_MEMORY", `Decoding needs ${bytes} bytes of memory: free some.`, {
          cause
        });
      }
    }
    return new Uint8Array(this.#memory.buffer);
  }
  symbols(payload, contexts, tables) {
    const { states, wordsA, wordsB } = payload;
    const count = contexts.length;
    const contextsAt = TABLES + tables.length * TABLE_BYTES;
    const levelsAt = contextsAt + count;
    const wordsAt = align(levelsAt + count + SLACK);
    const pEnd = wordsAt + wordsA.length;
    const qAt = align(pEnd + SLACK);
    const qEnd = qAt + wordsB.length;
    this.#floats = align(qEnd + SLACK);
    const bytes = this.#reserve(this.#floats + 4 * count + SLACK);
    for (const [i, table] of tables.entries()) {
      new Uint16Array(bytes.buffer, FREQUENCIES, table.length).set(table);
      this.#exports.makeTable(FREQUENCIES, TABLES + i * TABLE_BYTES);
    }
    new Uint32Array(bytes.buffer, STATES, states.length).set(states);
    bytes.set(contexts, contextsAt);
    bytes.set(wordsA, wordsAt);
    bytes.set(wordsB, qAt);
    const failure = this.#exports.decodeSymbols(
      STATES,
      wordsAt,
      pEnd,
      qAt,
      qEnd,
      contextsAt,
      TABLES,
      levelsAt,
      count,
      SHUFFLES
    );
    if (failure !== 0) throw formatError(FAILURES[failure]);
    return new Int8Array(bytes.buffer, levelsAt, count);
  }
  dequantise(levels, step, out) {
    this.#exports.dequantise(levels.byteOffset, this.#floats, levels.length, step);
    out.set(new Float32Array(this.#memory.buffer, this.#floats, levels.length));
  }
};
var compiled2;
async function createWasmDecoder() {
  try {
    compiled2 ??= WebAssembly.compile(codec_default);
    const memory = new WebAssembly.Memory({ initial: 2 });
    const instance = await WebAssembly.instantiate(await compiled2, { env: { memory, abort: () => {
    } } });
    return new WasmDecoder(memory, instance.exports);
  } catch (cause) {
    compiled2 = void 0;
    throw new SaccadeNetError(
      "UNSUPPORTED",
      "The wasm decoder cannot start here; allow 'wasm-unsafe-eval' or decode with { decoder: 'reference' }.",
      { cause }
    );
  }
}

// cpuwork/src/codec/decode-tensors.ts
function dequantise(piece, payload, levels, decoder, out) {
  const { tensor, from, to, at, bitAt } = piece;
  const bits = tensor.context.lowBits;
  const levelAt = (index, addend) => {
    const low = bits === 0 ? 0 : readBits(payload.lowBits, bitAt + (index - at) * bits, bits);
    return joinLevel(levels[index] + addend, low, bits);
  };
  if (bits === 0)
    decoder.dequantise(levels.subarray(at, at + to - from), tensor.step, out.subarray(from, to));
  else for (let i = from; i < to; i++) out[i] = levelAt(at + i - from, 0) * tensor.step;
  const [first, end] = sideRange(payload.positions, at, at + to - from);
  for (let i = first; i < end; i++) {
    const position = payload.positions[i];
    const level = levelAt(position, payload.addends[i]);
    if (Math.abs(level) > MAX_ABSOLUTE_LEVEL) {
      throw formatError(`Tensor "${tensor.name}" has the level ${level}, beyond ${MAX_ABSOLUTE_LEVEL}`);
    }
    out[from + position - at] = level * tensor.step;
  }
}
function decodeSegment(bytes, pieces, decoder) {
  const last = pieces[pieces.length - 1];
  const elements = last.at + last.to - last.from;
  const payload = readPayload(bytes, elements);
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  if (Math.ceil(bits / 8) !== payload.lowBits.length) {
    throw formatError(`A segment has ${payload.lowBits.length} bytes of low bits for ${bits} bits`);
  }
  const contexts = new Uint8Array(Math.ceil(elements / LANES2) * LANES2);
  const segmentTables = new SegmentTables();
  for (const { tensor, from, to, at } of pieces) fillContexts(tensor, segmentTables, from, to, contexts, at);
  const { tables } = segmentTables;
  return { pieces, payload, contexts, tables, levels: decoder.symbols(payload, contexts, tables) };
}
function forSegments(container, decoder, visit) {
  const coded = container.segments.filter(({ kind }) => kind === SEGMENT_CODED);
  const cuts = cutPieces(
    container.tensors,
    coded.map(({ elements }) => elements)
  );
  for (const [i, { payload }] of coded.entries()) visit(decodeSegment(payload, cuts[i], decoder));
}
function decodeRaw(container, weights) {
  const parts = container.segments.filter(({ kind }) => kind === SEGMENT_RAW).map(({ payload }) => payload);
  const raw = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    raw.set(part, at);
    at += part.length;
  }
  const view = new DataView(raw.buffer);
  at = 0;
  for (const tensor of container.tensors) {
    if (tensor.coding === CODING_RANS) continue;
    const out = weights.get(tensor);
    const half = tensor.coding === CODING_F16;
    for (let i = 0; i < out.length; i++, at += half ? 2 : 4) {
      out[i] = half ? halfToFloat(view.getUint16(at, true)) : view.getFloat32(at, true);
    }
  }
}
function decodeTensorsWith(bytes, decoder, limits) {
  const container = readContainer(bytes, withDefaults(limits));
  const weights = new Map(container.tensors.map((tensor) => [tensor, new Float32Array(tensor.elements)]));
  decodeRaw(container, weights);
  forSegments(container, decoder, ({ pieces, payload, levels }) => {
    for (const piece of pieces) dequantise(piece, payload, levels, decoder, weights.get(piece.tensor));
  });
  const tensors = container.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    data: weights.get(tensor)
  }));
  return { container, tensors };
}
async function chooseDecoder(name) {
  if (name === "reference") return referenceDecoder;
  if (name === "wasm") return createWasmDecoder();
  try {
    return await createWasmDecoder();
  } catch {
    return referenceDecoder;
  }
}
async function decodeTensors(bytes, options = {}) {
  return decodeTensorsWith(bytes, await chooseDecoder(options.decoder), options.limits);
}

// cpuwork/src/codec/validate-network.ts
var MAX_LAYERS = 256;
var MAX_CHANNELS = 4096;
var MAX_LABELS = 256;
var MAX_TEXT = 200;
var LAYER_NAME = /^[A-Za-z0-9_-]{1,64}$/;
var RESERVED = /* @__PURE__ */ new Set(["input", "join"]);
function bad(where, value, wanted) {
  const shown = typeof value === "object" && value !== null ? typeof value : JSON.stringify(value)?.slice(0, 80);
  throw formatError(`The network's ${where} is ${shown}, wanted ${wanted}`, { where });
}
function fieldsOf(value, where) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) bad(where, value, "an object");
  return value;
}
function listOf(value, where, most) {
  if (!Array.isArray(value) || value.length < 1 || value.length > most) {
    bad(where, value, `a list of 1 to ${most}`);
  }
  return value;
}
function oneOf(value, where, allowed) {
  if (!allowed.includes(value)) bad(where, value, allowed.join(" or "));
  return value;
}
function channels(value, where) {
  if (!Number.isInteger(value) || value < 1 || value > MAX_CHANNELS) {
    bad(where, value, `a whole number from 1 to ${MAX_CHANNELS}`);
  }
  return value;
}
function text(value, where) {
  if (typeof value !== "string" || value.length < 1 || value.length > MAX_TEXT) {
    bad(where, value, `a text of 1 to ${MAX_TEXT} characters`);
  }
  return value;
}
function validateLayer(value, where, names) {
  const fields = fieldsOf(value, where);
  const name = text(fields.name, `${where}.name`);
  if (!LAYER_NAME.test(name) || RESERVED.has(name) || names.has(name)) {
    bad(`${where}.name`, name, "a unique name of letters, digits, _ and -");
  }
  names.add(name);
  const layer = {
    name,
    kernel: oneOf(fields.kernel, `${where}.kernel`, [1, 3, 5]),
    stride: oneOf(fields.stride, `${where}.stride`, [1, 2]),
    inputs: channels(fields.inputs, `${where}.inputs`),
    outputs: channels(fields.outputs, `${where}.outputs`),
    activation: oneOf(fields.activation, `${where}.activation`, ["relu", "none"])
  };
  const residual = oneOf(fields.residual ?? false, `${where}.residual`, [true, false]);
  const fiveByFive = oneOf(fields.fiveByFive ?? false, `${where}.fiveByFive`, [true, false]);
  if (residual && (layer.stride !== 1 || layer.inputs !== layer.outputs)) {
    bad(`${where}.residual`, true, "it only at stride 1 and with as many outputs as inputs");
  }
  return { ...layer, ...residual ? { residual } : {}, ...fiveByFive ? { fiveByFive } : {} };
}
function chain(layers, inputs, where) {
  let outputs = inputs;
  let stride = 1;
  for (const layer of layers) {
    if (layer.inputs !== outputs) bad(`${where} layer "${layer.name}" inputs`, layer.inputs, String(outputs));
    outputs = layer.outputs;
    stride *= layer.stride;
  }
  return { outputs, stride };
}
function pointwise(layer, where, inputs, outputs) {
  if (layer.kernel !== 1) bad(`${where}.kernel`, layer.kernel, "1");
  if (layer.stride !== 1) bad(`${where}.stride`, layer.stride, "1");
  if (layer.inputs !== inputs) bad(`${where}.inputs`, layer.inputs, String(inputs));
  if (layer.outputs !== outputs) bad(`${where}.outputs`, layer.outputs, String(outputs));
}
function validateNetwork(value) {
  const fields = fieldsOf(value, "spec");
  if (fields.version !== NETWORK_SPEC_VERSION) {
    throw versionError("network spec", fields.version, NETWORK_SPEC_VERSION);
  }
  const names = /* @__PURE__ */ new Set();
  const layers = (list, where) => listOf(list, where, MAX_LAYERS).map((layer, i) => validateLayer(layer, `${where}[${i}]`, names));
  const labels = listOf(fields.labels, "labels", MAX_LABELS).map((label, i) => text(label, `labels[${i}]`));
  if (new Set(labels).size !== labels.length) bad("labels", labels.join(), "no label twice");
  const block = oneOf(fields.block, "block", [8, 16, 32]);
  const cell = oneOf(fields.cell, "cell", [2, 4, 8]);
  const attention = fieldsOf(fields.attention, "attention");
  const downsample = oneOf(attention.downsample, "attention.downsample", [2, 4]);
  const attentionLayers = layers(attention.layers, "attention.layers");
  const gate = validateLayer(attention.gate, "attention.gate", names);
  const features = validateLayer(attention.features, "attention.features", names);
  const seen = chain(attentionLayers, FRAME_CHANNELS, "attention");
  if (downsample * seen.stride !== block) bad("attention stride", downsample * seen.stride, String(block));
  pointwise(gate, "attention.gate", seen.outputs, 2);
  pointwise(features, "attention.features", seen.outputs, features.outputs);
  const detail = fieldsOf(fields.detail, "detail");
  const stem = layers(detail.stem, "detail.stem");
  const trunk = layers(detail.trunk, "detail.trunk");
  const head = validateLayer(detail.head, "detail.head", names);
  const cells = chain(stem, FRAME_CHANNELS, "detail.stem");
  if (cells.stride !== cell) bad("detail.stem stride", cells.stride, String(cell));
  const join = cells.outputs + features.outputs + COORDINATE_CHANNELS;
  const last = chain(trunk, join, "detail.trunk");
  if (last.stride !== 1) bad("detail.trunk stride", last.stride, "1");
  pointwise(head, "detail.head", last.outputs, labels.length * HEAD_CHANNELS.length);
  for (const layer of [...attentionLayers, gate, features, ...stem, head]) {
    if (layer.fiveByFive) bad(`layer "${layer.name}" fiveByFive`, true, "it in the detail trunk only");
  }
  return {
    version: NETWORK_SPEC_VERSION,
    name: text(fields.name, "name"),
    labels,
    block,
    cell,
    attention: { downsample, layers: attentionLayers, gate, features },
    detail: { stem, trunk, head }
  };
}

// cpuwork/src/codec/model-json.ts
function readJson(bytes) {
  if (bytes.length === 0) return {};
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw formatError("The JSON part cannot be read", {}, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw formatError("The JSON part is no object");
  }
  return value;
}
function threshold(value, where) {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
    throw formatError(`The model's ${where} is ${JSON.stringify(value)}, wanted a number from 0 to 1`);
  }
  return value;
}
function readThresholds(value, network) {
  const fields = fieldsOf(value, "scoreThresholds");
  return Object.fromEntries(
    network.labels.map((label) => {
      const own = Object.hasOwn(fields, label) ? fields[label] : void 0;
      return [label, threshold(own, `scoreThresholds["${label}"]`)];
    })
  );
}
function readModelJson(bytes) {
  const fields = readJson(bytes);
  const network = validateNetwork(fields.network);
  return {
    network,
    scoreThresholds: readThresholds(fields.scoreThresholds, network),
    gateThreshold: threshold(fields.gateThreshold, "gateThreshold"),
    card: fieldsOf(fields.card ?? {}, "card")
  };
}

// cpuwork/src/codec/decode-model.ts
function readModelHead(container) {
  if ((container.flags & FLAG_NETWORK) === 0) {
    throw formatError("The file holds tensors but no network that can be run");
  }
  const head = readModelJson(container.json);
  const wanted = weightShapes(head.network);
  if (wanted.length !== container.tensors.length) {
    throw formatError(`The network has ${wanted.length} tensors, the file ${container.tensors.length}`);
  }
  const found = new Map(container.tensors.map((tensor) => [tensor.name, tensor.shape]));
  for (const { name, shape } of wanted) {
    const stored = found.get(name);
    if (stored === void 0) throw formatError(`The file lacks the network's tensor "${name}"`);
    if (stored.join() !== shape.join()) {
      throw formatError(`Tensor "${name}" has the shape [${stored}], the network needs [${shape}]`);
    }
  }
  return head;
}
function toModel({ container, tensors }) {
  const head = readModelHead(container);
  for (const { name, data } of tensors) {
    if (!data.every(Number.isFinite)) throw formatError(`Tensor "${name}" holds a value that is not finite`);
  }
  return { ...head, weights: new Map(tensors.map(({ name, data }) => [name, data])) };
}
async function decodeModel(bytes, options = {}) {
  return toModel(await decodeTensors(bytes, options));
}

// cpuwork/train/random.ts
function seededRandom(seed) {
  let state = seed | 0;
  return () => {
    state = state + 1831565813 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

// cpuwork/bench/frames.ts
var BOXES = 14;
var NOISE_LEVELS = 24;
function benchFrame(size, seed) {
  const { width, height } = size;
  const uniform = seededRandom(seed);
  const boxes = Array.from({ length: BOXES }, () => ({
    left: uniform() * width,
    top: uniform() * height * 0.6,
    wide: 3 + uniform() * 30,
    tall: 30 + uniform() * 120,
    grey: 255 * uniform()
  }));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const box = boxes.find(
        ({ left, top, wide, tall }) => x >= left && x < left + wide && y >= top && y < top + tall
      );
      const base = box?.grey ?? (y > height * 0.55 ? 90 : 200);
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) data[at + c] = base + NOISE_LEVELS * (uniform() - 0.5);
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
}

// cpuwork/build/gemm.wasm
var gemm_default = __toBinaryNode("AGFzbQEAAAABCgFgBn9/f39/fwACDwEDZW52Bm1lbW9yeQIAAAMCAQAHEQIEZ2VtbQAABm1lbW9yeQIACp0EAZoEAgd/C3sgBUECdCEJIARBAnQhBwNAIAQgCkoEQEEAIQgDQCADIAhKBED9DAAAAAAAAAAAAAAAAAAAAAAhDf0MAAAAAAAAAAAAAAAAAAAAACEO/QwAAAAAAAAAAAAAAAAAAAAAIQ/9DAAAAAAAAAAAAAAAAAAAAAAhEP0MAAAAAAAAAAAAAAAAAAAAACER/QwAAAAAAAAAAAAAAAAAAAAAIRL9DAAAAAAAAAAAAAAAAAAAAAAhE/0MAAAAAAAAAAAAAAAAAAAAACEUIAAgCCAJbGohBiABIApBAnRqIQtBACEMA0AgBSAMSgRAIA0gBv0JAgAiFiAL/QAEACIV/eYB/eQBIQ0gDiAWIAv9AAQQIhb95gH95AEhDiAPIAYgCWr9CQIAIhcgFf3mAf3kASEPIBAgFyAW/eYB/eQBIRAgESAGIAlBAXRq/QkCACIXIBX95gH95AEhESASIBcgFv3mAf3kASESIBMgBiAJQQNsav0JAgAiFyAV/eYB/eQBIRMgFCAXIBb95gH95AEhFCAGQQRqIQYgByALaiELIAxBAWohDAwBCwsgAiAHIAhsaiAKQQJ0aiIGIA39CwQAIAYgDv0LBBAgBiAHaiIGIA/9CwQAIAYgEP0LBBAgBiAHaiIGIBH9CwQAIAYgEv0LBBAgBiAHaiIGIBP9CwQAIAYgFP0LBBAgCEEEaiEIDAELCyAKQQhqIQoMAQsLCw==");

// cpuwork/bench/gemm.ts
var M = 256;
var N = 256;
var K = 288;
var FLOAT_BYTES4 = 4;
var START = 65536;
var PRODUCTS = 4;
var WARMUP_PRODUCTS = 20;
async function createGemm() {
  const a = START;
  const b = a + M * K * FLOAT_BYTES4;
  const c = b + K * N * FLOAT_BYTES4;
  const pages = Math.ceil((c + M * N * FLOAT_BYTES4) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const { instance } = await WebAssembly.instantiate(gemm_default, { env: { memory } });
  const gemm = instance.exports.gemm;
  new Float32Array(memory.buffer, a, M * K + K * N).forEach((_, i, floats) => {
    floats[i] = i % 7 - 3;
  });
  const multiply = (times) => {
    for (let i = 0; i < times; i++) gemm(a, b, c, M, N, K);
  };
  multiply(WARMUP_PRODUCTS);
  return {
    measure: () => {
      const startMs = performance.now();
      multiply(PRODUCTS);
      return 2 * PRODUCTS * M * N * K / (performance.now() - startMs) / 1e6;
    }
  };
}

// <stdin>
import { readFileSync } from "node:fs";

// cpuwork/train/onnx/onnx-runtime.ts
import * as ort from "onnxruntime-web";

// cpuwork/train/onnx/dense-graph.ts
function buildDense(model, size, builder) {
  const { attention, detail, block, cell } = model.network;
  const layer = (input, one, name = one.name) => {
    const [w, b] = ["w", "b"].map((part) => model.weights.get(`${one.name}.${part}`));
    return builder.convolution(input, { ...one, w, b }, name);
  };
  const frame = builder.frame(size);
  let map = builder.averageBoxes(frame, "input", attention.downsample, size);
  for (const one of attention.layers) map = layer(map, one);
  const gates = layer(map, attention.gate, "gates");
  const features = layer(map, attention.features, "features.out");
  const cells = mapSize(size, cell);
  map = frame;
  for (const one of detail.stem) map = layer(map, one);
  const surround = builder.upsample(features, "surround", block / cell, cells);
  const coordinates = builder.constant("coordinates", cells, cellCoordinates(cells, block / cell));
  map = builder.concatChannels([map, surround, coordinates], "join");
  for (const one of detail.trunk) map = layer(map, one);
  return { gates, cells: layer(map, detail.head, "cells") };
}
function cellCoordinates({ width, height }, side) {
  const values = new Float32Array(width * height * COORDINATE_CHANNELS);
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      values[at++] = 2 * (j + 0.5) / height - 1;
      values[at++] = Math.abs(2 * (i + 0.5) / width - 1);
      values[at++] = 2 * (i % side + 0.5) / side - 1;
      values[at++] = 2 * (j % side + 0.5) / side - 1;
    }
  }
  return values;
}
function framePlaces({ width, height, data }) {
  const values = new Float32Array(width * height * FRAME_CHANNELS);
  for (let place = 0; place < width * height; place++) {
    const at = place * FRAME_CHANNELS;
    for (let c = 0; c < 3; c++) values[at + c] = data[place * 4 + c] / 127.5 - 1;
    values[at + 3] = 2 * (Math.floor(place / width) + 0.5) / height - 1;
  }
  return values;
}
function toPlanes(values, channels2) {
  return transposed(values, values.length / channels2, channels2);
}
function transposed(values, rows, columns) {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column];
    }
  }
  return turned;
}

// cpuwork/train/onnx/onnx-runtime.ts
var ORT_THREADS = 1;
var LOG_SEVERITY_ERROR = 3;
function onnxRuntimeVersion() {
  return ort.env.versions.web ?? ort.env.versions.common;
}
async function loadOnnx(bytes, size, provider = "wasm") {
  ort.env.wasm.numThreads = ORT_THREADS;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    logSeverityLevel: LOG_SEVERITY_ERROR
  });
  const shape = [1, FRAME_CHANNELS, size.height, size.width];
  return {
    run: async (planes) => {
      const input = new ort.Tensor("float32", planes, shape);
      const { gates, cells } = await session.run({ frame: input });
      return { gates: gates.data, cells: cells.data };
    },
    release: () => session.release()
  };
}

// cpuwork/train/onnx/graph.ts
import onnxProto from "onnx-proto";
var { onnx } = onnxProto;
var OPSET_VERSION = 17;
var IR_VERSION = 8;
var { AttributeType } = onnx.AttributeProto;
function intsAttribute(name, ints) {
  return { name, type: AttributeType.INTS, ints };
}
function intAttribute(name, i) {
  return { name, type: AttributeType.INT, i };
}
function stringAttribute(name, text2) {
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(text2) };
}
function valueInfo(name, shape) {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape: { dim } } } };
}
var GraphBuilder = class {
  #name;
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  constructor(name) {
    this.#name = name;
  }
  input(name, shape) {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }
  output(name, shape) {
    this.#outputs.push(valueInfo(name, shape));
  }
  constant(name, shape, data) {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.#initializers.push({ name, dims: [...shape], dataType: onnx.TensorProto.DataType.FLOAT, rawData });
    return name;
  }
  integers(name, values) {
    const rawData = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    this.#initializers.push({
      name,
      dims: [values.length],
      dataType: onnx.TensorProto.DataType.INT64,
      rawData
    });
    return name;
  }
  /** Padded by (kernel - 1) / 2 on every side. */
  convolution(input, output, layer) {
    const [outputs, , kernel] = layer.shape;
    const pad = (kernel - 1) / 2;
    const w = this.constant(`${layer.name}.w`, layer.shape, layer.weights);
    const b = this.constant(`${layer.name}.b`, [outputs], layer.bias);
    return this.#node("Conv", [input, w, b], output, [
      intsAttribute("kernel_shape", [kernel, kernel]),
      intsAttribute("pads", [pad, pad, pad, pad]),
      intsAttribute("strides", [layer.stride, layer.stride])
    ]);
  }
  /** Means of factor x factor boxes of a map of this size; boxes over the edge average the places there are. */
  averageBoxes(input, output, factor, height, width) {
    const over = (length) => Math.ceil(length / factor) * factor - length;
    return this.#node("AveragePool", [input], output, [
      intsAttribute("kernel_shape", [factor, factor]),
      intsAttribute("strides", [factor, factor]),
      intsAttribute("pads", [0, 0, over(height), over(width)]),
      intAttribute("count_include_pad", 0)
    ]);
  }
  /** Nearest up-sampling by `factor`, cut to height x width. */
  upsample(input, output, factor, height, width) {
    const scales = this.constant(`${output}.scales`, [4], Float32Array.of(1, 1, factor, factor));
    const whole = this.#node("Resize", [input, "", scales], `${output}.whole`, [
      stringAttribute("mode", "nearest"),
      stringAttribute("coordinate_transformation_mode", "asymmetric"),
      stringAttribute("nearest_mode", "floor")
    ]);
    const starts = this.integers(`${output}.starts`, [0, 0]);
    const ends = this.integers(`${output}.ends`, [height, width]);
    const axes = this.integers(`${output}.axes`, [2, 3]);
    return this.#node("Slice", [whole, starts, ends, axes], output, []);
  }
  concatChannels(inputs, output) {
    return this.#node("Concat", inputs, output, [intAttribute("axis", 1)]);
  }
  add(a, b, output) {
    return this.#node("Add", [a, b], output, []);
  }
  relu(input, output) {
    return this.#node("Relu", [input], output, []);
  }
  /** The bytes of the .onnx file. */
  encode(metadata) {
    const model = onnx.ModelProto.fromObject({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET_VERSION }],
      producerName: "saccadenet",
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs
      }
    });
    return new Uint8Array(onnx.ModelProto.encode(model).finish());
  }
  #node(opType, input, output, attribute) {
    this.#nodes.push({ opType, name: output, input: [...input], output: [output], attribute });
    return output;
  }
};

// cpuwork/train/onnx/export-onnx.ts
function exportOnnx(model, size) {
  const { network } = model;
  const graph = new GraphBuilder(network.name);
  const { gates, cells } = buildDense(model, size, onnxBuilder(graph));
  const { columns, rows } = blockGrid(network, size);
  const { width, height } = mapSize(size, network.cell);
  graph.output(gates, [1, network.attention.gate.outputs, rows, columns]);
  graph.output(cells, [1, network.detail.head.outputs, height, width]);
  return graph.encode({
    network: network.name,
    labels: network.labels.join(","),
    input: `frame [1, 4, ${size.height}, ${size.width}]: R G B as v / 127.5 - 1, y as 2 * (row + 0.5) / H - 1`
  });
}
function framePlanes(frame) {
  return toPlanes(framePlaces(frame), FRAME_CHANNELS);
}
function onnxBuilder(graph) {
  return {
    frame: ({ width, height }) => graph.input("frame", [1, FRAME_CHANNELS, height, width]),
    averageBoxes: (input, name, factor, { width, height }) => graph.averageBoxes(input, name, factor, height, width),
    convolution: (input, layer, name) => {
      const relu = layer.activation === "relu";
      const sumName = relu ? `${name}.sum` : name;
      const conv = graph.convolution(input, layer.residual ? `${name}.conv` : sumName, {
        name: layer.name,
        shape: [layer.outputs, layer.inputs, layer.kernel, layer.kernel],
        weights: toOihw(layer.w, layer),
        bias: layer.b,
        stride: layer.stride
      });
      const sum = layer.residual ? graph.add(conv, input, sumName) : conv;
      return relu ? graph.relu(sum, name) : sum;
    },
    upsample: (input, name, factor, { width, height }) => graph.upsample(input, name, factor, height, width),
    constant: (name, { width, height }, values) => graph.constant(name, [1, COORDINATE_CHANNELS, height, width], toPlanes(values, COORDINATE_CHANNELS)),
    concatChannels: (inputs, name) => graph.concatChannels(inputs, name)
  };
}
function toOihw(w, { kernel, inputs, outputs }) {
  const planes = new Float32Array(w.length);
  for (let k = 0; k < kernel * kernel; k++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        planes[(o * inputs + i) * kernel * kernel + k] = w[(k * inputs + i) * outputs + o];
      }
    }
  }
  return planes;
}

// <stdin>
async function make(name, size = { width: 480, height: 360 }, fiveShare = -1) {
  const model = await decodeModel(new Uint8Array(readFileSync("/work/main/models/people-vs-poles.sacc")));
  const session = await Session.create(model, wasmBackend(), { maxWorkingPixels: 1e8 });
  const frames = [1, 2, 3, 4].map((s) => benchFrame(size, s));
  const stat = /* @__PURE__ */ new Map();
  const gemm = await createGemm();
  return { name, gemm, stat, dense: denseMacs(model.network, size), async run(share, i, rec, count = 0) {
    const filled = (glance) => {
      const n = glance.columns * glance.rows;
      const g = selectGates(glance, { budget: count ? count / n : share, threshold: 0, policy: share >= 1 && !count ? "dense" : "static" });
      if (fiveShare >= 0) {
        let k = 0;
        const total = g.filter((x) => x > 0).length;
        for (let j = 0; j < n; j++) if (g[j]) g[j] = k++ % 100 < fiveShare * 100 ? 2 : 1;
      }
      return g;
    };
    const t0 = performance.now();
    const r = await session.detect(frames[i % 4], { gates: filled });
    const ms = performance.now() - t0;
    if (!rec) return ms;
    const key = count ? "n" + count : String(share);
    let s = stat.get(key);
    if (!s) stat.set(key, s = { t: [], up: [], att: [], sel: [], det: [], dec: [], macs: 0, five: 0, n: 0 });
    s.t.push(ms);
    s.up.push(r.timings.uploadMs);
    s.att.push(r.timings.attentionMs);
    s.sel.push(r.timings.selectMs);
    s.det.push(r.timings.detailMs);
    s.dec.push(r.timings.decodeMs);
    s.macs = r.macs.attention + r.macs.detail;
    const a = r.attention.gates.filter((x) => x > 0).length;
    s.five = r.attention.gates.filter((x) => x > 1).length / a;
    s.n = a;
    return ms;
  }, session };
}
async function ort2() {
  const size = { width: 480, height: 360 };
  const model = await decodeModel(new Uint8Array(readFileSync("/work/main/models/people-vs-poles.sacc")));
  const r = await loadOnnx(exportOnnx(model, size), size);
  const planes = [1, 2, 3, 4].map((s) => framePlanes(benchFrame(size, s)));
  return { version: onnxRuntimeVersion(), run: (i) => r.run(planes[i % 4]) };
}
export {
  make,
  ort2 as ort
};
