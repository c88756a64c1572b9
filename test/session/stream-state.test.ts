/** The state of a stream, and a session that keeps it. */
import { describe, expect, it, vi } from 'vitest';
import { STILL } from '../../src/attention/affine.ts';
import type { GreyPicture } from '../../src/attention/grey.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { Session } from '../../src/session/session.ts';
import { trackedDetections } from '../../src/session/stream-frame.ts';
import { motionOf, type StreamFrame, StreamState } from '../../src/session/stream-state.ts';
import { seededRandom } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const GRID = { columns: 10, rows: 8 };
const WORKING = { width: 160, height: 128 };

function grey(seed: number): GreyPicture {
  const random = seededRandom(seed);
  return { width: 40, height: 32, data: Float32Array.from({ length: 40 * 32 }, () => 255 * random()) };
}

function frame(t: number, picture = grey(1), working = WORKING): StreamFrame {
  return { grey: picture, working, grid: GRID, blockPx: 16, timestampMs: (1000 / 15) * t };
}

const PERSON = { label: 'person', score: 0.8, box: { x: 40, y: 30, width: 16, height: 44 } };
const SURE = () => 0.5;
const ALL = new Uint8Array(80).fill(1);

describe('the state of a stream', () => {
  it('makes tracks of detections, with identity and age', () => {
    const state = new StreamState();
    const shown = [0, 1, 2].map((t) => {
      state.begin(frame(t));
      return state.end(ALL, [PERSON], SURE).tracks.map(({ id, ageFrames }) => [id, ageFrames]);
    });
    expect(shown).toEqual([[[1, 0]], [[1, 1]], [[1, 2]]]);
  });

  it('seeks nothing new while the camera goes on standing, and does as soon as it moves', () => {
    const [picture, other] = [grey(1), grey(2)];
    const part = picture.data.slice();
    for (let y = 8; y < 12; y++) part.set(other.data.subarray(40 * y + 8, 40 * y + 12), 40 * y + 8);
    const now = frame(1, { ...picture, data: part });
    const greatest = (stood: boolean, next = now) =>
      Math.max(...motionOf(frame(0), next, STILL, stood).novelty);
    expect(greatest(false)).toBeGreaterThan(0.2);
    expect(greatest(true)).toBe(0);
    const turned = Float32Array.from(part, (_, i) => (i % 40 < 38 ? part[i + 2] : other.data[i]));
    expect(greatest(true, frame(1, { ...picture, data: turned }))).toBeGreaterThan(0.2);
  });

  it('a track that was just seen rests where the budget is small, and need not where it is large', () => {
    const pull = (budget: number) => {
      const state = new StreamState();
      state.begin({ ...frame(0), budget });
      state.end(ALL, [PERSON], SURE);
      // Its block, beside one that was looked at too and has nothing.
      const priors = state.begin({ ...frame(1, grey(2)), budget });
      return priors[2 * GRID.columns + 2] - priors[2 * GRID.columns + 7];
    };
    expect(pull(0.5)).toBeGreaterThan(pull(0.02) + 0.5);
  });

  it('a frame that is begun again, after a lost device, is the same frame', () => {
    const state = new StreamState();
    state.begin(frame(0));
    state.end(ALL, [PERSON], SURE);
    const once = state.begin(frame(1)).slice();
    expect(state.begin(frame(1))).toEqual(once);
    expect(state.end(ALL, [PERSON], SURE).tracks[0].ageFrames).toBe(1);
  });

  it('another size or a long gap is another scene, whose tracks have other numbers', () => {
    const state = new StreamState();
    const id = (t: number, working = WORKING) => {
      state.begin(frame(t, grey(1), working));
      return state.end(ALL, [PERSON], SURE).tracks[0].id;
    };
    expect([id(0), id(1), id(2, { width: 159, height: 128 }), id(40, { width: 159, height: 128 })]).toEqual([
      1, 1, 2, 3,
    ]);
  });

  it('while nothing moves, what was looked at is pushed away; the scan path tells where the eye went', () => {
    const state = new StreamState();
    const first = state.begin(frame(0)).slice();
    const gates = new Uint8Array(80);
    gates[33] = 1;
    const { scanPath } = state.end(gates, [], SURE);
    expect(scanPath).toEqual([{ x: 56, y: 56, timestampMs: 0 }]);
    let last = state.begin(frame(1));
    expect(last[33]).toBeLessThan(first[33] - 0.3);
    for (let t = 1; t < 12; t++) {
      state.end(gates, [], SURE);
      last = state.begin(frame(t + 1));
    }
    // The camera has stood for a while: what was seen stays true for longer.
    expect(last[33]).toBeLessThan(first[33] - 2);
    expect(last[34]).toBeGreaterThan(first[34] - 1);
  });

  it('a track that takes another name says so in the result, with the evidence', () => {
    const state = new StreamState();
    const look = (t: number, label: string) => {
      state.begin(frame(t));
      return trackedDetections(state.end(ALL, [{ ...PERSON, label }], SURE).tracks, WORKING, 10);
    };
    for (let t = 0; t < 4; t++) expect(look(t, 'person')[0]).not.toHaveProperty('labelChanges');
    let [last] = look(4, 'pole');
    for (let t = 5; t < 16; t++) [last] = look(t, 'pole');
    expect(last.label).toBe('pole');
    expect(last.labelChanges).toHaveLength(1);
    const [{ from, to, ageFrames, evidence }] = last.labelChanges ?? [];
    expect([from, to]).toEqual(['person', 'pole']);
    expect(ageFrames).toBeLessThanOrEqual(last.ageFrames);
    expect(evidence.pole).toBeGreaterThan(evidence.person);
  });

  it('says of the frame before what this one shows of it; of the first, and of another scene, nothing', () => {
    const state = new StreamState();
    const look = (t: number, found: (typeof PERSON)[], gates = ALL) => {
      state.begin(frame(t));
      return state.end(gates, found, SURE);
    };
    expect(look(0, [])).not.toHaveProperty('hindsight');
    // Seen now, and nobody had looked before: it was there. Before that frame there is none to tell of.
    const none = new Uint8Array(80);
    expect(look(1, [], none).hindsight).toEqual({ timestampMs: 0, tracks: [] });
    const { tracks, hindsight } = look(2, [PERSON]);
    expect(hindsight?.timestampMs).toBeCloseTo(1000 / 15);
    expect(hindsight?.tracks).toMatchObject([{ id: tracks[0].id, ageFrames: 0, label: 'person' }]);
    // Not seen again: it is less sure now, and so of the frame before, but it stays.
    expect(look(3, []).hindsight?.tracks).toMatchObject([{ id: tracks[0].id, ageFrames: 0 }]);
    expect(look(50, [PERSON])).not.toHaveProperty('hindsight');
  });

  it('what was looked at and not seen is not told of from the next frame on unless that is sure', () => {
    const told = (gates: Uint8Array) => {
      const state = new StreamState();
      state.begin(frame(0));
      state.end(gates, [], SURE);
      state.begin(frame(1));
      const { tracks, hindsight } = state.end(ALL, [{ ...PERSON, score: 0.7 }], SURE);
      return [tracks.length, hindsight?.tracks.length];
    };
    expect([told(new Uint8Array(80)), told(ALL)]).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('motion can be switched off', () => {
    const still = new StreamState();
    still.begin({ ...frame(0), drawnByMotion: false });
    still.end(ALL, [], SURE);
    const priors = still.begin({ ...frame(1, grey(2)), drawnByMotion: false });
    expect(Math.max(...priors)).toBeLessThanOrEqual(0.1);
    expect(still.end(ALL, [], SURE).alerts).toEqual([]);
  });
});

describe('a session with a stream', () => {
  const random = seededRandom(4);
  const data = Uint8ClampedArray.from({ length: 64 * 48 * 4 }, () => 255 * random());
  const picture = { width: 64, height: 48, data };

  it('gives tracks, alerts and a scan path, within the budget; the regions of the caller draw the eye', async () => {
    const session = await Session.create(randomModel(EVEN_NET, 3), referenceBackend(), {
      scoreThreshold: 0.05,
    });
    const stream = new StreamState();
    const begin = vi.spyOn(stream, 'begin');
    try {
      const first = await session.detect(picture, { policy: 'saccade', budget: 0.5, stream, timestampMs: 0 });
      const second = await session.detect(picture, {
        policy: 'saccade',
        budget: 0.5,
        stream,
        timestampMs: 66,
      });
      for (const { attention, scanPath, alerts, detections } of [first, second]) {
        const attended = attention.gates.filter((gate) => gate > 0).length;
        expect(attended).toBeLessThanOrEqual(attention.gates.length / 2);
        expect(Array.isArray(alerts) && Array.isArray(scanPath)).toBe(true);
        for (const { trackId } of detections) expect(trackId).toBeGreaterThan(0);
      }
      expect(first).not.toHaveProperty('hindsight');
      expect(second.hindsight?.timestampMs).toBe(0);
      expect(second.hindsight?.detections.length).toBeGreaterThan(0);
      for (const { trackId, box, ageFrames } of second.hindsight?.detections ?? []) {
        expect(trackId).toBeGreaterThan(0);
        expect(ageFrames).toBe(0);
        expect(box.x >= 0 && box.x + box.width <= 64 && box.y >= 0 && box.y + box.height <= 48).toBe(true);
      }
      expect(begin.mock.calls.map(([{ budget }]) => budget)).toEqual([0.5, 0.5]);
      expect(second.scanPath?.length ?? 0).toBeGreaterThanOrEqual(first.scanPath?.length ?? 0);
      const regions = [{ box: { x: 0, y: 0, width: 4, height: 4 }, strength: 50 }];
      const drawn = await session.detect(picture, { budget: 0.2, regions });
      expect(drawn.attention.gates[0]).toBeGreaterThan(0);
      expect(
        (await session.detect(picture, {})).detections.every(({ trackId }) => trackId === undefined),
      ).toBe(true);
    } finally {
      session.dispose();
    }
  });
});
