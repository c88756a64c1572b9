/** Views: pixels and targets move together, whatever the size, the mirror and the place. */
import { describe, expect, it } from 'vitest';
import { readCellBox } from '../../src/detection/cell-box.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { AUGMENTS } from '../../train/data/augment-settings.ts';
import type { TruePicture } from '../../train/data/instances.ts';
import { renderView } from '../../train/data/render-view.ts';
import { emptyTargets, fillTargets, GEOMETRY_CHANNELS } from '../../train/data/targets.ts';
import { plainTone, randomTone } from '../../train/data/tone.ts';
import { type Neighbours, ViewImage } from '../../train/data/view-image.ts';
import { peopleView, randomView, type View } from '../../train/data/views.ts';
import { makeBatch } from '../../train/loop/batch.ts';
import { seededRandom } from '../../train/random.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const LABELS = 2;

/** A black picture with one white box that is a person. */
function boxPicture(labelled: boolean[]): TruePicture {
  const [width, height] = [480, 360];
  const box = { x: 200, y: 120, width: 40, height: 90 };
  const rgb = new Uint8Array(width * height * 3);
  const instances = new Uint8Array(width * height);
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      rgb.fill(255, (y * width + x) * 3, (y * width + x) * 3 + 3);
      instances[y * width + x] = 1;
    }
  }
  return { width, height, rgb, instances, objects: [{ label: 0, box }], labelled };
}

/** Tables that take a line of `length` pixels as it is. */
function identity(length: number, stride: number): Neighbours {
  const places = Int32Array.from({ length }, (_, i) => i * stride);
  return { low: places, high: places, share: new Float32Array(length) };
}

/** Edges of what is brighter than the middle in a frame tensor [height, width, 4]. */
function brightEdges(frame: Float32Array, width: number): [number, number, number, number] {
  const edges: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let p = 0; p < frame.length / 4; p++) {
    if (frame[p * 4] <= 0) continue;
    const [x, y] = [p % width, Math.floor(p / width)];
    edges[0] = Math.min(edges[0], x);
    edges[1] = Math.min(edges[1], y);
    edges[2] = Math.max(edges[2], x + 1);
    edges[3] = Math.max(edges[3], y + 1);
  }
  return edges;
}

function expectBoxAtPixels(picture: TruePicture, view: View): void {
  const frame = new Float32Array(view.width * view.height * 4);
  renderView(picture, view, plainTone, frame, 0);
  const columns = view.width / EVEN_NET.cell;
  const targets = emptyTargets(1, view.height / EVEN_NET.cell, columns, LABELS);
  fillTargets(EVEN_NET, picture, view, 0, targets);
  const bright = brightEdges(frame, view.width);
  let cells = 0;
  for (let row = 0; row < targets.score.length; row += LABELS) {
    if (!targets.score[row]) continue;
    cells++;
    const head = new Float32Array(6);
    head.set(targets.box.subarray(row * GEOMETRY_CHANNELS, (row + 1) * GEOMETRY_CHANNELS), 2);
    const cell = row / LABELS;
    const x = ((cell % columns) + 0.5) * EVEN_NET.cell;
    const y = (Math.floor(cell / columns) + 0.5) * EVEN_NET.cell;
    const edges = [0, 0, 0, 0];
    readCellBox(head, 0, x, y, edges, 0);
    // Cells that the box only grazes say the nearer end 1 px short of it.
    edges.forEach((edge, i) => {
      expect(Math.abs(edge - bright[i])).toBeLessThanOrEqual(i % 2 ? 3.1 : 1.1);
    });
  }
  expect(cells).toBeGreaterThan(4);
}

describe('views', () => {
  it('a target box lies where the pixels are, in 20 random views', () => {
    const picture = boxPicture([true, true]);
    let seen = 0;
    for (let seed = 1; seed <= 40 && seen < 20; seed++) {
      const view = randomView(picture, 320, 240, seededRandom(seed));
      const [left, right] = [view.offsetX, view.offsetX + view.width * view.stepX];
      const [top, bottom] = [view.offsetY, view.offsetY + view.height * view.stepY];
      if (left > 198 || right < 242 || top > 118 || bottom < 212) continue;
      expectBoxAtPixels(picture, view);
      seen++;
    }
    expect(seen).toBe(20);
  });

  it('a small view of people shows its object whole and as high as people in a street', () => {
    const picture = boxPicture([true, false]);
    for (let seed = 1; seed <= 10; seed++) {
      const view = peopleView(picture, 160, 120, seededRandom(seed));
      expect(90 / view.stepY).toBeGreaterThan(17);
      expect(90 / view.stepY).toBeLessThan(115);
    }
  });

  it('people-only pictures make four views an item, others one; the other class is not judged', () => {
    const size = { width: 160, height: 128 };
    const people = makeBatch(EVEN_NET, () => boxPicture([true, false]), 1, size, 1, 1);
    const columns = size.width / EVEN_NET.cell;
    const quarters = new Set<number>();
    people.targets.score.forEach((score, row) => {
      if (row % LABELS === 1) expect(people.targets.weight[row]).toBe(0);
      if (!score) return;
      const cell = Math.floor(row / LABELS);
      quarters.add(Number(cell % columns >= columns / 2) + 2 * Number(Math.floor(cell / columns) >= 16));
    });
    expect(quarters.size).toBe(4);
    const both = makeBatch(EVEN_NET, () => boxPicture([true, true]), 1, size, 1, 1);
    // Rows of the other class are judged now; cells that the box's cut rest ignores are few.
    const judged = both.targets.weight.filter((weight, row) => row % LABELS === 1 && weight === 1).length;
    expect(judged).toBe(both.targets.weight.length / LABELS);
  });

  it('a street without people is shown whole: every cell says no person, poles are not judged', () => {
    const street = { ...boxPicture([true, false]), objects: [], backdrop: true };
    const empty = { ...street, instances: new Uint8Array(street.width * street.height) };
    const { targets } = makeBatch(EVEN_NET, () => empty, 1, { width: 160, height: 128 }, 1, 1);
    expect(targets.score.some((score) => score > 0)).toBe(false);
    targets.weight.forEach((weight, row) => {
      expect(weight).toBe(row % LABELS === 0 ? 1 : 0);
    });
  });

  it('views chosen around objects show people more often than views anywhere', () => {
    const picture = boxPicture([true, true]);
    const seen = (share: number) => {
      let shown = 0;
      for (let seed = 1; seed <= 100; seed++) {
        const view = randomView(picture, 160, 120, seededRandom(seed), share);
        const x = (220 - view.offsetX) / view.stepX;
        const y = (165 - view.offsetY) / view.stepY;
        if (x > 0 && y > 0 && x < view.width && y < view.height) shown++;
      }
      return shown;
    };
    expect(seen(1)).toBe(100);
    expect(seen(0)).toBeLessThan(70);
  });

  it("a batch holds the network's response to the colours, and y as it is", () => {
    const { halfSaturation: _, linearShare: __, ...linear } = EVEN_NET;
    const size = { width: 64, height: 64 };
    const make = (spec: NetworkSpec) => makeBatch(spec, () => boxPicture([true, true]), 2, size, 5, 3).frames;
    const [curved, plain] = [make(EVEN_NET), make({ ...linear, version: 1 })];
    const [h, q] = [EVEN_NET.halfSaturation!, EVEN_NET.linearShare!];
    let worst = 0;
    let different = 0;
    curved.forEach((value, i) => {
      const v = Math.max(0, (plain[i] + 1) * 127.5);
      const light = (2 * (1 - q) * (1 + h / 255) * v) / (v + h) + (q * v) / 127.5 - 1;
      const wanted = i % 4 === 3 ? plain[i] : light;
      worst = Math.max(worst, Math.abs(value - wanted));
      different += Number(value !== plain[i]);
    });
    expect(worst).toBeLessThan(1e-5);
    expect(different).toBeGreaterThan(1000);
  });

  it('light that falls unevenly is a gain between its corners, and leaves y alone', () => {
    const image = new ViewImage();
    const [width, height] = [16, 8];
    const level = 100;
    const lines = { columns: identity(width, 3), rows: identity(height, 3 * width) };
    const rgb = new Uint8Array(width * height * 3).fill(level);
    const ys = Float32Array.from({ length: height }, (_, y) => y / height);
    image.bilinear(rgb, lines.columns, lines.rows, ys);
    image.shade(Float32Array.of(0.5, 1, 1, 2), 2);
    const out = new Float32Array(width * height * 4);
    image.copyTo(out, 0);
    const red = (x: number, y: number) => out[(y * width + x) * 4];
    expect([red(0, 0), red(15, 0), red(0, 7), red(15, 7)]).toEqual([50, 100, 100, 200]);
    expect(red(5, 0)).toBeCloseTo(level * (0.5 + 0.5 * (5 / 15)), 3);
    expect(red(0, 2)).toBeCloseTo(level * (0.5 + 0.5 * (2 / 7)), 3);
    expect(out[(3 * width + 4) * 4 + 3]).toBeCloseTo(3 / 8, 6);
  });

  it('channels come in the order asked for', () => {
    const image = new ViewImage();
    const lines = { columns: identity(2, 3), rows: identity(1, 6) };
    image.bilinear(Uint8Array.of(10, 20, 30, 40, 50, 60), lines.columns, lines.rows, Float32Array.of(0.25));
    image.reorder([2, 0, 1]);
    const out = new Float32Array(8);
    image.copyTo(out, 0);
    expect([...out]).toEqual([30, 10, 20, 0.25, 60, 40, 50, 0.25]);
  });

  it('another exposure darkens most views', () => {
    const dark = { ...AUGMENTS.none, exposureShare: 1 };
    const means = [AUGMENTS.none, dark].map((settings) => {
      let sum = 0;
      for (let seed = 0; seed < 40; seed++) {
        const frame = new Float32Array(64 * 64 * 4);
        const view = {
          width: 64,
          height: 64,
          stepX: 1,
          stepY: 1,
          offsetX: 200,
          offsetY: 130,
          mirrored: false,
        };
        renderView(boxPicture([true, true]), view, randomTone(seededRandom(seed), settings), frame, 0);
        sum +=
          frame.reduce((total, value, i) => (i % 4 === 3 ? total : total + value + 1), 0) / (64 * 64 * 3);
      }
      return sum / 40;
    });
    expect(means[1]).toBeLessThan(0.7 * means[0]);
  });
});
