/**
 * A GPU that can be lost at will: the reference executor under the name 'webgpu'. `vi.mock` puts `fakeGpuBackend`
 * in the place of the WebGPU backend.
 */
import type { Backend, Executor, Resident } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { blockGrid } from '../../src/network/geometry.ts';
import { frameSize } from '../../src/session/read-frame.ts';

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
  /** Set before a load to have frames stay on the device until `reply`. */
  resident = false;
  /** The replies that frames on a device wait for, in the order in which it took them. */
  readonly flying: { readonly width: number; readonly reply: () => void }[] = [];

  reset(): void {
    this.present = true;
    this.plan = [];
    this.loads = 0;
    this.live.clear();
    this.devices.length = 0;
    this.resident = false;
    this.flying.length = 0;
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
      const failFlying = new Set<() => void>();
      const lose = () => {
        if (lost) return;
        lost = true;
        gpu.live.delete(lose);
        gpu.flying.length = 0;
        for (const fail of failFlying) fail();
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
      /** Sees nothing in any frame. */
      const resident: Resident = {
        depth: 3,
        fits: () => true,
        detect: async (frame, { working, onTaken }) => {
          check();
          const { columns, rows } = blockGrid(model.network, working);
          const replied = new Promise<void>((resolve, reject) => {
            gpu.flying.push({ width: frameSize(frame).width, reply: resolve });
            failFlying.add(() => reject(lostError()));
          });
          onTaken?.();
          await replied;
          return {
            ...{ columns, rows, gates: new Uint8Array(columns * rows), found: 0, macs: 0, readbackBytes: 16 },
            candidates: {
              count: 0,
              cells: new Uint32Array(0),
              labels: new Uint8Array(0),
              scores: new Float32Array(0),
              geometry: new Float32Array(0),
            },
          };
        },
      };
      const executor: Executor = {
        ...(gpu.resident ? { resident } : {}),
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
