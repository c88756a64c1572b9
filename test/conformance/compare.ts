/** Agreement of executors as the contract defines it: max|a-b| <= 1e-3 max|ref| a tensor, in float32. */
import { expect } from 'vitest';
import type { Executor } from '../../src/backends/backend.ts';
import { type NetworkSpec, networkLayers } from '../../src/network/spec.ts';

const TOLERANCE = 1e-3;

/** Fails with the tensor's name, the worst place and both values. */
export function expectClose(name: string, actual: ArrayLike<number>, reference: ArrayLike<number>): void {
  expect(actual.length, `${name}: length`).toBe(reference.length);
  let scale = 0;
  let worst = -1;
  let worstAt = 0;
  for (let at = 0; at < reference.length; at++) {
    scale = Math.max(scale, Math.abs(reference[at]));
    const error = Math.abs(actual[at] - reference[at]);
    if (!(error <= worst)) {
      worst = error;
      worstAt = at;
      if (Number.isNaN(error)) break;
    }
  }
  if (reference.length === 0) return;
  const what = `${name}: at ${worstAt} is ${actual[worstAt]}, reference ${reference[worstAt]}, scale ${scale}`;
  expect(worst <= TOLERANCE * scale, what).toBe(true);
}

/** Names that `read` knows after a glance and an inspection, of maps that a new upload leaves as they are. */
function mapNames(spec: NetworkSpec): string[] {
  return ['join', ...networkLayers(spec).map((layer) => layer.name)];
}

/** Compares every intermediate map of two executors that have run the same frame and gates. */
export async function expectSameMaps(
  spec: NetworkSpec,
  actual: Executor,
  reference: Executor,
): Promise<void> {
  for (const name of mapNames(spec)) {
    const a = await actual.read(name);
    const b = await reference.read(name);
    expect(a.shape, `${name}: shape`).toEqual(b.shape);
    expectClose(name, a.data, b.data);
  }
}
