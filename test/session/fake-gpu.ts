/**
 * A GPU that can be lost at will: the reference executor under the name 'webgpu'. `vi.mock` puts `fakeGpuBackend`
 * in the place of the WebGPU backend.
 */
import type { Backend, Executor } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';

export type Stage = 'load' | 'upload' | 'glance' | 'inspect';
/**
 * How the call under way takes the loss: it fails, or returns what a cleared buffer holds, or fails with an error of
 * its own and is told of the loss after it ('oddly'). 'fails': no loss at all, but a failure.
 */
export type Manner = 'before' | 'after' | 'zeros' | 'oddly' | 'fails';

class FakeGpu {
  /** Set to make the machine lose its GPU altogether. */
  present = true;
  /** Loses the device at the next of these stages. */
  plan: { stage: Stage; manner: Manner }[] = [];
  loads = 0;
  readonly live = new Set<() => void>();
  readonly devices: unknown[] = [];

  reset(): void {
    this.present = true;
    this.plan = [];
    this.loads = 0;
    this.live.clear();
    this.devices.length = 0;
  }

  /** Loses every device there is, as a driver that restarts does. */
  loseAll(): void {
    for (const lose of [...this.live]) lose();
  }
}

export const gpu = new FakeGpu();

export function fakeGpuBackend(options: { device?: unknown } = {}): Backend {
  return {
    name: 'webgpu',
    unavailable: async () => (gpu.present || options.device ? null : 'There is no adapter.'),
    load: async (model) => {
      gpu.loads++;
      gpu.devices.push(options.device);
      const under = await referenceBackend().load(model);
      let listener: ((error: SaccadeNetError) => void) | undefined;
      let lost = false;
      const lose = () => {
        if (lost) return;
        lost = true;
        gpu.live.delete(lose);
        listener?.(lostError());
      };
      const check = () => {
        if (lost) throw lostError();
      };
      const stage = async <T>(name: Stage, work: () => Promise<T>): Promise<T> => {
        check();
        const planned = gpu.plan[0]?.stage === name ? gpu.plan.shift() : undefined;
        if (planned?.manner === 'before') lose();
        if (planned?.manner === 'oddly') {
          setTimeout(lose);
          throw new Error('getMappedRange failed');
        }
        check();
        if (planned?.manner === 'fails') throw new Error('a bug');
        const value = await work();
        if (planned) lose();
        if (planned?.manner === 'zeros') return zeroed(value);
        check();
        return value;
      };
      await stage('load', async () => {});
      gpu.live.add(lose);
      const executor: Executor = {
        ...{ backend: 'webgpu', memoryBytes: () => under.memoryBytes(), read: (name) => under.read(name) },
        upload: (frame) => stage('upload', () => under.upload(frame)),
        glance: () => stage('glance', () => under.glance()),
        inspect: (gates) => stage('inspect', () => under.inspect(gates)),
        onLost: (told) => {
          listener = told;
          if (lost) told(lostError());
        },
        dispose: () => {
          listener = undefined;
          gpu.live.delete(lose);
          under.dispose();
        },
      };
      return executor;
    },
  };
}

function zeroed<T>(value: T): T {
  for (const array of Object.values(value ?? {})) if (array instanceof Float32Array) array.fill(0);
  return value;
}

function lostError(): SaccadeNetError {
  return new SaccadeNetError('DEVICE_LOST', 'The WebGPU device was lost (unknown: a test).');
}
