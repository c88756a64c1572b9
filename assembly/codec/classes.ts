/** The classes of contexts: the reader of src/codec/class-coder.ts. */
import { CLASS_FACTORS, CLASS_FREQUENCIES, CLASS_STARTS, CLASS_STATES, CLASS_WEIGHTS } from './memory';
import { lose } from './range-coder';

const CLASSES: u32 = 16;
/** Of 4096 slots those that are shared out by weight: every class has one besides. */
const SHARED: u32 = 4080;
const STATE_LOW: u32 = 1 << 16;
const LANES: u32 = 4;

/** The next word, and the end of them. */
let at: usize = 0;
let end: usize = 0;
/** Classes read so far: they take the lanes in turn. */
let count: u32 = 0;

/** @param from of the section, maybe empty */
export function openClasses(from: usize, to: usize): void {
  count = 0;
  at = min(to, from + 4 * LANES);
  end = to;
  memory.fill(CLASS_STATES, 0, 4 * LANES);
  if (from === to) return;
  if (from + 4 * LANES > to) return lose();
  for (let lane: usize = 0; lane < 4 * LANES; lane += 4) {
    const state = load<u32>(from + lane);
    if (state < STATE_LOW) lose();
    store<u32>(CLASS_STATES + lane, state);
  }
}

/** Whether every word was read and every lane is where an encoder begins; without a section, all are 0. */
export function classesEnded(): bool {
  const first = load<u32>(CLASS_STATES);
  const states = v128.load(CLASS_STATES);
  return at === end && (first === 0 || first === STATE_LOW) && i32x4.all_true(i32x4.eq(states, i32x4.splat(first)));
}

/** Starts and frequencies of the classes around `centre`. */
function makeLaw(centre: u32, spread: u32): void {
  const factor = <u32>load<u16>(CLASS_FACTORS + (<usize>spread << 1));
  const bell = spread < CLASSES;
  let weight: u32 = 65536, ratio = factor;
  for (let distance: u32 = 0; distance < CLASSES; distance++) {
    store<u32>(CLASS_WEIGHTS + (<usize>distance << 2), weight);
    weight = weight * ratio >>> 16;
    if (bell) ratio = (ratio * factor >>> 16) * factor >>> 16;
  }
  let total: u32 = 0;
  for (let value: u32 = 0; value < CLASSES; value++) {
    total += load<u32>(CLASS_WEIGHTS + (<usize>abs<i32>(value - centre) << 2));
  }
  let start: u32 = 0, rest: u32 = 4096;
  for (let pass = 0; pass < 2; pass++) {
    for (let value: u32 = 0; value < CLASSES; value++) {
      const place = CLASS_FREQUENCIES + (<usize>value << 1);
      if (pass === 0) {
        const own = 1 + load<u32>(CLASS_WEIGHTS + (<usize>abs<i32>(value - centre) << 2)) * SHARED / total;
        store<u16>(place, own);
        rest -= own;
      } else {
        // What is left is the centre's.
        const own = load<u16>(place) + (value === centre ? rest : 0);
        store<u16>(place, own);
        store<u16>(CLASS_STARTS + (<usize>value << 1), start);
        start += own;
      }
    }
  }
}

/** `number` classes, each times `unit`, at `out`. @returns the highest; `lose` where words run out or there is no section */
export function classes(out: usize, number: u32, unit: u32, centre: u32, spread: u32): u32 {
  makeLaw(centre, spread);
  const low = v128.load(CLASS_STARTS), high = v128.load(CLASS_STARTS, 16);
  let highest: u32 = 0;
  for (let i: u32 = 0; i < number; i++) {
    const lane = CLASS_STATES + (<usize>(count++ & (LANES - 1)) << 2);
    const state = load<u32>(lane), slot = state & 4095;
    const slots = i16x8.splat(<i16>slot);
    // The last class that begins at the slot or before.
    const begun = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.le_s(low, slots), i16x8.le_s(high, slots)));
    const value = <usize>(popcnt<i32>(begun) - 1);
    const next = load<u16>(CLASS_FREQUENCIES + (value << 1)) * (state >>> 12) + slot - load<u16>(CLASS_STARTS + (value << 1));
    // Whether a word is due is not to be foretold: no branch.
    const due = next < STATE_LOW;
    const word = load<u16>(at);
    at += <usize>due << 1;
    if (at > end) {
      lose();
      return 0;
    }
    store<u32>(lane, select<u32>((next << 16) | word, next, due));
    const found = <u32>value * unit;
    highest = max(highest, found);
    store<u8>(out + i, found);
  }
  return highest;
}
