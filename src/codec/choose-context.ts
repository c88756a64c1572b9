/**
 * The encoder's choice of a context model: it prices candidates by the bits that they would take and keeps the
 * cheapest. Scale classes of an axis are quarter octaves of the root mean square along it; an axis gets classes
 * where they save more than their half byte an index.
 */
import { clampContext, forRows } from './contexts.ts';
import { splitLevel } from './low-bits.ts';
import { type Frequencies, MAX_LEVEL, PROBABILITY_ONE, SCALES, SHAPES, SYMBOLS } from './tables.ts';
import {
  type ContextModel,
  MAX_LOW_BITS,
  MAX_RANK,
  parametricTables,
  TRANSMITTED,
  writeRecord,
} from './tensor-record.ts';

const MAX_CLASS = 15;
/** What an entry of the side list takes, about. */
const SIDE_BITS = 28;
/** Spread of high parts above which another bit goes raw: the symbols then still hold 5 deviations. */
const MAX_SPREAD = 12;
/** Widest spread that low bits can carry; wider tensors are better stored raw. */
export const MAX_CODED_SPREAD = 20 * 2 ** MAX_LOW_BITS;

/** What a sum of classes divides energies by: a class is a quarter octave of amplitude. */
const POWER = Float64Array.from({ length: MAX_RANK * MAX_CLASS + 1 }, (_, sum) => 2 ** (-sum / 2));

type Classes = (Uint8Array | null)[];

/** Bits of each symbol -63 .. 63 under a table; what it cannot express goes by its end and the side list. */
function symbolBits(table: Frequencies): Float64Array {
  const bits = Float64Array.from(table, (frequency) => Math.log2(PROBABILITY_ONE / frequency));
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    if (table[symbol] > 0) continue;
    bits[symbol] = bits[nearestSymbol(table, symbol)] + SIDE_BITS;
  }
  return bits;
}

/** The symbol of frequency above 0 that is nearest to a symbol, on the side of level 0 first. */
export function nearestSymbol(table: Frequencies, symbol: number): number {
  const inwards = symbol > MAX_LEVEL ? -1 : 1;
  for (let distance = 0; distance < SYMBOLS; distance++) {
    if (table[symbol + inwards * distance] > 0) return symbol + inwards * distance;
    if (table[symbol - inwards * distance] > 0) return symbol - inwards * distance;
  }
  return MAX_LEVEL;
}

/** The deviation of a normal distribution with the same 99th percentile of |level|: outliers do not widen it. */
export function spreadOf(levels: Int32Array): number {
  const sorted = levels.map(Math.abs).sort();
  return sorted[Math.floor(0.99 * (sorted.length - 1))] / 2.576;
}

/** Quarter-octave classes of an axis from the energy at each index, after the axes chosen before. */
function axisClasses(shape: readonly number[], axis: number, highs: Int32Array, chosen: Classes): Uint8Array {
  const sums = new Float64Array(shape[axis]);
  const inner = shape[shape.length - 1];
  const stride = shape.slice(axis + 1).reduce((product, dimension) => product * dimension, 1);
  const last = chosen[shape.length - 1];
  forRows(shape, chosen, 0, highs.length, (outerSum, start, end) => {
    for (let i = start; i < end; i++) {
      const classSum = outerSum + (last === null ? 0 : last[i % inner]);
      sums[Math.floor(i / stride) % shape[axis]] += highs[i] ** 2 * POWER[classSum];
    }
  });
  const count = highs.length / shape[axis];
  // A tenth of a level keeps empty indices in range; 4 log2 of the root is 2 log2 of the mean square.
  const octaves = Array.from(sums, (sum) => 2 * Math.log2(sum / count + 0.01));
  const most = Math.max(...octaves);
  const least = Math.max(Math.min(...octaves), most - MAX_CLASS);
  return Uint8Array.from(octaves, (value) => Math.round(Math.min(MAX_CLASS, Math.max(0, value - least))));
}

/** Counts of symbols for each sum of classes: [sums][127]. */
function histograms(shape: readonly number[], highs: Int32Array, classes: Classes): Float64Array[] {
  const counts: Float64Array[] = [];
  const inner = shape[shape.length - 1];
  const last = classes[shape.length - 1];
  forRows(shape, classes, 0, highs.length, (outerSum, start, end) => {
    for (let i = start; i < end; i++) {
      const sum = outerSum + (last === null ? 0 : last[i % inner]);
      counts[sum] ??= new Float64Array(SYMBOLS);
      counts[sum][Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, highs[i])) + MAX_LEVEL]++;
    }
  });
  return counts;
}

interface Priced {
  readonly bits: number;
  readonly context: ContextModel;
}

const parametricBits = new Map<number, Float64Array[]>();

function priceParametric(counts: readonly Float64Array[], classes: Classes, lowBits: number): Priced {
  let best: Priced = { bits: Number.POSITIVE_INFINITY, context: null as never };
  for (let shape = 0; shape < SHAPES; shape++) {
    const tables = parametricTables(shape);
    let bitsOf = parametricBits.get(shape);
    if (bitsOf === undefined) {
      bitsOf = tables.map(symbolBits);
      parametricBits.set(shape, bitsOf);
    }
    for (let base = 2 - counts.length; base < SCALES; base++) {
      const context = { shape, lowBits, base, classes, tables };
      let bits = 0;
      // counts has holes at sums that do not occur; forEach passes over them.
      counts.forEach((symbols, sum) => {
        const price = bitsOf[clampContext(context, sum)];
        for (let symbol = 0; symbol < SYMBOLS; symbol++) {
          if (symbols[symbol] > 0) bits += symbols[symbol] * price[symbol];
        }
      });
      if (bits < best.bits) best = { bits, context };
    }
  }
  return best;
}

/** Frequencies in proportion to counts, at least 1 where a symbol occurs. */
function fitTable(counts: Float64Array): Frequencies {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const table = Uint16Array.from(counts, (count) =>
    count === 0 ? 0 : Math.max(1, Math.round((count * PROBABILITY_ONE) / total)),
  );
  let rest = PROBABILITY_ONE - table.reduce((sum, frequency) => sum + frequency, 0);
  while (rest !== 0) {
    const greatest = table.reduce((best, frequency, symbol) => (frequency > table[best] ? symbol : best), 0);
    const change = Math.max(rest, 1 - table[greatest]);
    table[greatest] += change;
    rest -= change;
  }
  return table;
}

function priceTransmitted(counts: readonly Float64Array[], axes: number, lowBits: number): Priced {
  const table = fitTable(counts[0]);
  const price = symbolBits(table);
  const bits = counts[0].reduce((sum, count, symbol) => (count > 0 ? sum + count * price[symbol] : sum), 0);
  const classes = new Array<null>(axes).fill(null);
  return { bits, context: { shape: TRANSMITTED, lowBits, base: 0, classes, tables: [table] } };
}

/** Bits of the record beyond name and dimensions. */
function modelBits(context: ContextModel): number {
  const record = { name: '', shape: [], elements: 1, coding: 2, step: 1, context } as const;
  return 8 * writeRecord(record).length;
}

/** @param levels quantised values of a tensor of that shape, row-major */
export function chooseContext(shape: readonly number[], levels: Int32Array): ContextModel {
  let lowBits = 0;
  const spread = spreadOf(levels);
  while (lowBits < MAX_LOW_BITS && spread / 2 ** lowBits > MAX_SPREAD) lowBits++;
  const highs = lowBits === 0 ? levels : levels.map((level) => splitLevel(level, lowBits).high);

  const total = ({ bits, context }: Priced) => bits + modelBits(context);
  const none: Classes = shape.map(() => null);
  const plain = histograms(shape, highs, none);
  let best = priceParametric(plain, none, lowBits);
  const transmitted = priceTransmitted(plain, shape.length, lowBits);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] < 2) continue;
    const classes = best.context.classes.slice();
    classes[axis] = axisClasses(shape, axis, highs, classes);
    const priced = priceParametric(histograms(shape, highs, classes), classes, lowBits);
    if (total(priced) < total(best)) best = priced;
  }
  return total(transmitted) < total(best) ? transmitted.context : best.context;
}
