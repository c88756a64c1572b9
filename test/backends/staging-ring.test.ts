/** The ring of reply buffers, on a device that only counts: who waits, and that no reply is held once it is given. */
import { expect, test } from 'vitest';
import type { DeviceHandle } from '../../src/backends/webgpu/device.ts';
import { StagingRing } from '../../src/backends/webgpu/staging-ring.ts';

function manualHandle() {
  const finish: (() => void)[] = [];
  let made = 0;
  const handle = {
    device: { createBuffer: () => ({ label: `buffer ${made++}`, destroy() {} }) },
    readStaging: () => new Promise<ArrayBuffer>((resolve) => finish.push(() => resolve(new ArrayBuffer(8)))),
  };
  return { handle: handle as unknown as DeviceHandle, finish };
}

test('a frame beyond those in flight waits for the oldest reply', async () => {
  const { handle, finish } = manualHandle();
  const ring = new StagingRing(handle);
  const taken = [await ring.take(), await ring.take(), await ring.take()];
  expect(new Set(taken).size).toBe(3);
  const replies = taken.map((staging) => ring.read(staging, Promise.resolve(), 8));
  let fourth: GPUBuffer | undefined;
  const waiting = ring.take().then((staging) => {
    fourth = staging;
  });
  await Promise.resolve();
  expect(fourth).toBeUndefined();
  finish[0]();
  expect((await replies[0]).byteLength).toBe(8);
  await waiting;
  expect(fourth).toBe(taken[0]);
});

test('idle comes after every reply, good or bad, and holds none of them', async () => {
  const { handle, finish } = manualHandle();
  const ring = new StagingRing(handle);
  const good = ring.read(await ring.take(), Promise.resolve(), 8);
  const bad = ring.read(await ring.take(), Promise.reject(new Error('refused')), 8);
  let idle = false;
  const settled = ring.idle.then((value) => {
    idle = true;
    return value;
  });
  finish[0]();
  await good;
  expect(idle).toBe(false);
  finish[1]();
  await expect(bad).rejects.toThrow('refused');
  expect(await settled, 'a value would hold the replies, and those before').toBeUndefined();
});
