/**
 * Quantiser steps: the largest step with which a tensor reaches a signal-to-noise ratio.
 * SQNR in dB = 10 log10(sum w^2 / sum (w - round(w / step) step)^2), with the float32 products that a decoder gives.
 */

/** Round half away from zero: symmetric, and the same everywhere. */
export function quantise(value: number, step: number): number {
  const level = Math.floor(Math.abs(value) / step + 0.5);
  return value < 0 ? -level : level;
}

export function energy(data: Float32Array): number {
  let sum = 0;
  for (const value of data) sum += value * value;
  return sum;
}

/** Sum of squared errors of the decoder's float32 values. */
function quantisationError(data: Float32Array, step: number): number {
  let sum = 0;
  for (const value of data) {
    const error = value - Math.fround(quantise(value, step) * step);
    sum += error * error;
  }
  return sum;
}

/** SQNR of two arrays in dB; Infinity where they are equal. */
export function sqnrDb(original: Float32Array, decoded: Float32Array): number {
  let error = 0;
  for (let i = 0; i < original.length; i++) error += (original[i] - decoded[i]) ** 2;
  return error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(energy(original) / error);
}

const BISECTIONS = 18;

/** A step at which the tensor reaches `targetDb`, within 1e-4 of the largest that bisection finds; 1 for zeros. */
export function stepForSqnr(data: Float32Array, targetDb: number): number {
  const signal = energy(data);
  if (signal === 0) return 1;
  const most = signal / 10 ** (targetDb / 10);
  // Uniform noise has step^2 / 12 a value; real error lies below it where the step is coarse, and near it else.
  const guess = Math.sqrt((12 * most) / data.length);
  let good = guess / 4;
  while (quantisationError(data, Math.fround(good)) > most) good /= 2;
  let bad = good * 2;
  while (quantisationError(data, Math.fround(bad)) <= most && bad < 64 * guess) bad *= 2;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = Math.sqrt(good * bad);
    if (quantisationError(data, Math.fround(middle)) <= most) good = middle;
    else bad = middle;
  }
  return Math.fround(good);
}
