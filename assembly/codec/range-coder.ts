/**
 * The header's stream of adaptive decisions: the reader of src/codec/adaptive.ts. What is wrong with a stream is left to
 * that one to say; here it sets `lost`.
 */
import { RATES, TEXT_SETS, WORD_SET } from './memory';

const LIMIT: u32 = 30;
const FRESH: u32 = 32768 << 8;
const LEFT_OUT: usize = 3;
const SMALLEST: u32 = 1 << 24;
/** Decisions of a set, and bytes of them. */
const SET: u32 = 160;
const WORDS: u32 = 1 << 13;
const TEXT: u32 = 1 << 16;

let at: usize = 0;
let end: usize = 0;
let range: u32 = 0;
let code: u32 = 0;
/** Whether the stream ended too early or said what cannot be. */
export let lost: bool = false;

function fresh(set: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 4) v128.store(set + (<usize>i << 2), i32x4.splat(FRESH));
}

export function lose(): void {
  lost = true;
}

// @ts-ignore: decorator
@inline
function next(): u32 {
  const from = at++;
  if (from < end) return load<u8>(from);
  if (from >= end + LEFT_OUT) lost = true;
  return 0;
}

/** @param sets named sets that are to be fresh, at `first` */
export function open(from: usize, to: usize, first: usize, sets: u32): void {
  at = from;
  end = to;
  lost = false;
  range = 0xffffffff;
  code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | next();
  fresh(first, sets * SET);
  fresh(WORD_SET, WORDS);
}

/** Whether the stream was read to its end, neither less nor more. */
export function ended(): bool {
  return at === end + LEFT_OUT;
}

/** What a decision has learnt once a bit was seen. */
// @ts-ignore: decorator
@inline
function learnt(known: u32, bit: u32): u32 {
  const n = known & 255, p = <i32>(known >>> 8);
  const target = bit ? 0 : 65535;
  const moved = p + (((target - p) * load<i32>(RATES + (n << 2))) >> 15);
  return (<u32>moved << 8) | min(n + 1, LIMIT);
}

// @ts-ignore: decorator
@inline
function clamp(p: u32): u32 {
  return min(65504, max(32, p));
}

/** One bit of probability p / 65536 of being 0. */
// @ts-ignore: decorator
@inline
function bit(p: u32): u32 {
  const bound = (range >>> 16) * p;
  const one = code >= bound;
  let left = select<u32>(range - bound, bound, one);
  let rest = select<u32>(code - bound, code, one);
  while (left < SMALLEST) {
    left <<= 8;
    rest = (rest << 8) | next();
  }
  range = left;
  code = rest;
  return <u32>one;
}

function decide(place: usize): u32 {
  const known = load<u32>(place);
  const found = bit(clamp(known >>> 8));
  store<u32>(place, learnt(known, found));
  return found;
}

export function tree(set: usize, width: u32): u32 {
  let node: u32 = 1;
  for (let k: u32 = 0; k < width; k++) node = 2 * node + decide(set + (node << 2));
  return node - (1 << width);
}

/** `width` bits, 8 at most, that follow no law. */
function bits(width: u32): u32 {
  const part = range >>> width;
  const value = min(code / part, (1 << width) - 1);
  let left = part, rest = code - value * part;
  while (left < SMALLEST) {
    left <<= 8;
    rest = (rest << 8) | next();
  }
  range = left;
  code = rest;
  return value;
}

/** `width` bits more below `value`, 8 at a time. */
export function raw(width: i32, value: u64): u64 {
  for (; width > 0; width -= 8) {
    const count = min(8, width);
    value = (value << count) | bits(count);
  }
  return value;
}

export function number(set: usize): u32 {
  let width: u32 = 0;
  while (width < 32 && decide(set + ((1 + width) << 2))) width++;
  let value: u64 = 1;
  // The two bits below the top one have models, the rest do not.
  if (width > 0) value = 2 * value + decide(set + ((40 + width) << 2));
  if (width > 1) value = 2 * value + decide(set + ((80 + 2 * width + (<u32>value & 1)) << 2));
  value = raw(<i32>width - 2, value);
  if (value > 0x100000000) lost = true;
  return <u32>(value - 1);
}

/** Bytes of a name after `before`, the last two. @returns all of them or-ed */
export function word(out: usize, count: u32, before: u32): u32 {
  let all: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let node: u32 = 1;
    for (let k = 0; k < 8; k++) {
      node = 2 * node + decide(WORD_SET + (((before * 256 + node) * 0x9e3779b1 >>> 19) << 2));
    }
    store<u8>(out + i, node);
    all |= node & 255;
    before = ((before & 255) << 8) | (node & 255);
  }
  return all;
}

/** Bytes of text: four models weighed by what they have seen. */
export function text(out: usize, count: u32): void {
  if (count > 0) fresh(TEXT_SETS, 4 * TEXT);
  let b1: u32 = 0, b2: u32 = 0, b3: u32 = 0;
  for (let i: u32 = 0; i < count && !lost; i++) {
    const one = (b1 + 1) * 0x2c1b3c6d;
    const two = (b1 | (b2 << 8)) * 0x9e3779b1;
    const three = (b1 | (b2 << 8) | (b3 << 16)) * 0x85ebca6b;
    let node: u32 = 1;
    for (let k = 0; k < 8; k++) {
      const spread = node * 0x2545f491;
      const m0 = TEXT_SETS + (node << 2);
      const m1 = TEXT_SETS + ((TEXT + (one + spread >>> 16)) << 2);
      const m2 = TEXT_SETS + ((2 * TEXT + (two + spread >>> 16)) << 2);
      const m3 = TEXT_SETS + ((3 * TEXT + (three + spread >>> 16)) << 2);
      const d0 = load<u32>(m0), d1 = load<u32>(m1), d2 = load<u32>(m2), d3 = load<u32>(m3);
      const w0 = 1 + (d0 & 255), w1 = 4 * (d1 & 255), w2 = 24 * (d2 & 255), w3 = 160 * (d3 & 255);
      const sum = w0 * (d0 >>> 8) + w1 * (d1 >>> 8) + w2 * (d2 >>> 8) + w3 * (d3 >>> 8);
      const found = bit(clamp(sum / (w0 + w1 + w2 + w3)));
      store<u32>(m0, learnt(d0, found));
      store<u32>(m1, learnt(d1, found));
      store<u32>(m2, learnt(d2, found));
      store<u32>(m3, learnt(d3, found));
      node = 2 * node + found;
    }
    store<u8>(out + i, node);
    b3 = b2;
    b2 = b1;
    b1 = node & 255;
  }
}
