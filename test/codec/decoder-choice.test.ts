import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import modelFile from './golden/model-v1.sacc';

beforeEach(() => vi.resetModules());
afterEach(() => vi.restoreAllMocks());

it('decodes in wasm where wasm compiles', async () => {
  const { createDecoder } = await import('../../src/codec/decode-tensors.ts');
  expect((await createDecoder()).name).toBe('wasm');
});

it('decodes in TypeScript where the page forbids wasm, and says so only to those who name wasm', async () => {
  vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('blocked by CSP'));
  const { createDecoder } = await import('../../src/codec/decode-tensors.ts');
  const { decodeModel } = await import('../../src/codec/decode-model.ts');
  expect((await createDecoder()).name).toBe('reference');
  expect((await decodeModel(modelFile)).weights.size).toBe(26);
  await expect(decodeModel(modelFile, { decoder: 'wasm' })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('wasm-unsafe-eval'),
  });
});
