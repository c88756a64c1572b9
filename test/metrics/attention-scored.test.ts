/** Attention recall, shares, pixel IoU and baseline gates on frames small enough to count by hand. */
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/backends/backend.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { Result } from '../../src/result.ts';
import type { Annotation } from '../../train/data/dataset.ts';
import { AttentionScore, attendedPixels } from '../../train/metrics/attention-score.ts';
import { baselineGates, greatestGates } from '../../train/metrics/baseline-gates.ts';
import { PixelScore } from '../../train/metrics/pixel-score.ts';
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

describe('AttentionScore', () => {
  it('counts pixels, instances, blocks and MACs', () => {
    const score = new AttentionScore(['person', 'pole']);
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
    score.add(truth, looked([1, 0, 0, 0, 0, 0, 0, 2]));
    expect(score.pixelRecall('person')).toBeCloseTo(16 / 20, 12);
    expect(score.pixelRecall('pole')).toBeCloseTo(1 / 2, 12);
    expect([score.instanceRecall('person'), score.instanceRecall('pole')]).toEqual([1, 1]);
    expect([score.attended(), score.fiveByFive()]).toEqual([2 / 8, 1 / 8]);
    expect(score.macsShare()).toBeCloseTo(0.3, 12);
    score.add(truth, looked([0, 0, 0, 0, 1, 0, 0, 0], { attention: 10, detail: 0, dense: 300 }));
    expect(score.pixelRecall('person')).toBeCloseTo(20 / 40, 12);
    expect([score.instanceRecall('person'), score.instanceRecall('pole')]).toEqual([1 / 2, 1 / 2]);
    expect(score.macsShare()).toBeCloseTo(40 / 400, 12);
    expect(score.gmacs()).toBeCloseTo(20e-9, 15);
  });

  it('takes the box where there is no mask, and is null for what is not labelled', () => {
    const score = new AttentionScore(['person']);
    const truth = {
      ...size,
      annotations: [annotation('person', 0, 0, 20, 10), annotation('pole', 0, 0, 4, 30)],
    };
    score.add(truth, looked([0, 1, 0, 0, 0, 0, 0, 0])); // 4 of 20 columns
    expect(score.pixelRecall('person')).toBeNull();
    expect(score.instanceRecall('person')).toBe(0);
    expect(score.instanceRecall('pole')).toBeNull();
  });

  it('maps blocks that are no whole number of pixels', () => {
    const map = { columns: 2, rows: 1, blockWidth: 2.5, blockHeight: 1, gates: Uint8Array.of(0, 1) };
    expect([...attendedPixels(map, 5, 1)]).toEqual([0, 0, 1, 1, 1]); // centres .5 1.5 | 2.5 3.5 4.5
  });
});

describe('PixelScore', () => {
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
    const score = new PixelScore(spec, ['person', 'pole']);
    // Said: 16 x 16 px. Bilinear between p = 1 and p = 0 crosses 0.5 at the block's edge, but the pixel at a free
    // corner gets .625 * .625 < .5: 254 px are called. True: 16 x 8 px with both corners, and 16 x 8 px below.
    const truth: FrameTruth = { ...size, annotations: [], mask: maskOf([[1, 16, 8, 16, 16]]) };
    score.add(truth, size, inspection());
    expect(score.iou('person')).toBeCloseTo(126 / (256 + 128), 12);
    expect(score.iou('pole')).toBeNull();
  });

  it('does not count pixels with mask value 3', () => {
    const score = new PixelScore(spec, ['person']);
    const mask = maskOf([
      [1, 16, 0, 16, 8],
      [3, 16, 8, 16, 8],
    ]);
    score.add({ ...size, annotations: [], mask }, size, inspection());
    expect(score.iou('person')).toBe(1);
  });

  it('brings the map of a smaller working frame to the size of the frame', () => {
    const score = new PixelScore(spec, ['person']);
    const frame = { width: 128, height: 64 };
    const data = new Uint8Array(frame.width * frame.height);
    for (let y = 0; y < 32; y++) data.fill(1, y * 128 + 32, y * 128 + 64);
    score.add({ ...frame, annotations: [], mask: { ...frame, data } }, size, inspection());
    // Called: 32 x 32 px, less 6 px at each of the two free corners (p = .5625 .6875 .8125 .9375 from the edge).
    expect(score.iou('person')).toBeCloseTo((1024 - 12) / 1024, 12);
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
