/** `saccadenet average`: the mean of runs as a model that can be used. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { randomModel } from '../../train/random-model.ts';
import { renderScene } from '../../train/scenes/index.ts';
import { EVEN_NET, ODD_NET } from '../conformance/nets.ts';
import { runCommand } from '../helpers/run-command.ts';
import { makeSampleFiles, type SampleFiles } from './sample-files.ts';

let files: SampleFiles;
const runs: string[] = [];
let otherNetwork: string;
beforeAll(() => {
  files = makeSampleFiles();
  const write = (name: string, model: ReturnType<typeof randomModel>) => {
    const file = join(files.directory, name);
    writeFileSync(file, encodeModel(model, { sqnrDb: 60 }));
    return file;
  };
  runs.push(write('first.sacc', randomModel(EVEN_NET, 5)), write('second.sacc', randomModel(EVEN_NET, 6)));
  otherNetwork = write('other.sacc', randomModel(ODD_NET, 5));
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

/** The fifth of the blocks of a street that a model would look at first. */
async function firstBlocks(file: string): Promise<number[]> {
  const executor = await wasmBackend().load(await decodeModel(new Uint8Array(readFileSync(file))));
  await executor.upload(renderScene(5, { width: 320, height: 240 }).frame);
  const look = (await executor.glance()).look.slice();
  executor.dispose();
  const order = [...look.keys()].sort((a, b) => look[b] - look[a]);
  return order.slice(0, look.length / 5);
}

describe('average', () => {
  it('writes the mean, with thresholds that data chose', async () => {
    const out = join(files.directory, 'mean.sacc');
    const { code, stdout, stderr } = await runCommand('average', ...runs, '--data', files.data, '-o', out);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/mean\.sacc: the mean of 2 models, [\d,]+ bytes/);
    const [first, second, mean] = await Promise.all(
      [...runs, out].map((file) => decodeModel(new Uint8Array(readFileSync(file)))),
    );
    expect(mean.network).toEqual(first.network);
    const [a, b, c] = [first, second, mean].map(({ weights }) => weights.get('d3.w')!);
    let [error, size] = [0, 0];
    c.forEach((value, i) => {
      error += (value - (a[i] + b[i]) / 2) ** 2;
      size += value ** 2;
    });
    expect(error / size).toBeLessThan(1e-4);
    expect(mean.scoreThresholds).not.toEqual(second.scoreThresholds);
  });

  it('spends the bytes where the network would say something else: it looks where it looked', async () => {
    const shipped = join(import.meta.dirname, '..', '..', 'models', 'people-vs-poles.sacc');
    const out = join(files.directory, 'small.sacc');
    const argv = [shipped, shipped, '--data', files.data, '--bytes', '130000', '-o', out];
    expect((await runCommand('average', ...argv)).code).toBe(0);
    const [before, after] = await Promise.all([shipped, out].map(firstBlocks));
    // By each tensor's own error an eighth of them would be left.
    expect(before.filter((block) => after.includes(block)).length).toBeGreaterThan(0.8 * before.length);
  }, 120_000);

  it('refuses networks that differ, and nothing is written', async () => {
    const out = join(files.directory, 'none.sacc');
    const { code, stderr } = await runCommand(
      'average',
      runs[0],
      otherNetwork,
      '--data',
      files.data,
      '-o',
      out,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/model 1 has another network than model 2/);
    expect(() => readFileSync(out)).toThrow();
  });

  it('a misspelt sequence does not let thresholds be chosen on a held-out one', async () => {
    const argv = [...runs, '--data', files.data, '-o', join(files.directory, 'none.sacc')];
    for (const option of ['--sequences', '--exclude-sequences']) {
      const { code, stderr } = await runCommand('average', ...argv, option, 'S9');
      expect(code).toBe(1);
      expect(stderr).toMatch(/has a sequence 'S9'; they have S1, S2/);
    }
  });

  it.each([
    [[], /give two model files at least/],
    [['one.sacc'], /give two model files at least/],
    [['one.sacc', 'two.sacc'], /-o out\.sacc/],
    [['one.sacc', 'two.sacc', '-o', 'x.sacc'], /--data DIR/],
  ])('%j is bad usage', async (argv, message) => {
    const { code, stderr } = await runCommand('average', ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
