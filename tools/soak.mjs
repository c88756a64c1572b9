// `npm run soak [-- --short] [--only NAME,NAME] [--json]`: uses the built package for long, loses its GPU devices and
// looks at what is left. Prints a table, with --json one line of JSON beside it; exits 1 where something grew, stayed
// behind, was wrong or was not recovered. Each job has a process, or a Chromium, of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildMissing, explain, installPackages, ROOT, requireChromium, requireNode } from './setup.mjs';
import { softwareAdapterEnvironment } from './soak/dawn.mjs';
import { JOB_NAMES, jobsOf } from './soak/jobs.mjs';
import { judge, tableLine } from './soak/report.mjs';

async function main() {
  const options = parse(process.argv.slice(2));
  requireNode();
  installPackages();
  if (!buildMissing()) throw new Error('The build failed; see above.');
  requireChromium();
  // Playwright may have been installed just now.
  const { runInPage } = await import('./soak/page-job.mjs');
  const rows = [];
  console.log(tableLine());
  for (const job of jobsOf(options)) {
    const startMs = performance.now();
    const answer = await (job.page ? runInPage : runInNode)(job, progressOf(job.name));
    const row = judge(job, answer, (performance.now() - startMs) / 1000);
    console.log(tableLine(row));
    rows.push(row);
  }
  if (options.json) console.log(JSON.stringify({ node: process.version, rows }));
  if (rows.some(({ verdict }) => verdict !== 'ok')) process.exitCode = 1;
}

function runInNode(job, progress) {
  const script = join(ROOT, 'tools', 'soak', 'node-job.mjs');
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(job.backend === 'webgpu' ? softwareAdapterEnvironment() : {}) },
  });
  let answer = '';
  let said = '';
  child.stdout.on('data', (chunk) => {
    answer += chunk;
  });
  child.stderr.on('data', (chunk) => {
    const [, done, of] = /(\d+)\/(\d+)\s*$/.exec(String(chunk)) ?? [];
    if (of) progress(Number(done), Number(of));
    else said += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(answer));
      else reject(new Error(`${job.name} ended with ${code}: ${said.trim()}`));
    });
  });
}

/** A bar on a terminal, a line at every tenth elsewhere. */
function progressOf(name) {
  let told = 0;
  return (done, of) => {
    const tenths = Math.floor((10 * done) / of);
    if (process.stderr.isTTY) {
      const bar = '#'.repeat(Math.round((30 * done) / of)).padEnd(30);
      process.stderr.write(done >= of ? '\r\x1b[K' : `\r${name.padEnd(18)} [${bar}] ${done}/${of}`);
    } else if (tenths > told) {
      process.stderr.write(`${name} ${done}/${of}\n`);
    }
    told = Math.max(told, tenths);
  };
}

function parse(args) {
  const options = { short: false, json: false, only: undefined };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--short') options.short = true;
    else if (args[i] === '--json') options.json = true;
    else if (args[i] === '--only' && args[i + 1]) options.only = args[++i].split(',');
    else misuse(`'${args[i]}' is not known here.`);
  }
  const strange = options.only?.find((name) => !JOB_NAMES.includes(name));
  if (strange !== undefined) misuse(`there is no job '${strange}'.`);
  return options;
}

function misuse(what) {
  console.error(
    `soak: ${what} Give --short, --json, --only with some of ${JOB_NAMES.join(', ')}, or nothing.`,
  );
  process.exit(2);
}

main().catch((error) => {
  explain(error);
  process.exitCode = 1;
});
