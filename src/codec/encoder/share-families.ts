/**
 * Tensors of a file take the same parametric family of tables where that costs next to nothing: a decoder expands a
 * family once, and what it reads while it decodes stays in its cache.
 */
import { sumClasses } from '../contexts.ts';
import { SHAPES, ZERO_FACTORS } from '../tables.ts';
import { type ContextModel, parametricTables, TRANSMITTED } from '../tensor-record.ts';
import { allFamilies, countSymbols, type Family } from './class-contexts.ts';
import type { EncodedTensor } from './encode-tensor.ts';

/** What a tensor may grow for it: a share of its bits, and some bits. */
const SHARE = 0.001;
const BITS = 64;

/** By number of the family, those that cost a tensor next to nothing. */
type Options = ReadonlyMap<number, Family>;

function optionsOf({ record, symbols, quantisers }: EncodedTensor): Options {
  const { classes, base } = record.context;
  const counts = countSymbols(symbols, sumClasses(record.shape, classes), quantisers);
  const families = allFamilies(counts, base);
  const least = families.reduce((bits, family) => Math.min(bits, family.bits), Number.POSITIVE_INFINITY);
  const most = least * (1 + SHARE) + BITS;
  return new Map([...families.entries()].filter(([, { bits }]) => bits <= most));
}

function withFamily(tensor: EncodedTensor, { shape, zero, base }: Family): EncodedTensor {
  const { record } = tensor;
  const trellis = record.context.between !== null;
  const context: ContextModel = {
    ...record.context,
    shape,
    zero,
    base,
    tables: parametricTables(shape, zero, 0),
    between: trellis ? parametricTables(shape, zero, 1) : null,
  };
  return { ...tensor, record: { ...record, context } };
}

/** The fewest families, about, that all tensors can do with: the one that most weights can take, and so on. */
function chooseFamilies(all: readonly { readonly elements: number; readonly options: Options }[]): number[] {
  const chosen: number[] = [];
  let open = all;
  while (open.length > 0) {
    const weights = new Float64Array(SHAPES * ZERO_FACTORS.length);
    for (const { elements, options } of open)
      for (const number of options.keys()) weights[number] += elements;
    const best = weights.indexOf(weights.reduce((a, b) => Math.max(a, b)));
    chosen.push(best);
    open = open.filter(({ options }) => !options.has(best));
  }
  return chosen;
}

/** @returns the tensors in their order; those with transmitted tables as they are */
export function shareFamilies(tensors: readonly EncodedTensor[]): EncodedTensor[] {
  const all = tensors.map((tensor) => ({
    tensor,
    elements: tensor.record.elements,
    // Of the trellis a family has other tables.
    trellis: tensor.record.context.between !== null,
    options: tensor.record.context.shape === TRANSMITTED ? new Map<number, Family>() : optionsOf(tensor),
  }));
  const open = all.filter(({ options }) => options.size > 0);
  const chosen = [false, true].map((trellis) =>
    chooseFamilies(open.filter((one) => one.trellis === trellis)),
  );
  return all.map(({ tensor, trellis, options }) => {
    const families = chosen[trellis ? 1 : 0].flatMap((number) => options.get(number) ?? []);
    if (families.length === 0) return tensor;
    return withFamily(
      tensor,
      families.reduce((a, b) => (b.bits < a.bits ? b : a)),
    );
  });
}
