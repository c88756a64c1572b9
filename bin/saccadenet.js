#!/usr/bin/env node
// Starts the command line, which lives in dist/cli.js (from cli/, bundled by `npm run build`).
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  const { main } = await import(cli.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    'saccadenet: dist/cli.js is not built; run `npm ci && npm run build` in the repository.\n',
  );
  process.exitCode = 1;
}
