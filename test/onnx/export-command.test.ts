/** `saccadenet export`: files that other readers read back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { command } from '../../cli/export.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { readSafetensors } from '../../src/codec/safetensors.ts';
import { weightShapes } from '../../src/network/spec.ts';
import { framePlanes } from '../../train/onnx/export-onnx.ts';
import { loadOnnx } from '../../train/onnx/onnx-runtime.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

const directory = mkdtempSync(join(tmpdir(), 'saccadenet-export-'));
const model = join(directory, 'model.sacc');
let printed = '';

beforeAll(() => {
  writeFileSync(model, encodeModel(randomModel(EVEN_NET, 3)));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  printed = '';
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

it('writes ONNX for the size asked for', async () => {
  const out = join(directory, 'dense.onnx');
  await command.run([model, '--onnx', out, '--size', '48x32', '--json']);
  const bytes = readFileSync(out);
  expect(JSON.parse(printed)).toEqual({ format: 'onnx', file: out, bytes: bytes.length });
  const size = { width: 48, height: 32 };
  const runner = await loadOnnx(new Uint8Array(bytes), size);
  const { gates, cells } = await runner.run(framePlanes(EVEN_NET, randomFrame(size, 1)));
  await runner.release();
  expect([gates.length, cells.length]).toEqual([2 * 3 * 2, 12 * 12 * 8]);
});

it('writes the dense weights as safetensors, without the 5x5 branch', async () => {
  const out = join(directory, 'dense.safetensors');
  await command.run([model, '--safetensors', out]);
  const { tensors, metadata } = readSafetensors(new Uint8Array(readFileSync(out)));
  const expected = weightShapes(EVEN_NET).filter(({ name }) => !name.includes('five'));
  expect(tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(expected);
  expect(JSON.parse(metadata['saccadenet.network'])).toEqual(EVEN_NET);
});

it.each([
  [[model], /--onnx .* --safetensors/],
  [[model, '--onnx', 'a', '--safetensors', 'b'], /--onnx .* --safetensors/],
  [[model, '--onnx', 'a', '--size', '0x5'], /'0x5'/],
  [[model, '--safetensors', 'a', '--size', '8x8'], /--size/],
  [['--onnx', 'a'], /no model file/],
])('refuses bad usage %#', async (argv, message) => {
  await expect(command.run(argv)).rejects.toThrow(message);
  await expect(command.run(argv)).rejects.toMatchObject({ name: 'UsageError' });
});
