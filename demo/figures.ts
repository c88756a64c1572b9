/** Figures of a result as text: shares, work saved, rates, and a sentence for those who do not see the picture. */
import type { Result } from 'saccadenet';

/** Share of blocks that were attended, 0..1. */
export function attendedShare({ attention }: Result): number {
  const { gates } = attention;
  let attended = 0;
  for (const gate of gates) if (gate > 0) attended++;
  return gates.length === 0 ? 0 : attended / gates.length;
}

/** Share of the dense network's MACs that was not computed; below zero where more was. */
export function savedShare({ macs }: Result): number {
  return 1 - (macs.attention + macs.detail) / macs.dense;
}

export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${rounded < 0 ? '−' : ''}${Math.abs(rounded)} %`;
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

export function countOf({ detections }: Result, label: string): number {
  return detections.filter((detection) => detection.label === label).length;
}

/** What was done to a noisy, blocky or flat frame before it was looked at. */
export function treatmentText({ treatment }: Result): string {
  if (!treatment) return 'clear';
  const { outliers, smoothing, gain } = treatment;
  const noise = smoothing > 0 ? ['smoothed'] : outliers ? ['mended'] : [];
  return [...noise, ...(gain === 1 ? [] : [`contrast × ${gain.toFixed(1)}`])].join(', ');
}

/** 'Two people and one pole' in figures: the canvas' text alternative. */
export function describe(result: Result): string {
  const people = countOf(result, 'person');
  const poles = countOf(result, 'pole');
  const found = `${people} ${people === 1 ? 'person' : 'people'} and ${poles} ${poles === 1 ? 'pole' : 'poles'} found`;
  const alerts = result.alerts?.length ? ` ${result.alerts.length} places move.` : '';
  return `${found}; ${percent(attendedShare(result))} of the blocks looked at.${alerts}`;
}

/** Frames a second over the last two seconds of results. */
export class RateMeter {
  static readonly WINDOW_MS = 2000;
  #timesMs: number[] = [];

  /** Counts a frame at `nowMs`. @returns frames a second, or null before the second frame. */
  count(nowMs: number): number | null {
    this.#timesMs.push(nowMs);
    while (this.#timesMs.length > 2 && nowMs - this.#timesMs[0] > RateMeter.WINDOW_MS) this.#timesMs.shift();
    const spanMs = nowMs - this.#timesMs[0];
    return spanMs > 0 ? ((this.#timesMs.length - 1) * 1000) / spanMs : null;
  }

  reset(): void {
    this.#timesMs = [];
  }
}
