/**
 * What an evaluation runs: one model on a set, or several folds, each on the sequences that it was not trained on
 * (`--folds A.sacc=S1,B.sacc=S2+S3`).
 */

import { UsageError } from '../arguments.ts';

/** A model and the images that it is scored on. */
export interface Part {
  /** Undefined: the shipped model. */
  readonly model?: string;
  readonly sequences?: readonly string[];
  readonly excludeSequences?: readonly string[];
}

/** The folds of `FILE=SEQUENCE[+SEQUENCE],...`. @throws UsageError for anything else, and for a sequence named twice. */
export function foldParts(option: string, text: string): Part[] {
  const example = `--${option} a.sacc=S1,b.sacc=S2+S3`;
  const parts = text.split(',').map((fold): Part => {
    const cut = fold.lastIndexOf('=');
    const [model, sequences] = [fold.slice(0, cut).trim(), names(fold.slice(cut + 1))];
    if (cut < 1 || model === '' || sequences.length === 0) {
      throw new UsageError(
        `--${option} needs a model and its held-out sequences, as in ${example}, not '${fold}'`,
      );
    }
    return { model, sequences };
  });
  const all = parts.flatMap(({ sequences = [] }) => sequences);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`--${option} names sequence ${twice} twice; each is held out by one fold`);
  return parts;
}

function names(text: string): string[] {
  return text
    .split('+')
    .map((name) => name.trim())
    .filter(Boolean);
}
