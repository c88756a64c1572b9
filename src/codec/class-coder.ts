/**
 * The classes of version 5: small whole numbers around a centre, under a bell or a peak that two numbers name. rANS as of the
 * weights (rans-encoder.ts), four lanes in turn, from the header's last bytes.
 */
import { formatError } from './format-error.ts';

export const CLASSES = 16;
export const CLASS_LANES = 4;
/** Every class keeps 1 of 4096. */
const ONE = 4096;
const SHARED = ONE - CLASSES;
const BITS = 16;
export const CLASS_STATE_LOW = 2 ** 16;
/** Words of 16 bits follow the states. */
export const CLASS_WORDS_AT = 4 * CLASS_LANES;

/** How classes of an axis lie: the likeliest one, and a number of the tables below, 16 more for a peak. */
export interface ClassLaw {
  /** 0 .. 15 */
  readonly centre: number;
  /** 0 .. 31 */
  readonly spread: number;
}

/** round(2^16 exp(-1 / (2 s^2))), s = 2^(3i/8) / 4. */
export const BELL = [
  22, 563, 3874, 12192, 24109, 36162, 46019, 53111, 57835, 60842, 62703, 63836, 64520, 64930, 65175, 65321,
];
/** round(2^16 exp(-1 / s)). */
export const PEAK = [
  1200, 2999, 6075, 10471, 15933, 22023, 28267, 34267, 39750, 44569, 48681, 52110, 54917, 57185, 58997, 60434,
];

/** What a step takes of a weight. */
function times(a: number, b: number): number {
  return Math.floor((a * b) / 2 ** BITS);
}

/** Weights of the distances 0 .. 15 from the centre. */
function weightsOf(spread: number): number[] {
  const peak = spread >= CLASSES;
  const factor = (peak ? PEAK : BELL)[spread % CLASSES];
  const weights = [2 ** BITS];
  for (let distance = 1, ratio = factor; distance < CLASSES; distance++) {
    weights.push(times(weights[distance - 1], ratio));
    if (!peak) ratio = times(times(ratio, factor), factor);
  }
  return weights;
}

/** Frequencies of the 16 classes; they sum to 4096. */
export function classFrequencies({ centre, spread }: ClassLaw): number[] {
  const weights = weightsOf(spread);
  const own = Array.from({ length: CLASSES }, (_, value) => weights[Math.abs(value - centre)]);
  const total = own.reduce((sum, weight) => sum + weight, 0);
  const found = own.map((weight) => 1 + Math.floor((weight * SHARED) / total));
  found[centre] += ONE - found.reduce((sum, frequency) => sum + frequency, 0);
  return found;
}

/** What reads or writes the classes of an axis; which it is decides what is done with `values`. */
export interface ClassCoder {
  /** The law to write under; a reader has none to choose. */
  lawOf(values: Uint8Array): ClassLaw;
  code(law: ClassLaw, values: Uint8Array): void;
}

export class ClassReader implements ClassCoder {
  readonly #view: DataView;
  readonly #states: number[] = [];
  #at = CLASS_WORDS_AT;
  #count = 0;

  /** @param bytes of the section; empty where no axis has classes. @throws SaccadeNetError MODEL_FORMAT */
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length === 0) return;
    if (bytes.length < CLASS_WORDS_AT) throw formatError(`The classes have ${bytes.length} bytes`);
    for (let lane = 0; lane < CLASS_LANES; lane++) this.#states.push(this.#view.getUint32(4 * lane, true));
    if (this.#states.some((state) => state < CLASS_STATE_LOW))
      throw formatError('A lane of the classes begins with too low a state');
  }

  lawOf(): ClassLaw {
    return { centre: 0, spread: 0 };
  }

  /** @throws SaccadeNetError MODEL_FORMAT */
  code(law: ClassLaw, found: Uint8Array): void {
    if (this.#states.length === 0) throw formatError('A tensor has classes, but the file holds none');
    const frequencies = classFrequencies(law);
    for (let i = 0; i < found.length; i++) {
      const lane = this.#count++ % CLASS_LANES;
      const state = this.#states[lane];
      let [value, rank] = [0, state % ONE];
      while (rank >= frequencies[value]) rank -= frequencies[value++];
      let next = frequencies[value] * Math.floor(state / ONE) + rank;
      if (next < CLASS_STATE_LOW) {
        if (this.#at + 2 > this.#view.byteLength) throw formatError('The classes end too early');
        next = next * 2 ** BITS + this.#view.getUint16(this.#at, true);
        this.#at += 2;
      }
      this.#states[lane] = next;
      found[i] = value;
    }
  }

  /** Whether the section was read to its end and every lane is where an encoder begins. */
  get ended(): boolean {
    if (this.#states.length === 0) return true;
    return this.#at === this.#view.byteLength && this.#states.every((state) => state === CLASS_STATE_LOW);
  }
}
