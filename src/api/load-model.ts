/** The bytes of a model file from wherever the caller has it. The array returned is the caller's to keep. */
import { SaccadeNetError } from '../errors/errors.ts';
import type { LoadProgress, ModelSource } from './types.ts';

export interface LoadOptions {
  /** 'sha256-<base64>' */
  readonly integrity?: string;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws MODEL_FETCH, MODEL_INTEGRITY, UNSUPPORTED (no crypto for the check), the signal's reason. */
export async function loadModel(source: ModelSource | undefined, options: LoadOptions): Promise<Bytes> {
  options.signal?.throwIfAborted();
  const bytes = await readSource(source, options);
  options.signal?.throwIfAborted();
  options.onProgress({ stage: 'fetch', loadedBytes: bytes.length, totalBytes: bytes.length });
  if (options.integrity !== undefined) await checkIntegrity(bytes, options.integrity);
  return bytes;
}

async function readSource(source: ModelSource | undefined, options: LoadOptions): Promise<Bytes> {
  if (source === undefined) return shippedModel();
  if (typeof source === 'string') return fetchModel(source, options);
  switch (Object.prototype.toString.call(source).slice(8, -1)) {
    case 'URL':
      return fetchModel(String(source), options);
    case 'Response':
      return readBody(source as Response, options);
    case 'ArrayBuffer':
      return new Uint8Array((source as ArrayBuffer).slice(0));
    case 'Uint8Array':
      return new Uint8Array(source as Uint8Array);
    default:
      return new Uint8Array(await (source as Blob).arrayBuffer());
  }
}

async function shippedModel(): Promise<Bytes> {
  try {
    return (await import('./default-model.ts')).defaultModelBytes.slice();
  } catch (cause) {
    throw fetchError('that ships with the package', `could not be loaded (${String(cause)})`, { cause });
  }
}

async function fetchModel(address: string, options: LoadOptions): Promise<Bytes> {
  const file = await readLocalFile(address);
  if (file) return file;
  let response: Response;
  try {
    response = await fetch(address, { signal: options.signal });
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw fetchError(address, `could not be fetched (${String(cause)})`, { cause });
  }
  return readBody(response, options, address);
}

async function readBody(response: Response, options: LoadOptions, address = response.url): Promise<Bytes> {
  const { signal, onProgress } = options;
  if (!response.ok) {
    throw fetchError(address, `was answered with status ${response.status}`, { status: response.status });
  }
  if (response.bodyUsed) throw fetchError(address, 'came as a Response that was read before');
  const total = Number(response.headers.get('content-length') ?? Number.NaN);
  // A compressed transfer's length says nothing of the file's.
  const known = total > 0 && !response.headers.get('content-encoding') ? { totalBytes: total } : {};
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let loadedBytes = 0;
    onProgress({ stage: 'fetch', loadedBytes, ...known });
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return concat(chunks, loadedBytes);
      chunks.push(value);
      loadedBytes += value.length;
      onProgress({ stage: 'fetch', loadedBytes, ...known });
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw fetchError(address, `broke off while it was read (${String(cause)})`, { cause });
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** In Node a path or a file: address; undefined for what fetch can take, and in browsers. */
async function readLocalFile(address: string): Promise<Bytes | undefined> {
  if (typeof process !== 'object' || /^(https?|data|blob):/i.test(address)) return undefined;
  const fs = process.getBuiltinModule?.('node:fs/promises');
  if (!fs) return undefined;
  try {
    return new Uint8Array(await fs.readFile(/^file:/i.test(address) ? new URL(address) : address));
  } catch (cause) {
    throw fetchError(address, `could not be read (${String(cause)})`, { cause });
  }
}

async function checkIntegrity(bytes: Bytes, integrity: string): Promise<void> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) {
    throw new SaccadeNetError(
      'UNSUPPORTED',
      'integrity was given, but the browser checks digests in secure contexts only; serve the page by https or leave integrity out.',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const actual = `sha256-${btoa(String.fromCharCode(...digest))}`;
  if (actual !== integrity) {
    throw new SaccadeNetError(
      'MODEL_INTEGRITY',
      `The model file has the digest ${actual}, not ${integrity}; it was changed, or the digest is another version's.`,
      { details: { expected: integrity, actual } },
    );
  }
}

function concat(chunks: readonly Uint8Array[], length: number): Bytes {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function fetchError(
  address: string,
  what: string,
  { cause, ...details }: { cause?: unknown; status?: number } = {},
): SaccadeNetError {
  return new SaccadeNetError(
    'MODEL_FETCH',
    `The model ${address || '(a Response)'} ${what}; check its address, the network and, for another origin, its CORS headers.`,
    { details: { address, ...details }, cause },
  );
}
