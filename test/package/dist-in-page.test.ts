/**
 * The built package in a real page: the worker starts, the shipped model loads, results come, dispose ends
 * everything, and nothing is fetched but the package's own files. As files with and without a strict
 * Content-Security-Policy, and through the bundlers that people use.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import type { Page } from 'playwright-core';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Saccadenet from '../../src/index.ts';
import { DIST, distFile, ROOT } from './bundle.ts';
import { openSite, type Site, STRICT_CSP, visit } from './page.ts';

const PICTURES = join(ROOT, 'test', 'fixtures', 'scenes', 'images');
const PICTURE = '/pictures/scenes4_000000.jpg';

/** A bundler and a browser each: slow where the machine has much else to do. */
const BUNDLED_TIMEOUT_MS = 240_000;

const folder = mkdtempSync(join(tmpdir(), 'saccadenet-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A module as a user would write it. */
function userModule(from: string): string {
  const file = join(folder, `user-${from.replace(/\W+/g, '-')}.js`);
  writeFileSync(
    file,
    `import * as saccadenet from ${JSON.stringify(from)};\nglobalThis.saccadenet = saccadenet;\n`,
  );
  return file;
}

/** Makes a net, looks at the picture and disposes of it, within the page. */
async function detectOnce(page: Page, worker?: boolean | string) {
  return page.evaluate(
    async ([picture, workerOption]) => {
      const { createSaccadeNet } = (globalThis as unknown as { saccadenet: typeof Saccadenet }).saccadenet;
      const image = new Image();
      image.src = picture as string;
      await image.decode();
      try {
        const net = await createSaccadeNet(workerOption === undefined ? {} : { worker: workerOption });
        const result = await net.detect(image);
        await net.dispose();
        const after = await net.detect(image).catch((error) => error.code);
        return {
          backend: result.backend,
          size: [result.width, result.height],
          attended: result.attention.gates.filter((gate) => gate > 0).length,
          labels: net.model.labels,
          after,
        };
      } catch (error) {
        const { code, message } = error as Saccadenet.SaccadeNetError;
        return { code, message };
      }
    },
    [PICTURE, worker] as const,
  );
}

const FOUND = { backend: 'wasm', size: [320, 240], labels: ['person', 'pole'], after: 'DISPOSED' };

/** Of another origin than the site's, and none of the page's own files. */
const foreign = (requests: readonly string[], site: Site) =>
  requests.filter((url) => !url.startsWith(`${site.url}/`) && !/^(blob|data):/.test(url));

describe('dist/ served as files', () => {
  let site: Site;
  let strict: Site;
  beforeAll(async () => {
    distFile('worker.js');
    userModule('/dist/index.js');
    const folders = { dist: DIST, user: folder, pictures: PICTURES };
    site = await openSite(folders);
    strict = await openSite(folders, STRICT_CSP);
  });
  afterAll(() => Promise.all([site?.close(), strict?.close()]));
  const script = '/user/user--dist-index-js.js';

  it('runs the shipped model in the inlined worker, which ends with dispose', async () => {
    const { page, requests, errors } = await visit(site, script);
    const workers: string[] = [];
    let closed = 0;
    page.on('worker', (worker) => {
      workers.push(worker.url());
      worker.on('close', () => closed++);
    });
    const found = await detectOnce(page);
    expect(found).toMatchObject(FOUND);
    expect(found.attended).toBeGreaterThan(0);
    expect(workers).toEqual([expect.stringMatching(/^blob:/)]);
    await expect.poll(() => [closed, page.workers().length]).toEqual([1, 0]);
    expect(foreign(requests, site)).toEqual([]);
    const own = requests.filter((url) => url.startsWith(`${site.url}/dist/`));
    expect(own.filter((url) => url.endsWith('/worker.js'))).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('runs it in the page itself with worker: false', async () => {
    const { page, requests, errors } = await visit(site, script);
    let workers = 0;
    page.on('worker', () => workers++);
    expect(await detectOnce(page, false)).toMatchObject(FOUND);
    expect(workers).toBe(0);
    expect(foreign(requests, site)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('runs it in its own worker file under a strict Content-Security-Policy', async () => {
    const { page, requests, errors } = await visit(strict, script);
    expect(await detectOnce(page, '/dist/worker.js')).toMatchObject(FOUND);
    expect(requests.filter((url) => url === `${strict.url}/dist/worker.js`)).toHaveLength(1);
    expect(foreign(requests, strict)).toEqual([]);
    await expect.poll(() => page.workers().length).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says what to allow where that policy forbids the inlined worker', async () => {
    const { page } = await visit(strict, script);
    const found = await detectOnce(page);
    expect(found).toMatchObject({ code: 'WORKER_START' });
    expect(found.message).toContain('worker-src blob:');
    expect(page.workers()).toHaveLength(0);
    await page.close();
  });
});

describe('bundled', () => {
  const out = (name: string) => join(folder, name);
  const BUNDLERS: Record<string, (entry: string) => Promise<unknown>> = {
    rollup: async (entry) => {
      const bundle = await rollup({ input: { user: entry } });
      await bundle.write({ dir: out('rollup'), entryFileNames: '[name].js' });
      return bundle.close();
    },
    esbuild: (entry) =>
      esbuild({
        entryPoints: { user: entry },
        outdir: out('esbuild'),
        bundle: true,
        splitting: true,
        format: 'esm',
        logLevel: 'error',
      }),
    vite: (entry) =>
      vite({
        configFile: false,
        root: folder,
        base: '/vite/',
        logLevel: 'error',
        build: {
          outDir: out('vite'),
          rollupOptions: { input: { user: entry }, output: { entryFileNames: '[name].js' } },
        },
      }),
  };

  it.each(Object.keys(BUNDLERS))(
    'by %s it runs as it is, in the worker and in the page',
    async (name) => {
      mkdirSync(out(name), { recursive: true });
      await BUNDLERS[name](userModule(distFile('index.js')));
      const site = await openSite({ [name]: out(name), pictures: PICTURES });
      try {
        const { page, requests, errors } = await visit(site, `/${name}/user.js`);
        expect(await detectOnce(page)).toMatchObject(FOUND);
        expect(await detectOnce(page, false)).toMatchObject(FOUND);
        await expect.poll(() => page.workers().length).toBe(0);
        expect(foreign(requests, site)).toEqual([]);
        expect(errors).toEqual([]);
      } finally {
        await site.close();
      }
    },
    BUNDLED_TIMEOUT_MS,
  );
});
