/** The log survives stops and new columns, and its picture shows every loss. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drawLearningCurve, learningCurve } from '../../train/loop/learning-curve.ts';
import { LOG_FILE, openLog, readLog } from '../../train/loop/log.ts';

const root = mkdtempSync(join(tmpdir(), 'saccadenet-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = () => mkdtempSync(join(root, 'run-'));

const row = (step: number, more = {}) => ({
  step,
  minutes: step / 100,
  rate: 1e-3,
  total: 5 / step,
  gradient: step,
  ...more,
});

describe('log.csv', () => {
  it('holds what was written, as numbers by name', () => {
    const directory = folder();
    const log = openLog(directory, 0);
    log(row(20));
    log(row(40));
    expect(readLog(directory)).toEqual([
      { step: 20, minutes: 0.2, rate: 1e-3, total: 0.25, gradient: 20 },
      { step: 40, minutes: 0.4, rate: 1e-3, total: 0.125, gradient: 40 },
    ]);
  });

  it('a resumed run drops the lines after its checkpoint and a line cut short, and goes on', () => {
    const directory = folder();
    const before = openLog(directory, 0);
    for (const step of [20, 40, 60]) before(row(step));
    appendFileSync(join(directory, LOG_FILE), '80,0.8');
    openLog(directory, 40)(row(60, { total: 9 }));
    expect(readLog(directory).map(({ step, total }) => [step, total])).toEqual([
      [20, 0.25],
      [40, 0.125],
      [60, 9],
    ]);
  });

  it('takes columns that come later; earlier lines have no number there', () => {
    const directory = folder();
    const log = openLog(directory, 0);
    log(row(20));
    log(row(40, { validPole: 0.5 }));
    log(row(60));
    expect(readLog(directory).map(({ validPole }) => validPole)).toEqual([Number.NaN, 0.5, Number.NaN]);
  });
});

describe('learning-curve.svg', () => {
  it('draws a line for each number that there is, within the picture', () => {
    const svg = learningCurve(
      [20, 40, 60].map((step) => row(step, step === 40 ? { validPoleAP30: 0.5 } : {})),
    );
    for (const name of ['total 0.083', 'gradient 60', 'rate', 'validPoleAP30 0.5'])
      expect(svg).toContain(name);
    expect(svg).not.toContain('NaN');
    expect(svg.match(/<path/g)).toHaveLength(4);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    for (const [, points] of svg.matchAll(/d="M([^"]+)"/g)) {
      for (const [x, y] of points.split('L').map((point) => point.split(' ').map(Number))) {
        expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
      }
    }
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('is drawn beside the log, from one line on', () => {
    const directory = folder();
    drawLearningCurve(directory);
    openLog(directory, 0)(row(20));
    drawLearningCurve(directory);
    expect(readFileSync(join(directory, 'learning-curve.svg'), 'utf8')).toContain('</svg>');
  });
});
