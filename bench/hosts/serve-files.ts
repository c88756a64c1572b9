/** A server for one page and the folders it takes files from; isolated, so that the page's clock is a fine one. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Cross-origin isolation: performance.now() in steps of 5 us, not 100. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface ServedFiles {
  /** By path: text of a file. */
  readonly texts: Readonly<Record<string, string>>;
  /** By first part of the path: folder. */
  readonly folders: Readonly<Record<string, string>>;
}

export async function serveFiles({ texts, folders }: ServedFiles): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const [, folder, ...rest] = path.split(sep);
    const body = texts[path] ?? (folder in folders ? readIfThere(join(folders[folder], ...rest)) : undefined);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { ...HEADERS, 'content-type': type }).end(body);
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, 'localhost', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
