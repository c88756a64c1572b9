import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/api/load-model.ts';
import type { LoadProgress } from '../../src/api/types.ts';

const FILE = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) & 255);
const onProgress = () => {};
/** Equal bytes; toEqual takes seconds on arrays of this size. */
const isFile = (bytes: Uint8Array) => Buffer.compare(bytes, FILE) === 0;

let base = '';
let folder = '';
const server = createServer((request, response) => {
  if (request.url === '/model.sacc') {
    response.setHeader('content-length', FILE.length);
    response.write(FILE.subarray(0, 30_000));
    setTimeout(() => response.end(FILE.subarray(30_000)), 5);
  } else if (request.url === '/stalls') {
    response.setHeader('content-length', FILE.length);
    response.write(FILE.subarray(0, 10));
  } else if (request.url === '/breaks') {
    response.setHeader('content-length', FILE.length);
    response.write(FILE.subarray(0, 10), () => request.socket.destroy());
  } else {
    response.statusCode = 404;
    response.end('no');
  }
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'saccadenet-'));
  await writeFile(join(folder, 'model.sacc'), FILE);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

describe('loadModel', () => {
  test('contents of every kind, as a copy', async () => {
    const own = FILE.slice();
    const sources = [own, own.buffer, new Blob([own]), new Response(own), Buffer.from(own)];
    for (const source of sources) expect(isFile(await loadModel(source, { onProgress }))).toBe(true);
    expect((await loadModel(own, { onProgress })).buffer).not.toBe(own.buffer);
    const within = new Uint8Array([9, ...FILE]).subarray(1);
    expect(isFile(await loadModel(within, { onProgress }))).toBe(true);
  });

  test('an address, with progress in bytes', async () => {
    const seen: LoadProgress[] = [];
    const bytes = await loadModel(new URL(`${base}/model.sacc`), { onProgress: (p) => seen.push(p) });
    expect(isFile(bytes)).toBe(true);
    expect(seen[0]).toEqual({ stage: 'fetch', loadedBytes: 0, totalBytes: FILE.length });
    expect(seen.at(-1)).toEqual({ stage: 'fetch', loadedBytes: FILE.length, totalBytes: FILE.length });
    const loaded = seen.map(({ loadedBytes }) => loadedBytes);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  test('in Node a path and a file: address', async () => {
    const path = join(folder, 'model.sacc');
    expect(isFile(await loadModel(path, { onProgress }))).toBe(true);
    expect(isFile(await loadModel(pathToFileURL(path), { onProgress }))).toBe(true);
  });

  test('what cannot be had is MODEL_FETCH with the address and the reason', async () => {
    const used = new Response(FILE);
    await used.arrayBuffer();
    const failures: [Parameters<typeof loadModel>[0], string][] = [
      [`${base}/absent.sacc`, 'status 404'],
      [`${base}/breaks`, 'broke off'],
      ['http://127.0.0.1:1/model.sacc', 'could not be fetched'],
      [join(folder, 'absent.sacc'), 'ENOENT'],
      [used, 'read before'],
      [new Response('no', { status: 500 }), 'status 500'],
    ];
    for (const [source, reason] of failures) {
      await expect(loadModel(source, { onProgress })).rejects.toMatchObject({
        code: 'MODEL_FETCH',
        message: expect.stringContaining(reason),
      });
    }
  });

  test('integrity', async () => {
    const integrity = `sha256-${createHash('sha256').update(FILE).digest('base64')}`;
    expect(isFile(await loadModel(FILE, { integrity, onProgress }))).toBe(true);
    const changed = FILE.slice();
    changed[5] ^= 1;
    await expect(loadModel(changed, { integrity, onProgress })).rejects.toMatchObject({
      code: 'MODEL_INTEGRITY',
      details: { expected: integrity },
    });
  });

  test('an abort rejects with its reason, before and in the middle of a transfer', async () => {
    const reason = new Error('enough');
    await expect(loadModel(FILE, { signal: AbortSignal.abort(reason), onProgress })).rejects.toBe(reason);
    for (const source of [`${base}/stalls`, await fetch(`${base}/stalls`)]) {
      const controller = new AbortController();
      const loading = loadModel(source, {
        signal: controller.signal,
        onProgress: ({ loadedBytes }) => loadedBytes > 0 && controller.abort(reason),
      });
      await expect(loading).rejects.toBe(reason);
    }
  });
});
