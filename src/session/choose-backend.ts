/** A session on the first backend of a list that runs here; the reasons of the others are kept. */
import type { Backend, BackendName } from '../backends/backend.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import type { Model } from '../network/spec.ts';
import type { EngineInit, PassedOver } from './engine-api.ts';
import { Session } from './session.ts';
import { webgpuAdapter } from './webgpu-adapter.ts';

/** A backend that fails so may leave the model to the next one. */
const NEXT_MAY_RUN: readonly string[] = ['UNSUPPORTED', 'OUT_OF_MEMORY', 'SHADER_COMPILE', 'DEVICE_LOST'];

/** What `openSession` reads of an `EngineInit`. */
export type BackendChoice = Pick<EngineInit, 'backends' | 'frame' | 'powerPreference' | 'device'>;

/** @throws UNSUPPORTED with every backend's reason where none runs; the model's own errors; the signal's reason. */
export async function openSession(
  model: Model,
  choice: BackendChoice,
  signal?: AbortSignal,
): Promise<{ session: Session; passedOver: PassedOver[] }> {
  const passedOver: PassedOver[] = [];
  let cause: unknown;
  for (const name of choice.backends ?? (await defaultOrder(choice))) {
    signal?.throwIfAborted();
    const backend = await createBackend(name, choice);
    const reason = await backend.unavailable();
    if (reason !== null) {
      passedOver.push({ backend: name, reason });
      continue;
    }
    try {
      return { session: await Session.create(model, backend, { ...choice.frame, signal }), passedOver };
    } catch (error) {
      if (!(error instanceof SaccadeNetError) || !NEXT_MAY_RUN.includes(error.code)) throw error;
      passedOver.push({ backend: name, reason: error.message });
      cause ??= error;
    }
  }
  throw unsupported(passedOver, cause);
}

async function defaultOrder({ device, powerPreference }: BackendChoice): Promise<BackendName[]> {
  if (device) return ['webgpu', 'wasm'];
  const { kind } = await webgpuAdapter(powerPreference);
  return kind === 'software' ? ['wasm', 'webgpu'] : ['webgpu', 'wasm'];
}

async function createBackend(name: BackendName, choice: BackendChoice): Promise<Backend> {
  switch (name) {
    case 'webgpu': {
      const { device, powerPreference } = choice;
      return (await import('../backends/webgpu/index.ts')).webgpuBackend({ device, powerPreference });
    }
    case 'wasm':
      return (await import('../backends/wasm/index.ts')).wasmBackend();
    case 'reference':
      return (await import('../backends/reference/index.ts')).referenceBackend();
  }
}

function unsupported(passedOver: readonly PassedOver[], cause: unknown): SaccadeNetError {
  const reasons = passedOver.map(({ backend, reason }) => `${backend}: ${reason}`).join(' ');
  return new SaccadeNetError(
    'UNSUPPORTED',
    `No backend of ${passedOver.map(({ backend }) => backend).join(', ')} runs here. ${reasons} Use a browser with WebGPU or WebAssembly SIMD, or name 'reference' in backends, which runs everywhere, slowly.`,
    { details: { passedOver }, cause },
  );
}
