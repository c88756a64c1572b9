/** Model file and backend for the commands that run the network. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Backend, BackendName } from '../src/backends/backend.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import type { Model } from '../src/network/spec.ts';
import { reasonOf } from '../train/data/files.ts';
import { ofFile } from './model-files.ts';

/** The shipped model: models/ lies one folder up, from cli/ as from dist/. */
export const DEFAULT_MODEL_FILE = fileURLToPath(new URL('../models/people-vs-poles.sacc', import.meta.url));

export const BACKEND_NAMES: readonly BackendName[] = ['wasm', 'reference', 'webgpu'];

/** @throws SaccadeNetError MODEL_FETCH when the file cannot be read, and what the decoder throws. */
export async function loadModelFile(file: string = DEFAULT_MODEL_FILE): Promise<Model> {
  const { decodeModel } = await import('../src/codec/decode-model.ts');
  if (file === DEFAULT_MODEL_FILE && !existsSync(file)) {
    throw new SaccadeNetError(
      'MODEL_FETCH',
      `the shipped model ${file} is missing; name a .sacc file with --model`,
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SaccadeNetError(
      'MODEL_FETCH',
      `cannot read the model ${file}: ${reasonOf(cause)}; check --model`,
      {
        cause,
      },
    );
  }
  return ofFile(file, () => decodeModel(bytes));
}

/**
 * The backend of that name; without a name wasm, or the reference where wasm does not run.
 * @throws SaccadeNetError UNSUPPORTED when the named one does not run here.
 */
export async function openBackend(name?: BackendName): Promise<Backend> {
  if (name === undefined) {
    const { defaultBackend } = await import('../train/metrics/run-model.ts');
    return defaultBackend();
  }
  const backend = await backendOf(name);
  const why = await backend.unavailable();
  if (why !== null) {
    throw new SaccadeNetError('UNSUPPORTED', `--backend ${name} does not run here: ${why}`);
  }
  return backend;
}

async function backendOf(name: BackendName): Promise<Backend> {
  switch (name) {
    case 'wasm':
      return (await import('../src/backends/wasm/index.ts')).wasmBackend();
    case 'reference':
      return (await import('../src/backends/reference/index.ts')).referenceBackend();
    case 'webgpu':
      return (await import('../src/backends/webgpu/index.ts')).webgpuBackend();
  }
}
