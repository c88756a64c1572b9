/** The writing half of class-coder.ts. */
import { ByteWriter } from '../bytes.ts';
import {
  CLASS_LANES,
  CLASS_STATE_LOW,
  CLASSES,
  type ClassCoder,
  type ClassLaw,
  classFrequencies,
} from '../class-coder.ts';

/** Of one law: each class' frequency, and where it begins. */
interface Table {
  readonly frequencies: readonly number[];
  readonly starts: readonly number[];
}

/** Laws that classes may have, each with the bits of each class. */
const LAWS = Array.from({ length: CLASSES * 2 * CLASSES }, (_, i) => {
  const law: ClassLaw = { centre: i % CLASSES, spread: Math.floor(i / CLASSES) };
  return { law, bits: classFrequencies(law).map((frequency) => 12 - Math.log2(frequency)) };
});

/** The law under which the classes take the fewest bits, and how many. */
export function cheapestLaw(classes: Uint8Array): { readonly law: ClassLaw; readonly bits: number } {
  const counts = new Uint32Array(CLASSES);
  for (const value of classes) counts[value]++;
  const all = LAWS.map(({ law, bits }) => ({
    law,
    bits: bits.reduce((sum, price, value) => sum + counts[value] * price, 0),
  }));
  return all.reduce((a, b) => (b.bits < a.bits ? b : a));
}

export class ClassWriter implements ClassCoder {
  readonly #values: { readonly value: number; readonly table: Table }[] = [];

  lawOf(classes: Uint8Array): ClassLaw {
    return cheapestLaw(classes).law;
  }

  code(law: ClassLaw, classes: Uint8Array): void {
    const frequencies = classFrequencies(law);
    const starts = frequencies.map((_, i) => frequencies.slice(0, i).reduce((sum, one) => sum + one, 0));
    for (const value of classes) this.#values.push({ value, table: { frequencies, starts } });
  }

  /** The section, empty without classes. */
  finish(): Uint8Array {
    if (this.#values.length === 0) return new Uint8Array(0);
    const states = Array.from({ length: CLASS_LANES }, () => CLASS_STATE_LOW);
    const words: number[] = [];
    for (let i = this.#values.length - 1; i >= 0; i--) {
      const { value, table } = this.#values[i];
      const [frequency, start] = [table.frequencies[value], table.starts[value]];
      let state = states[i % CLASS_LANES];
      if (state >= frequency * 2 ** 20) {
        words.push(state % 2 ** 16);
        state = Math.floor(state / 2 ** 16);
      }
      states[i % CLASS_LANES] = Math.floor(state / frequency) * 4096 + start + (state % frequency);
    }
    const writer = new ByteWriter();
    for (const state of states) writer.u32(state);
    for (const word of words.reverse()) writer.u16(word);
    return writer.finish();
  }
}
