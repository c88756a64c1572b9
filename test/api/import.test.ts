import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** The entry and what it imports statically, as one script; what comes by `import()` stays outside. */
async function entryScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [
      {
        name: 'lazy-stays-outside',
        setup(b) {
          b.onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  return outputFiles[0].text;
}

test('importing the package touches no global and needs none', async () => {
  const script = await entryScript();
  const names = [
    'navigator',
    'document',
    'window',
    'self',
    'Worker',
    'WebAssembly',
    'fetch',
    'VideoFrame',
    'crypto',
  ];
  const program = `
    const touched = [];
    for (const name of ${JSON.stringify(names)}) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); } });
    }
    const before = Object.getOwnPropertyNames(globalThis).length;
    const module = await import('data:text/javascript;base64,' + process.argv[1]);
    const added = Object.getOwnPropertyNames(globalThis).length - before;
    process.stdout.write(JSON.stringify({ touched, added, names: Object.keys(module).sort() }));`;
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '-e',
    program,
    Buffer.from(script).toString('base64'),
  ]);
  expect(JSON.parse(stdout)).toEqual({
    touched: [],
    added: 0,
    names: ['DEFAULT_MAX_WORKING_PIXELS', 'SaccadeNetError', 'checkSupport', 'createSaccadeNet'],
  });
});

test('the entry carries neither the runtime nor the worker', async () => {
  const script = await entryScript();
  expect(script).not.toContain('class Session');
  expect(script).not.toContain('class Engine');
  expect(script).not.toContain('comlink');
});
