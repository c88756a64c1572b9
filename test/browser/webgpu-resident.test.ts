/**
 * Frames that stay on the device from pixels to candidates: the same gates and detections as by glance, selection and
 * inspection on the host, whatever the frame is; little read back; nothing made anew once running.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  prioritised,
  type SelectOptions,
  SURE_LOOK,
  selectGates,
  selectionOf,
} from '../../src/attention/select.ts';
import type { Glance, PixelFrame, ResidentOrder, SourceFrame } from '../../src/backends/backend.ts';
import { webgpuBackend } from '../../src/backends/webgpu/index.ts';
import type { PrecisionName } from '../../src/backends/webgpu/precision.ts';
import { type DecodedDetection, decodeCells, decodeList } from '../../src/detection/decode.ts';
import { detailMacs } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { Session } from '../../src/session/session.ts';
import { randomFrame, randomPriors } from '../conformance/random.ts';
import { shippedCase } from '../conformance/shipped.ts';

/** Random frames make faint detections; few enough cells reach this that all candidates come back. */
const SCORE = 0.05;
const size = { width: 112, height: 80 };
const blocks = 35;

/** The emulation of float16, and float16 itself where the adapter has it. */
const HALVES: readonly PrecisionName[] = [
  'float16-emulated',
  ...((await navigator.gpu.requestAdapter())?.features.has('shader-f16') ? (['float16'] as const) : []),
];

type Executor = Awaited<ReturnType<ReturnType<typeof webgpuBackend>['load']>>;

let model: Model;
let executor: Executor;

beforeAll(async () => {
  model = (await shippedCase()).model;
  executor = await webgpuBackend({ precision: 'float32' }).load(model);
});
afterAll(() => executor?.dispose());

function select(budget: number, more: Partial<SelectOptions> = {}): SelectOptions {
  return { budget, threshold: 0.3, policy: 'static', ...more };
}

function order(options: SelectOptions, more: Partial<ResidentOrder> = {}): ResidentOrder {
  return { working: size, select: selectionOf(options, blocks), leastScores: [SCORE, SCORE], ...more };
}

const decodeOptions = { scoreThreshold: () => SCORE, maxDetections: 100 };

/** By glance, selection and inspection; `priors` are added to the look logits. */
async function byHost(frame: PixelFrame, options: SelectOptions, priors?: Float32Array) {
  await executor.upload(resizeArea(frame, size));
  const glance = await executor.glance();
  const look = glance.look.map((logit, block) => logit + (priors?.[block] ?? 0));
  const chosen: Glance = { ...glance, look };
  const gates = selectGates(chosen, options);
  const inspection = await executor.inspect(gates);
  const maps = await readMaps();
  return { gates, maps, detections: decodeCells(model.network, size, inspection, decodeOptions) };
}

async function byDevice(frame: SourceFrame, options: SelectOptions, more: Partial<ResidentOrder> = {}) {
  const sighting = await executor.resident.detect(frame, order(options, more));
  const detections = decodeList(model.network, size, sighting.candidates, decodeOptions);
  return { ...sighting, detections };
}

async function readMaps(): Promise<Map<string, Float32Array>> {
  const maps = new Map<string, Float32Array>();
  for (const name of ['d1', 'join', 'd6', 'head']) maps.set(name, (await executor.read(name)).data);
  return maps;
}

/** Scores come back to 1 / 16383, boxes from float16. */
function expectSame(actual: readonly DecodedDetection[], expected: readonly DecodedDetection[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ label, score, box }, i) => {
    expect(label).toBe(expected[i].label);
    expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-3);
    for (const side of ['x', 'y', 'width', 'height'] as const) {
      expect(Math.abs(box[side] - expected[i].box[side]), side).toBeLessThan(0.25);
    }
  });
}

describe('the same as by the host', () => {
  it.each([
    ['within the budget', select(1, { threshold: 0.5 })],
    ['cut by the budget', select(0.3, { threshold: 0.01 })],
    ['no budget', select(0)],
    ['all, whatever the logits', select(0.1, { policy: 'dense' })],
    ['nothing is worth it', select(1, { threshold: 1 })],
  ])('gates, maps and detections: %s', async (_, options) => {
    // What was attended before must be zero now, in whichever way it was.
    await byDevice(randomFrame(size, 90), select(1, { threshold: 0.2 }));
    const frame = randomFrame(size, 91);
    const device = await byDevice(frame, options);
    const deviceMaps = await readMaps();
    const host = await byHost(frame, options);
    expect([...device.gates]).toEqual([...host.gates]);
    expect(device.macs).toBe(detailMacs(model.network, size, host.gates));
    for (const [name, map] of host.maps) expect(deviceMaps.get(name), name).toEqual(map);
    if (device.found === device.candidates.count) expectSame(device.detections, host.detections);
  });

  it('priors move the gates, and are gone in the next frame', async () => {
    const frame = randomFrame(size, 5);
    const priors = randomPriors(blocks, 3);
    const options = select(0.3, { threshold: 0.01 });
    const plain = await byDevice(frame, options);
    const moved = await byDevice(frame, options, { priors });
    expect([...moved.gates]).toEqual([...(await byHost(frame, options, priors)).gates]);
    expect([...moved.gates]).not.toEqual([...plain.gates]);
    expect([...(await byDevice(frame, options)).gates]).toEqual([...plain.gates]);
  });

  it('beside what a stream remembers, what is sure counts little more', async () => {
    const frame = randomFrame(size, 5);
    const options = select(0.3, { threshold: 0.01 });
    await executor.upload(resizeArea(frame, size));
    const { look } = await executor.glance();
    expect(Math.max(...look)).toBeGreaterThan(2 * SURE_LOOK);
    const lifted = randomPriors(blocks, 4).map((prior) => Math.abs(prior));
    const glance = await executor.glance();
    const wanted = selectGates({ ...glance, look: prioritised(look, lifted, true) }, options);
    const found = await executor.resident.detect(frame, {
      ...order(options, { priors: lifted }),
      select: selectionOf(options, blocks, true),
    });
    expect([...found.gates]).toEqual([...wanted]);
  });

  it('equal logits go to the lower block', async () => {
    const grey = { ...size, data: new Uint8Array(size.width * size.height * 4).fill(128) };
    const glance = async () => {
      await executor.upload(grey);
      return executor.glance();
    };
    const { look } = await glance();
    // Priors that make every sum the same, but for the two signs of zero.
    const priors = look.map((logit) => -logit);
    const { gates } = await byDevice(grey, select(0.5, { threshold: 0.1 }), { priors });
    const attended = [...gates.keys()].filter((block) => gates[block] > 0);
    expect(attended).toEqual(Array.from({ length: Math.floor(0.5 * blocks) }, (_, i) => i));
  });
});

describe('frames', () => {
  const large = { width: 250, height: 180 };

  it('are scaled as the host scales them', async () => {
    const frame = randomFrame(large, 6);
    // Blocks whose candidates all fit the reply: where they do not, votes are lost and scores differ.
    const options = select(0.3, { threshold: 0.2 });
    const device = await byDevice(frame, options);
    expect(device.found).toBe(device.candidates.count);
    const input = (await executor.read('input')).data;
    const host = await byHost(frame, options);
    const expected = (await executor.read('input')).data;
    // At most a rounding of one level in a box of four pixels.
    const worst = input.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    expect(worst).toBeLessThan(1 / 255);
    expect([...device.gates]).toEqual([...host.gates]);
    expectSame(device.detections, host.detections);
  });

  it('are the same from pixels, a bitmap, a canvas and a video frame', async () => {
    const { data } = smoothFrame(large);
    const opaque = Uint8ClampedArray.from(data, (value, at) => (at % 4 === 3 ? 255 : value));
    const image = new ImageData(opaque, large.width, large.height);
    const canvas = new OffscreenCanvas(large.width, large.height);
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    const bitmap = await createImageBitmap(image);
    const video = new VideoFrame(opaque, {
      format: 'RGBX',
      codedWidth: large.width,
      codedHeight: large.height,
      timestamp: 0,
    });
    const options = select(0.5, { threshold: 0.01 });
    const expected = await byDevice({ ...large, data: opaque }, options);
    const input = (await executor.read('input')).data;
    for (const frame of [bitmap, canvas, video]) {
      const got = await byDevice(frame, options);
      const other = (await executor.read('input')).data;
      const worst = input.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
      // The video frame goes through the decoder's colours: two levels.
      expect(worst, frame.constructor.name).toBeLessThan(2.5 / 127.5);
      const same = got.gates.filter((gate, block) => gate === expected.gates[block]).length;
      expect(same, frame.constructor.name).toBeGreaterThanOrEqual(blocks - 2);
    }
    bitmap.close();
    video.close();
  });
});

describe('the reply', () => {
  it('is at most 4 kB, and full replies keep the best', async () => {
    const frame = randomFrame(size, 8);
    const all = await byDevice(frame, select(1, { policy: 'dense' }), { leastScores: [0, 0], stats: true });
    expect(all.readbackBytes).toBeLessThanOrEqual(4096);
    expect(all.found).toBe(blocks * 16 * 2);
    const { count, cells, labels, scores } = all.candidates;
    expect(count).toBeLessThan(all.found);
    expect(count).toBeGreaterThan(300);
    const key = (i: number) => 2 * cells[i] + labels[i];
    const keys = Array.from({ length: count }, (_, i) => key(i));
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b));
    // Every block and label has its best; of the others none is missing that is better than one kept.
    const inspection = await executor.inspect(new Uint8Array(blocks).fill(1));
    const score = (cell: number, label: number) => {
      const at = cell * model.network.detail.head.outputs + 6 * label;
      const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
      return sigmoid(inspection.cells[at]) * sigmoid(inspection.cells[at + 1]);
    };
    const kept = new Set(keys);
    const best = new Set<number>();
    for (let block = 0; block < blocks; block++) {
      for (let label = 0; label < 2; label++) {
        const own = Array.from({ length: 16 }, (_, i) => 16 * block + i);
        const top = own.reduce((a, b) => (score(b, label) > score(a, label) ? b : a));
        best.add(2 * top + label);
        expect(kept.has(2 * top + label), `block ${block}, label ${label}`).toBe(true);
      }
    }
    const others = Array.from({ length: blocks * 32 }, (_, i) => i).filter((one) => !best.has(one));
    const least = Math.min(...others.filter((one) => kept.has(one)).map((one) => score(one >> 1, one & 1)));
    const most = Math.max(...others.filter((one) => !kept.has(one)).map((one) => score(one >> 1, one & 1)));
    expect(most).toBeLessThanOrEqual(least + 1e-5);
    keys.forEach((_, i) => {
      expect(Math.abs(scores[i] - score(cells[i], labels[i]))).toBeLessThan(1e-4);
    });
  });

  it('tells how long the stages took on the device, where asked', async () => {
    const { stageMs } = await byDevice(randomFrame(size, 9), select(0.3), { stats: true });
    expect(Object.keys(stageMs!)).toEqual(['input', 'attention', 'select', 'detail', 'candidates']);
    for (const ms of Object.values(stageMs!)) expect(ms).toBeGreaterThanOrEqual(0);
    expect((await byDevice(randomFrame(size, 9), select(0.3))).stageMs).toBeUndefined();
  });

  it('a working size whose gates do not fit is not taken, and goes by glance and inspection', async () => {
    const huge = { width: 4000, height: 2200 };
    expect(executor.resident.fits(huge, size)).toBe(true);
    expect(executor.resident.fits(huge, huge)).toBe(false);
    await expect(
      executor.resident.detect(randomFrame(size, 1), order(select(1), { working: huge })),
    ).rejects.toMatchObject({ code: /INVALID_OPTION|OUT_OF_MEMORY/ });
  });
});

describe('float16', () => {
  it.each(HALVES)(
    '%s moves every map by less than 1% of its largest value, and few gates',
    async (precision) => {
      const half = await webgpuBackend({ precision }).load(model);
      const frame = randomFrame(size, 14);
      const options = select(0.3, { threshold: 0.01 });
      const { gates } = await byHost(frame, options);
      await half.upload(frame);
      const ours = selectGates(await half.glance(), options);
      expect(ours.filter((gate, block) => gate === gates[block]).length).toBeGreaterThanOrEqual(blocks - 2);
      await half.inspect(gates);
      let different = false;
      const last = model.network.attention.layers.at(-1)!.name;
      for (const name of ['input', 'a4', last, 'gate', 'features', 'd1', 'join', 'd3', 'd6', 'head']) {
        const a = (await half.read(name)).data;
        const b = (await executor.read(name)).data;
        const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const worst = b.reduce((most, value, i) => Math.max(most, Math.abs(value - a[i])), 0);
        different ||= worst > 0;
        expect(worst / scale, name).toBeLessThan(0.01);
      }
      expect(different).toBe(true);
      half.dispose();
    },
  );

  it('is refused where the device has no shader-f16', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    if (!device.features.has('shader-f16')) {
      await expect(webgpuBackend({ device, precision: 'float16' }).load(model)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    }
    device.destroy();
  });
});

describe('steady state', () => {
  it('makes no GPU object a frame, but the bind group of an imported frame', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const made: string[] = [];
    for (const name of MAKERS) {
      const make = device[name].bind(device) as (...args: unknown[]) => unknown;
      Object.assign(device, {
        [name]: (...args: unknown[]) => {
          made.push(name);
          return make(...args);
        },
      });
    }
    const small = { width: 64, height: 48 };
    const session = await Session.create(model, webgpuBackend({ device }));
    expect(made.filter((name) => name === 'createComputePipelineAsync').length).toBeLessThanOrEqual(24);
    await session.detect(randomFrame(small, 1));
    made.length = 0;
    const frames = [1, 2, 3, 4, 5, 6].map((seed) => randomFrame(small, seed));
    await Promise.all(frames.map((frame, i) => session.detect(frame, { budget: i / 5 })));
    expect(made).toEqual([]);

    const video = () =>
      new VideoFrame(randomFrame(small, 1).data.slice(), {
        format: 'RGBX',
        codedWidth: small.width,
        codedHeight: small.height,
        timestamp: 0,
      });
    for (let i = 0; i < 3; i++) {
      made.length = 0;
      const frame = video();
      await session.detect(frame);
      frame.close();
      expect(made.filter((name) => name !== 'createBindGroup')).toEqual([]);
      expect(made.length).toBeLessThanOrEqual(1);
    }
    session.dispose();
    device.destroy();
  });

  it('several frames in flight come back in order, each with its own result', async () => {
    const session = await Session.create(model, webgpuBackend(), { scoreThreshold: 0.1 });
    const frames = [1, 2, 3, 4, 5].map((seed) => randomFrame({ width: 64, height: 48 }, seed));
    const alone: Awaited<ReturnType<Session['detect']>>[] = [];
    for (const frame of frames) alone.push(await session.detect(frame));
    const ended: number[] = [];
    const together = await Promise.all(
      frames.map(async (frame, i) => {
        const result = await session.detect(frame);
        ended.push(i);
        return result;
      }),
    );
    expect(ended).toEqual([0, 1, 2, 3, 4]);
    together.forEach((result, i) => {
      expect(result.attention.gates).toEqual(alone[i].attention.gates);
      expect(result.detections).toEqual(alone[i].detections);
    });
    session.dispose();
  });
});

const MAKERS = [
  'createBuffer',
  'createTexture',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createQuerySet',
  'createSampler',
] as const;

/** Slow waves: what a codec's colour conversion changes least. */
function smoothFrame(frame: { width: number; height: number }): PixelFrame {
  const data = new Uint8ClampedArray(frame.width * frame.height * 4);
  for (let at = 0; at < data.length; at++) {
    const x = (at >> 2) % frame.width;
    const y = Math.floor((at >> 2) / frame.width);
    data[at] = 128 + 100 * Math.sin(x / 19 + (at % 4)) * Math.cos(y / 13 - (at % 4));
  }
  return { ...frame, data };
}
