// `npm start`: on a fresh clone installs and builds what is missing, runs the shipped model over the shipped clip,
// says what it found and how much of the frame it looked at, writes annotated pictures to out/, then serves the
// demo page. `npm start -- --once` ends after the pictures. `--port N` chooses the page's port.
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from './serve.mjs';
import { buildMissing, explain, installPackages, isThere, ROOT, requireNode, SetupError } from './setup.mjs';

const CLIP = 'demo/clip/street.mjpeg';
const MODEL = 'models/people-vs-poles.sacc';
const PICTURES = 'out';
const DEFAULT_PORT = 5180;

const USAGE = 'Usage: npm start [-- --once] [-- --port N]';

function readArguments(argv) {
  const options = { once: false, port: DEFAULT_PORT };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--once') options.once = true;
    else if (argv[i] === '--port' && /^\d{1,5}$/.test(argv[i + 1] ?? '')) options.port = Number(argv[++i]);
    else throw new SetupError(`'${argv[i]}' is not understood. ${USAGE}`);
  }
  return options;
}

function requireShipped(file) {
  if (!isThere(file))
    throw new SetupError(`${file} is missing from this checkout; restore it: git checkout -- ${file}`);
}

/** Finds people and poles in the clip and says what came of it. */
async function showClip() {
  const { runDetect } = await import(pathToFileURL(join(ROOT, 'dist', 'cli.js')).href);
  const out = join(ROOT, PICTURES);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  console.log(`\nLooking for people and poles in ${CLIP} ...`);
  const { frames, backend, found, attended, macsSaved, msPerFrame, pictures } = await runDetect({
    inputs: [join(ROOT, CLIP)],
    out,
  });
  const perFrame = (label) => ((found[label] ?? 0) / frames).toFixed(1);
  const percent = (share) => `${Math.round(share * 100)} %`;
  console.log(
    `  found      ${perFrame('person')} people and ${perFrame('pole')} poles a frame, over ${frames} frames`,
  );
  console.log(
    `  looked at  ${percent(attended)} of each frame; ${percent(macsSaved)} of the dense network's work saved`,
  );
  console.log(`  took       ${msPerFrame.toFixed(0)} ms a frame (${backend})`);
  const names = pictures.map((file) => relative(ROOT, file));
  console.log(`  pictures   ${names[0]}${names.length > 1 ? ` ... ${names.at(-1)}` : ''}`);
}

async function servePage(port) {
  const { url } = await serve(join(ROOT, 'dist', 'demo'), { port });
  console.log(`\nThe demo page, with your camera, your files or the clip: ${url}\n(Ctrl+C ends it.)`);
}

try {
  requireNode();
  const { once, port } = readArguments(process.argv.slice(2));
  requireShipped(CLIP);
  requireShipped(MODEL);
  installPackages();
  if (!buildMissing()) throw new SetupError('The build failed: see the messages above.');
  await showClip();
  if (!once) await servePage(port);
} catch (error) {
  explain(error);
}
