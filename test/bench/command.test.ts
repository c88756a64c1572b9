/** `saccadenet bench` as a command: misuse, and the files that it writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { runCommand } from '../helpers/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('misuse', () => {
  it.each([
    [['--backend', 'cuda'], /--backend needs one of wasm, webgpu, not 'cuda'/],
    [['--host', 'firefox'], /--host needs one of node, chromium, not 'firefox'/],
    [['--rounds', '0'], /--rounds needs a whole number at least 1/],
    [['--shares', '0.1,2'], /--shares needs a number at least 0 and at most 1, not '2'/],
    [['--shares', ','], /--shares needs names/],
    [['--size', '480'], /--size needs WxH with sides of 1 to 8192, as in 480x360, not '480'/],
    [['--picture', 'cost.png'], /--picture writes SVG; name a file that ends in \.svg, not 'cost\.png'/],
    [['extra'], /does not know what to do with 'extra'/],
  ])('%j exits 2 with one line', async (argv, message) => {
    const { code, stdout, stderr } = await runCommand('bench', ...argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

it('writes JSON alone on stdout, CSV and picture to the files named', async () => {
  const [model, csv, picture] = ['small.sacc', 'bench.csv', 'bench.svg'].map((name) => join(folder, name));
  writeFileSync(model, encodeModel(randomModel(EVEN_NET, 3)));
  const { code, stdout, stderr } = await runCommand(
    ...['bench', '--model', model, '--rounds', '1', '--size', '96x64', '--shares', '0.5'],
    ...['--csv', csv, '--picture', picture, '--json'],
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    backend: 'wasm',
    host: 'node',
    frame: { width: 96, height: 64 },
    rounds: 1,
    peers: [],
  });
  expect(report.machine).toMatchObject({ node: process.version });
  expect(readFileSync(csv, 'utf8').split('\n')[0]).toMatch(/^saccadenet,gpu,cpu,/);
  expect(readFileSync(picture, 'utf8')).toContain('Cost of a frame against attention: wasm, 96x64');
});
