import { describe, expect, test } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { Session } from '../../src/session/session.ts';
import { StreamState } from '../../src/session/stream-state.ts';
import { paintFace } from '../../train/eyes/paint-face.ts';
import { seededRandom } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const model = { ...randomModel(EVEN_NET, 5), gateThreshold: 0 };
const SIZE = { width: 240, height: 160 };
const FACE = { x: 120, y: 48, side: 72 };

/** A frame with one painted face, or with a plain square in its place. */
function frameOf(kind: 'looks' | 'plain'): PixelFrame {
  const margin = 0.25;
  const px = FACE.side * (1 + 2 * margin);
  const behind = new Float32Array(px * px).fill(0.2);
  const painted = kind === 'plain' ? behind : paintFace(seededRandom(7017), kind, px, margin, behind);
  const data = new Uint8ClampedArray(4 * SIZE.width * SIZE.height).fill(120);
  for (let y = 0; y < px; y++) {
    for (let x = 0; x < px; x++) {
      const at = 4 * ((y + FACE.y - FACE.side * margin) * SIZE.width + x + FACE.x - FACE.side * margin);
      data.fill(255 * Math.min(1, painted[y * px + x]) ** (1 / 2.2), at, at + 3);
    }
  }
  return { ...SIZE, data };
}

const session = await Session.create(model, referenceBackend(), { budget: 0.2 });

/** Mean priority of the blocks inside the face, with the prior less without it. */
async function raise(kind: 'looks' | 'plain'): Promise<{ inside: number; outside: number }> {
  const [off, on] = await Promise.all([false, true].map((eyes) => session.detect(frameOf(kind), { eyes })));
  const { columns, blockWidth } = on.attention;
  const sums = { inside: 0, outside: 0 };
  const counts = { inside: 0, outside: 0 };
  on.attention.priority!.forEach((value, block) => {
    const x = ((block % columns) + 0.5) * blockWidth - FACE.x;
    const y = (Math.floor(block / columns) + 0.5) * blockWidth - FACE.y;
    const inside = x > 8 && y > 8 && x < FACE.side - 8 && y < FACE.side - 8;
    counts[inside ? 'inside' : 'outside']++;
    sums[inside ? 'inside' : 'outside'] += value - off.attention.priority![block];
  });
  return { inside: sums.inside / counts.inside, outside: sums.outside / counts.outside };
}

describe('the prior eyes in a session', () => {
  test('raises the priority of the blocks of a face, and of no others far from it', async () => {
    const { inside, outside } = await raise('looks');
    expect(inside).toBeGreaterThan(0.1);
    expect(outside).toBeLessThan(0.5 * inside);
    expect((await raise('plain')).inside).toBe(0);
  });

  test('takes blocks that a small budget left out', async () => {
    const attended = async (eyes: boolean) => {
      const { gates, columns } = (await session.detect(frameOf('looks'), { eyes, budget: 0.1 })).attention;
      return gates.filter((gate, block) => {
        const x = ((block % columns) + 0.5) * 16 - FACE.x;
        const y = (Math.floor(block / columns) + 0.5) * 16 - FACE.y;
        return gate > 0 && x > 0 && y > 0 && x < FACE.side && y < FACE.side;
      }).length;
    };
    expect(await attended(true)).toBeGreaterThan(2 * (await attended(false)));
  });

  test('tells of the face in px of the frame given, and below which size it abstains', async () => {
    const small = frameOf('looks');
    const data = new Uint8ClampedArray(4 * small.data.length);
    for (let y = 0; y < 2 * SIZE.height; y++) {
      for (let x = 0; x < 2 * SIZE.width; x++) {
        const from = 4 * ((y >> 1) * SIZE.width + (x >> 1));
        data.set(small.data.subarray(from, from + 4), 4 * (y * 2 * SIZE.width + x));
      }
    }
    const twice = { width: 2 * SIZE.width, height: 2 * SIZE.height, data };
    const result = await session.detect(twice, { eyes: true, maxWorkingPixels: SIZE.width * SIZE.height });
    expect(result.eyes).toEqual({ leastFacePx: 80 });
    expect(result.timings.eyesMs).toBeGreaterThan(0);
    const [alert] = result.alerts!.filter(({ kind }) => kind === 'eyes');
    expect(Math.abs(alert.box.x + alert.box.width / 2 - 2 * (FACE.x + FACE.side / 2))).toBeLessThan(30);
    expect(Math.abs(alert.box.y + alert.box.height / 2 - 2 * (FACE.y + FACE.side / 2))).toBeLessThan(30);
    expect(alert.strength).toBeGreaterThanOrEqual(0.5);
    expect(alert.strength).toBeLessThanOrEqual(1);
  });

  test('a face of half the least size says nothing', async () => {
    const result = await session.detect(frameOf('looks'), { eyes: true, maxWorkingPixels: 80 * 53 });
    expect(result.eyes!.leastFacePx).toBeGreaterThan(FACE.side);
    expect(result.alerts).toEqual([]);
  });

  test('says nothing where nobody asked, and joins the alerts of a stream', async () => {
    const still = await session.detect(frameOf('looks'));
    expect(still).not.toHaveProperty('eyes');
    expect(still).not.toHaveProperty('alerts');
    const stream = new StreamState();
    const options = { eyes: true, policy: 'saccade', stream } as const;
    for (const timestampMs of [0, 33]) {
      const { alerts } = await session.detect(frameOf('looks'), { ...options, timestampMs });
      expect(alerts!.map(({ kind }) => kind)).toContain('eyes');
    }
  });
});
