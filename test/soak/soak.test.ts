/**
 * A short `npm run soak`: memory, what is left and lost devices, on the built package in Node and in Chromium. And
 * that its verdict is one: a soak that leaks is found.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript of the tools, without types
import { judge } from '../../tools/soak/report.mjs';
import { ROOT } from '../package/bundle.ts';

const run = promisify(execFile);
/** A minute where the machine has nothing else to do. */
const TIMEOUT_MS = 600_000;

async function soak(...only: string[]) {
  const args = [join(ROOT, 'tools', 'soak.mjs'), '--short', '--json', '--only', only.join(',')];
  const { stdout } = await run(process.execPath, args).catch((error) => error);
  const { rows } = JSON.parse(stdout.trim().split('\n').at(-1));
  return rows.map(({ name, verdict }: { name: string; verdict: string }) => [name, verdict]);
}

const allWell = (names: string[]) => names.map((name) => [name, 'ok']);

test(
  'in Node nothing grows and nothing is left behind',
  async () => {
    const names = ['node-wasm', 'node-wasm-cycles'];
    expect(await soak(...names)).toEqual(allWell(names));
  },
  TIMEOUT_MS,
);

test(
  'in Chromium nothing grows and nothing is left behind: frames, nets and streams on wasm in a worker',
  async () => {
    const names = ['page-wasm', 'page-wasm-cycles', 'page-streams'];
    expect(await soak(...names)).toEqual(allWell(names));
  },
  TIMEOUT_MS,
);

test(
  'in Chromium nothing grows and nothing is left on the GPU, and every lost device is replaced',
  async () => {
    const names = ['page-webgpu', 'page-webgpu-caller', 'page-webgpu-losses'];
    expect(await soak(...names)).toEqual(allWell(names));
  },
  TIMEOUT_MS,
);

describe('the verdict', () => {
  const job = {
    name: 'x',
    what: 'losses',
    backend: 'webgpu',
    size: { width: 1, height: 1 },
    count: 5,
    page: true,
  };
  const sample = { js: 1e6, backend: 1e6, gpu: 1e6, objects: 7, workers: 1, urls: 0 };
  const answer = { samples: [sample, sample], wrong: 0, left: 0, recovered: 5, tookMs: [3, 1, 2] };

  test.each([
    ['ok', {}],
    ['ok', { samples: [sample, { ...sample, js: 1.9e6 }] }],
    ['grew', { samples: [sample, { ...sample, js: 1.6e6, gpu: 1.6e6 }] }],
    ['1 left behind', { samples: [sample, { ...sample, objects: 8 }] }],
    ['2 left behind', { left: 2 }],
    ['3 wrong results', { wrong: 3 }],
    ['1 not recovered', { recovered: 4 }],
    ['a page error', { errors: ['a page error'] }],
  ])('%s', (verdict, more) => {
    expect(judge(job, { ...answer, ...more }, 1)).toMatchObject({
      verdict,
      recoveryP50Ms: 2,
      recoveryMaxMs: 3,
    });
  });
});
