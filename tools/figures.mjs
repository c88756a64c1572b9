// `node tools/figures.mjs`: runs the benchmarks that docs/benchmarks.md shows, on a machine that does nothing else, and
// puts their tables, CSV and pictures in place. About six minutes. Needs the build (`npm run build`) and Chromium.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { place } from './place.mjs';
import { explain, ROOT, SetupError } from './setup.mjs';

const DOCUMENT = 'docs/benchmarks.md';

/** By the name of the place in the document: `<!-- name -->` to `<!-- /name -->`. */
const RUNS = {
  wasm: '--peers --host chromium --rounds 40 --csv docs/benchmarks/wasm.csv --picture docs/images/cost-wasm.svg',
  webgpu: '--peers --backend webgpu --size 240x180 --rounds 5 --csv docs/benchmarks/webgpu.csv',
  'webgpu-480x360': '--backend webgpu --size 480x360 --shares 0.1,1 --rounds 10',
};

try {
  for (const [name, options] of Object.entries(RUNS)) {
    console.log(`saccadenet bench ${options}`);
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'bin', 'saccadenet.js'), 'bench', ...options.split(' ')],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
    );
    if (status !== 0) throw new SetupError(`The benchmark ${name} failed: see its message above.`);
    place(DOCUMENT, name, stdout);
  }
} catch (error) {
  explain(error);
}
