import { describe, expect, it } from 'vitest';
import { STILL } from '../../src/attention/affine.ts';
import { BlockMemory, OLDEST } from '../../src/attention/block-memory.ts';
import { motionAlerts } from '../../src/attention/motion-alerts.ts';
import { regionMap, saccadePriors } from '../../src/attention/saccade.ts';

const GRID = { columns: 6, rows: 4 };
const BLOCKS = 24;
const QUIET = new Float32Array(BLOCKS);
const CALM = { energy: QUIET, novelty: QUIET };
const MOVING = { blockPx: 16, still: 0, budget: 0.2 };
const STANDING = { ...MOVING, still: 1 };
/** Less than two blocks of the 24: one track wants more. */
const TIGHT = { ...MOVING, budget: 0.07 };

function memory(looked: readonly number[] = []): BlockMemory {
  const made = new BlockMemory(GRID.columns, GRID.rows, 16);
  made.step(STILL, 1, QUIET);
  made.look(Uint8Array.from({ length: BLOCKS }, (_, i) => (looked.includes(i) ? 1 : 0)));
  made.step(STILL, 1, QUIET);
  return made;
}

describe('block memory', () => {
  it('knows when a block was looked at, and what moved there since', () => {
    const own = memory([7]);
    expect(own.age[7]).toBe(1);
    expect(own.age[8]).toBe(OLDEST);
    const energy = QUIET.slice();
    energy[7] = 0.5;
    own.step(STILL, 2, energy);
    expect([own.age[7], own.change[7]]).toEqual([3, 0.5]);
    own.look(Uint8Array.from({ length: BLOCKS }, () => 1));
    expect([own.age[7], own.change[7]]).toEqual([0, 0]);
  });

  it('goes with the camera; what comes into the picture was never seen', () => {
    const own = new BlockMemory(GRID.columns, GRID.rows, 16);
    own.look(new Uint8Array(BLOCKS).fill(1));
    own.step({ ...STILL, x: 16 }, 1, QUIET);
    expect(own.age[0]).toBe(OLDEST);
    expect(own.age[1]).toBe(1);
    own.step({ ...STILL, x: 8 }, 1, QUIET);
    expect(own.age[1]).toBeGreaterThan(10); // half of it is new
  });
});

describe('priority over time', () => {
  it('a return is inhibited, then not any more', () => {
    const own = memory([7]);
    const before = saccadePriors(own, CALM, [], MOVING);
    expect(before[7]).toBeLessThan(before[8] - 0.3);
    for (let i = 0; i < 20; i++) own.step(STILL, 1, QUIET);
    const after = saccadePriors(own, CALM, [], MOVING);
    expect(after[7]).toBeCloseTo(after[8], 2);
  });

  it('for a few steps inhibition outweighs what makes a block likelier than its neighbours', () => {
    const own = memory([7]);
    const gap = () => {
      const priors = saccadePriors(own, CALM, [], MOVING);
      return priors[8] - priors[7];
    };
    expect(gap()).toBeGreaterThan(2);
    own.step(STILL, 1, QUIET);
    expect(gap()).toBeGreaterThan(0.5);
    for (let i = 0; i < 3; i++) own.step(STILL, 1, QUIET);
    expect(gap()).toBeLessThan(0.3);
  });

  it('inhibition is stronger and lasts longer while the camera stands, until something moves', () => {
    const own = memory([7]);
    const moving = saccadePriors(own, CALM, [], MOVING)[7];
    const still = saccadePriors(own, CALM, [], STANDING)[7];
    expect(still).toBeLessThan(moving - 1);
    const energy = QUIET.slice();
    energy[7] = 1;
    own.step(STILL, 1, energy);
    expect(saccadePriors(own, { energy, novelty: QUIET }, [], STANDING)[7]).toBeGreaterThan(still + 2);
  });

  it('all blocks of a track fall after a look and rise as it coasts', () => {
    const box = { x: 20, y: 10, width: 10, height: 30 };
    const at = (coasted: number, rest = 2) =>
      saccadePriors(memory(), CALM, [{ box, score: 0.8, label: 'pole', coasted, rest }], TIGHT);
    const [fresh, stale] = [at(0.1), at(4)];
    for (const block of [1, 7, 13, 19]) {
      if (block === 19) expect(fresh[block]).toBeCloseTo(stale[block]);
      else expect(stale[block]).toBeGreaterThan(fresh[block] + 2);
    }
    // What moves by itself is followed.
    expect(at(0.1, 0)).toEqual(at(4, 0));
    expect(at(0.1, 0)[7]).toBeGreaterThan(stale[7]);
  });

  it('nothing rests where there is room for all tracks, unless the camera stands', () => {
    const box = { x: 20, y: 10, width: 10, height: 30 };
    const at = (coasted: number, where: typeof MOVING) =>
      saccadePriors(memory(), CALM, [{ box, score: 0.8, label: 'pole', coasted, rest: 3 }], where)[7];
    expect(at(0.1, MOVING)).toBe(at(4, MOVING));
    expect(at(0.1, STANDING)).toBeLessThan(at(4, STANDING) - 2);
    expect(at(0.1, TIGHT)).toBeLessThan(at(4, TIGHT) - 2);
    // The track wants three blocks, each 0.9, and may have 2.35.
    const between = { ...MOVING, budget: 0.098 };
    expect(at(0.1, between)).toBeLessThan(at(4, between) - 0.5);
    expect(at(0.1, between)).toBeGreaterThan(at(0.1, TIGHT) + 0.5);
    // Where nothing may be looked at there are priorities still.
    expect(saccadePriors(memory(), CALM, [], { ...MOVING, budget: 0 }).every(Number.isFinite)).toBe(true);
  });

  it('of overlapping tracks of one name the one just seen rests for all; another name counts for itself', () => {
    const box = { x: 20, y: 10, width: 10, height: 30 };
    const seen = { box, score: 0.5, label: 'pole', coasted: 0.1, rest: 3 };
    const repeat = { ...seen, score: 0.4, coasted: 6 };
    const at = (...tracks: (typeof seen)[]) => saccadePriors(memory(), CALM, tracks, TIGHT)[7];
    expect(at(seen, repeat)).toBeCloseTo(at(seen));
    expect(at(seen, { ...repeat, label: 'person' })).toBeGreaterThan(at(seen) + 1);
  });

  it('what is new draws the eye while the camera moves; where it stands, energy does', () => {
    const novelty = QUIET.slice();
    novelty[8] = 1;
    novelty[9] = 50;
    novelty[11] = 5000;
    const moving = saccadePriors(memory(), { energy: QUIET, novelty }, [], MOVING);
    expect(moving[8]).toBeGreaterThan(moving[10] + 1);
    expect(moving[9]).toBe(moving[11]);
    expect(moving[9]).toBeLessThan(moving[10] + 16);
    const still = saccadePriors(memory(), { energy: QUIET, novelty }, [], STANDING);
    expect(still[8]).toBe(still[10]);
  });

  it('where half of a frame is new, each part draws less than something new in a calm one', () => {
    const half = QUIET.map((_, i) => (i % 2 === 0 ? 1 : 0.1));
    const alone = QUIET.slice();
    alone[8] = 1;
    const draw = (novelty: Float32Array) => {
      const priors = saccadePriors(memory(), { energy: QUIET, novelty }, [], MOVING);
      return priors[8] - priors[9];
    };
    expect(draw(half)).toBeGreaterThan(0.5);
    expect(draw(half)).toBeLessThan(draw(alone) / 4);
  });

  it('regions: the strongest over a block counts, also a warning off', () => {
    const map = regionMap(
      [
        { box: { x: 0, y: 0, width: 20, height: 16 }, strength: 1 },
        { box: { x: 16, y: 0, width: 16, height: 16 }, strength: -3 },
        { box: { x: 900, y: 0, width: 16, height: 16 }, strength: 5 },
      ],
      GRID,
      16,
    );
    expect([...map.slice(0, 3)]).toEqual([1, -3, 0]);
  });
});

describe('motion alerts', () => {
  it('neighbours that start to move are one alert; what always moves is none', () => {
    const energy = QUIET.slice();
    for (const block of [8, 9, 14]) energy[block] = 1;
    energy[23] = 1;
    const before = QUIET.slice();
    before[23] = 0.9;
    const alerts = motionAlerts({ energy, novelty: QUIET }, before, GRID, 16, 1);
    expect(alerts.map(({ box }) => box)).toEqual([{ x: 32, y: 16, width: 32, height: 32 }]);
    expect(alerts[0].strength).toBeGreaterThan(0.5);
    expect(motionAlerts({ energy, novelty: QUIET }, before, GRID, 16, 0)).toEqual([]);
    expect(motionAlerts(CALM, QUIET, GRID, 16, 1)).toEqual([]);
  });

  it('of what goes by near a moving camera are none, unless it is new', () => {
    const energy = new Float32Array(BLOCKS);
    energy[8] = 3;
    const novelty = new Float32Array(BLOCKS);
    expect(motionAlerts({ energy, novelty }, QUIET, GRID, 16, 0)).toEqual([]);
    novelty[8] = 1;
    expect(motionAlerts({ energy, novelty }, QUIET, GRID, 16, 0)).toHaveLength(1);
  });
});
