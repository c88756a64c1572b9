// `npm run soak:stream [-- --minutes M] [--clip FILE] [--backend NAME] [--pixels N] [--json]`: a clip as the fake camera
// of headless Chromium at 30 Hz, on net.stream, for long. Half-way another tab hides the page for a while; at the end
// the camera goes: the process that captures is killed. Exits 1 where a frame stayed open, results came late or out of
// order, memory grew, the hidden page computed, or the end was none. FILE: .mjpeg (played at 30 Hz) or .y4m.
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHROMIUM_FLAGS, FAKE_CAMERA_FLAGS, findChromium } from './chromium.mjs';
import { serve } from './serve.mjs';
import { buildMissing, explain, installPackages, ROOT, requireChromium, requireNode } from './setup.mjs';
import { ISOLATED, MEMORY_FLAGS, processesUnder } from './soak/page-job.mjs';
import { judgeStream } from './soak/stream-report.mjs';

const SAMPLES = 20;
const HIDDEN_MS = 5000;
/** How long the browser may take to tell that the camera is gone. */
const END_MS = 20_000;

async function main() {
  const options = parse(process.argv.slice(2));
  requireNode();
  installPackages();
  if (!buildMissing()) throw new Error('The build failed; see above.');
  requireChromium();
  const { chromium } = await import('playwright-core');
  const site = await serve(ROOT, { headers: ISOLATED });
  const server = await chromium.launchServer({
    executablePath: findChromium() ?? undefined,
    args: [
      ...CHROMIUM_FLAGS,
      ...FAKE_CAMERA_FLAGS,
      ...MEMORY_FLAGS,
      `--use-file-for-fake-video-capture=${resolve(options.clip)}`,
    ],
  });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const answer = await run(browser, site.url, server.process().pid, options);
    const { text, row } = judgeStream(answer, options);
    console.log(text);
    if (options.json) console.log(JSON.stringify(row));
    if (row.verdict !== 'ok') process.exitCode = 1;
  } finally {
    await server.close();
    await site.close();
  }
}

async function run(browser, url, pid, { minutes, backend, pixels }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Chromium warns of every VideoFrame that is collected open.
    if (message.type() === 'error' || /VideoFrame/.test(message.text())) errors.push(message.text());
  });
  await page.goto(`${url}tools/soak/stream-page.html`);
  await page.waitForFunction(() => 'beginStream' in globalThis);
  const job = { backend, maxWorkingPixels: pixels };
  const camera = await page.evaluate((given) => globalThis.beginStream(given), job);
  const resident = () =>
    processesUnder(pid).reduce((sum, { type, bytes }) => sum + (type === 'renderer' ? bytes : 0), 0);
  const sample = async () => ({ ...(await page.evaluate(() => globalThis.sampleStream())), rss: resident() });
  const samples = [];
  let hidden;
  const startMs = performance.now();
  for (let i = 1; i <= SAMPLES; i++) {
    await sleep(Math.max(0, startMs + (i * minutes * 60_000) / SAMPLES - performance.now()));
    samples.push({ ms: performance.now() - startMs, ...(await sample()) });
    process.stderr.write(`${i}/${SAMPLES}\n`);
    if (i === SAMPLES / 2) hidden = await hideFor(context, page, HIDDEN_MS);
  }
  const capturing = processesUnder(pid).filter(({ command }) => command.includes('video_capture'));
  for (const { pid: own } of capturing) process.kill(own, 'SIGKILL');
  const end = await page.evaluate((ms) => globalThis.endOfStream(ms), END_MS);
  const seconds = (performance.now() - startMs) / 1000;
  return { camera, samples, hidden, unplugged: capturing.length > 0, end, seconds, errors };
}

/** Another tab in front; where the browser does not hide the page then, the page is told that it is hidden. */
async function hideFor(context, page, ms) {
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const other = await context.newPage();
  await other.bringToFront();
  await sleep(300);
  const look = () => page.evaluate(() => ({ visibility: document.visibilityState, time: performance.now() }));
  const byTab = (await look()).visibility === 'hidden';
  if (!byTab) await tellVisibility(page, 'hidden');
  await sleep(1000);
  const before = await page.evaluate(() => globalThis.sampleStream());
  await sleep(ms);
  const after = await page.evaluate(() => globalThis.sampleStream());
  if (!byTab) await tellVisibility(page, 'visible');
  await other.close();
  await page.bringToFront();
  await sleep(2000);
  const shown = await page.evaluate(() => globalThis.sampleStream());
  return {
    byTab,
    paused: before.paused,
    resultsWhileHidden: after.results - before.results,
    pausedAfter: shown.paused,
    resultsAfter: shown.results - after.results,
  };
}

function tellVisibility(page, state) {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

function parse(args) {
  const options = {
    minutes: 10,
    clip: 'demo/clip/street.mjpeg',
    backend: 'wasm',
    pixels: 480 * 360,
    json: false,
  };
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1];
    if (args[i] === '--json') options.json = true;
    else if (args[i] === '--minutes' && Number(value) > 0) options.minutes = Number(args[++i]);
    else if (args[i] === '--pixels' && Number(value) > 0) options.pixels = Number(args[++i]);
    else if (args[i] === '--clip' && value) options.clip = args[++i];
    else if (args[i] === '--backend' && value) options.backend = args[++i];
    else {
      console.error(
        `'${args[i]}' is not known here, or lacks its value; see the head of tools/soak-stream.mjs.`,
      );
      process.exit(2);
    }
  }
  return options;
}

main().catch((error) => {
  explain(error);
});
