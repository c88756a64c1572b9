/** Attention recall, shares, pixel IoU and baseline gates on frames small enough to count by hand. */
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/backends/backend.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { Result } from '../../src/result.ts';
import type { Annotation } from '../../train/data/dataset.ts';
import { attendedPixels, countRecall, countWork } from '../../train/metrics/attention-counts.ts';
import { baselineGates, greatestGates } from '../../train/metrics/baseline-gates.ts';
import { countPixels } from '../../train/metrics/pixel-counts.ts';
import type { FrameTruth } from '../../train/metrics/rules.ts';

const spec = peopleVsPoles();
const size = { width: 64, height: 32 }; // 4 x 2 blocks of 16 px

function maskOf(rects: [value: number, x: number, y: number, w: number, h: number][]) {
  const data = new Uint8Array(size.width * size.height);
  for (const [value, x, y, w, h] of rects) {
    for (let row = y; row < y + h; row++) data.fill(value, row * size.width + x, row * size.width + x + w);
  }
  return { ...size, data };
}

function annotation(label: string, x: number, y: number, width: number, height: number): Annotation {
  const box = { x, y, width, height };
  return { label, box, shaft: box, ignore: false };
}

function looked(gates: number[], macs = { attention: 10, detail: 20, dense: 100 }): Result {
  return {
    ...size,
    backend: 'reference',
    detections: [],
    attention: { columns: 4, rows: 2, blockWidth: 16, blockHeight: 16, gates: Uint8Array.from(gates) },
    macs,
    timings: { totalMs: 0 },
  };
}

function recall(truth: FrameTruth, gates: number[], label: string) {
  return countRecall(truth, attendedPixels(looked(gates).attention, truth.width, truth.height), label);
}

describe('attention, counted', () => {
  it('counts pixels, instances, blocks and MACs', () => {
    // A person of 8 x 20 px: 16 rows in block 0, 4 in block 4. A pole of 2 x 32 px: half in block 3, half in 7.
    const truth: FrameTruth = {
      ...size,
      annotations: [annotation('person', 4, 0, 8, 20), annotation('pole', 60, 0, 2, 32)],
      mask: maskOf([
        [1, 4, 0, 8, 20],
        [2, 60, 0, 2, 32],
        [3, 30, 0, 4, 4],
      ]),
    };
    const gates = [1, 0, 0, 0, 0, 0, 0, 2];
    expect(recall(truth, gates, 'person')).toEqual({
      ...{ pixels: 160, attendedPixels: 128, instances: 1, attendedInstances: 1 },
    });
    expect(recall(truth, gates, 'pole')).toEqual({
      ...{ pixels: 64, attendedPixels: 32, instances: 1, attendedInstances: 1 },
    });
    expect(recall(truth, [0, 0, 0, 0, 1, 0, 0, 0], 'person')).toMatchObject({
      ...{ attendedPixels: 32, attendedInstances: 0 },
    });
    expect(countWork(looked(gates))).toEqual({
      ...{ attended: 2 / 8, fiveByFive: 1 / 8, macs: 30, denseMacs: 100 },
    });
  });

  it('takes the box where there is no mask', () => {
    const truth = { ...size, annotations: [annotation('person', 0, 0, 20, 10)] };
    // 4 of 20 columns
    expect(recall(truth, [0, 1, 0, 0, 0, 0, 0, 0], 'person')).toEqual({
      ...{ pixels: 0, attendedPixels: 0, instances: 1, attendedInstances: 0 },
    });
    expect(recall(truth, [1, 0, 0, 0, 0, 0, 0, 0], 'person').attendedInstances).toBe(1);
  });

  it('maps blocks that are no whole number of pixels', () => {
    const map = { columns: 2, rows: 1, blockWidth: 2.5, blockHeight: 1, gates: Uint8Array.of(0, 1) };
    expect([...attendedPixels(map, 5, 1)]).toEqual([0, 0, 1, 1, 1]); // centres .5 1.5 | 2.5 3.5 4.5
  });
});

describe('pixels, counted', () => {
  /** All cells of block 1 (x 16..32, y 0..16) say person; pole nowhere. */
  function inspection(blocks = [1]): Inspection {
    const channels = spec.detail.head.outputs;
    const cells = new Float32Array(blocks.length * 16 * channels);
    for (let cell = 0; cell < blocks.length * 16; cell++) {
      cells[cell * channels] = 40;
      cells[cell * channels + 6] = -40;
    }
    return { blocks: Uint32Array.from(blocks), cells, macs: 0 };
  }

  it('compares the map with the mask, pixel by pixel', () => {
    // Said: 16 x 16 px. Bilinear between p = 1 and p = 0 crosses 0.5 at the block's edge, but the pixel at a free
    // corner gets .625 * .625 < .5: 254 px are called. True: 16 x 8 px with both corners, and 16 x 8 px below.
    const truth: FrameTruth = { ...size, annotations: [], mask: maskOf([[1, 16, 8, 16, 16]]) };
    expect(countPixels(spec, truth, size, inspection(), 'person')).toEqual({ common: 126, union: 256 + 128 });
    expect(countPixels(spec, truth, size, inspection(), 'pole')).toEqual({ common: 0, union: 0 });
  });

  it('does not count pixels with mask value 3, nor frames without a mask', () => {
    const mask = maskOf([
      [1, 16, 0, 16, 8],
      [3, 16, 8, 16, 8],
    ]);
    const { common, union } = countPixels(
      spec,
      { ...size, annotations: [], mask },
      size,
      inspection(),
      'person',
    ) ?? { common: -1, union: -2 };
    expect(common).toBe(union);
    expect(countPixels(spec, { ...size, annotations: [] }, size, inspection(), 'person')).toBeNull();
  });

  it('brings the map of a smaller working frame to the size of the frame', () => {
    const frame = { width: 128, height: 64 };
    const data = new Uint8Array(frame.width * frame.height);
    for (let y = 0; y < 32; y++) data.fill(1, y * 128 + 32, y * 128 + 64);
    const truth = { ...frame, annotations: [], mask: { ...frame, data } };
    // Called: 32 x 32 px, less 6 px at each of the two free corners (p = .5625 .6875 .8125 .9375 from the edge).
    expect(countPixels(spec, truth, size, inspection(), 'person')).toEqual({
      common: 1024 - 12,
      union: 1024,
    });
  });
});

describe('baseline gates', () => {
  const blank = { ...size, data: new Uint8Array(size.width * size.height * 4) };
  const truth: FrameTruth = {
    ...size,
    annotations: [],
    mask: maskOf([
      [1, 20, 0, 4, 4],
      [2, 40, 20, 4, 8],
    ]),
  };
  const context = { spec, working: size, budget: 0.5, seed: 1, truth, frame: blank };

  it('oracle attends the blocks that hold something, the fullest first', () => {
    expect([...baselineGates('oracle', context)]).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
    expect([...baselineGates('oracle', { ...context, budget: 0.13 })]).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it('motion attends what changed', () => {
    const frame = { ...size, data: blank.data.slice() };
    frame.data[4 * (20 * size.width + 50)] = 255; // (50, 20): block 7
    expect([...baselineGates('motion', { ...context, frame, previous: blank })]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect([...baselineGates('motion', context)]).toEqual([...baselineGates('centre', context)]);
  });

  it('random is seeded and fills the budget', () => {
    const gates = baselineGates('random', context);
    expect(gates.reduce((sum, gate) => sum + gate, 0)).toBe(4);
    expect(baselineGates('random', context)).toEqual(gates);
  });

  it('ties go to the lower index', () => {
    expect([...greatestGates(Float64Array.of(1, 2, 2, 2), 0.5)]).toEqual([0, 1, 1, 0]);
  });
});
