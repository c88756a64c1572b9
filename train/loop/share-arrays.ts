/** Typed arrays moved into shared memory, so that workers read the same pictures instead of a copy each. */

type Plain = Uint8Array | Float32Array;

function shared<T extends Plain>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const Kind = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

/** The same plain data with every Uint8Array and Float32Array in shared memory; an array met twice is copied once. */
export function shareArrays<T>(data: T, seen: Map<unknown, unknown> = new Map()): T {
  if (typeof data !== 'object' || data === null) return data;
  const held = seen.get(data);
  if (held) return held as T;
  let made: unknown;
  if (data instanceof Uint8Array || data instanceof Float32Array) made = shared(data);
  else if (Array.isArray(data)) made = data.map((item: unknown) => shareArrays(item, seen));
  else {
    made = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, shareArrays(value, seen)]));
  }
  seen.set(data, made);
  return made as T;
}
