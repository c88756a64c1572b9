/**
 * dist/ in a page of headless Chromium, as a user's page has it: served as files, or bundled by the user's bundler.
 * Notes every request, worker and console error, so that a test can say what the package does beside its answers.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
// @ts-expect-error: plain JavaScript of the tools, without types
import { CHROMIUM_FLAGS, findChromium } from '../../tools/chromium.mjs';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.jpg': 'image/jpeg',
};

/** No inline script, no eval, no Blob worker, no connection: what the README says such a page needs, and no more. */
export const STRICT_CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src 'self' data:";

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

/**
 * @param folders first part of the address -> folder; '/page.html' answers a page that runs `script`
 * @param csp the policy of every answer
 */
export async function openSite(folders: Record<string, string>, csp?: string): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, first, ...rest] = pathname.split('/');
    const headers = csp === undefined ? {} : { 'content-security-policy': csp };
    if (pathname === '/page.html') {
      const script = searchParams.get('script');
      response.writeHead(200, { 'content-type': 'text/html', ...headers });
      response.end(
        `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`,
      );
      return;
    }
    try {
      const bytes = readFileSync(join(folders[first], ...rest));
      response.writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'text/plain', ...headers });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  const port = await listen(server);
  const browser = await chromium.launch({
    executablePath: findChromium() ?? undefined,
    args: CHROMIUM_FLAGS,
  });
  return {
    url: `http://localhost:${port}`,
    browser,
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', () => resolve((server.address() as AddressInfo).port));
  });
}

export interface Visit {
  readonly page: Page;
  /** Addresses asked for, of all origins; blob: and data: ones too. */
  readonly requests: string[];
  /** Of the console and uncaught ones. */
  readonly errors: string[];
}

/** Opens the page with a module that puts the package's exports into `globalThis.saccadenet`. */
export async function visit({ browser, url }: Site, script: string): Promise<Visit> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(`${url}/page.html?script=${encodeURIComponent(script)}`);
  await page.waitForFunction(() => 'saccadenet' in globalThis);
  return { page, requests, errors };
}
