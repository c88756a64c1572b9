/**
 * The demo page: one network, one source at a time, and what came of each frame.
 * `?backend=wasm` (webgpu, reference) in the address asks for that backend alone.
 */
import { createSaccadeNet, type DetectOptions, type Result, SaccadeNetError } from 'saccadenet';
import { connectControls, settings } from './controls.ts';
import {
  attendedShare,
  countOf,
  describe,
  milliseconds,
  percent,
  RateMeter,
  savedShare,
  treatmentText,
} from './figures.ts';
import { colourLegend, draw } from './overlay.ts';
import { page } from './page.ts';
import { Player } from './player.ts';
import { openCamera } from './sources/camera.ts';
import { openFile } from './sources/file.ts';
import { type FrameSource, SourceError } from './sources/frame-source.ts';
import { openSampleClip } from './sources/sample-clip.ts';
import { Timeline } from './timeline.ts';

type Net = Awaited<ReturnType<typeof createSaccadeNet>>;

/** The canvas' text alternative changes no more often than this: it is read aloud. */
const DESCRIBE_EVERY_MS = 1000;

const rate = new RateMeter();
const timeline = new Timeline(page.timeline);
/** With `both`: of a foveated result the dense one of the same frame. */
const denseOf = new WeakMap<Result, Result>();
const sourceButtons = [page.camera, page.clip, page.openFile];
let net: Promise<Net> | null = null;
/** Grows with every source asked for; an answer to an older question is dropped. */
let asked = 0;
let describedMs = Number.NEGATIVE_INFINITY; // the first picture is described at once, however fast the page came up
/** Results shown so far; the page's test reads it. */
let results = 0;

const player = new Player({
  async look(image, timestampMs, moving) {
    const { budget, policy } = settings();
    const ready = await loadNet();
    const run = (attention: DetectOptions['attention'], streamId: string) =>
      moving
        ? ready.detectForVideo(image, timestampMs, { attention, streamId })
        : ready.detect(image, { attention });
    if (policy === 'dense') return run({ policy: 'dense' }, 'dense');
    const foveated = run({ budget }, 'foveated');
    if (policy === 'both') denseOf.set(await foveated, await run({ policy: 'dense' }, 'dense'));
    return foveated;
  },
  looked(result) {
    page.empty.hidden = true;
    page.stage.dataset.results = String(++results);
    showFigures(result);
  },
  draw(newest, before) {
    const { showAttention, showTrail, late } = settings();
    const { image, result } = (late && before) || newest;
    const dense = denseOf.get(result);
    showPair(result, dense);
    const told = (own: Result, next: Result | undefined) => (late && before ? inHindsight(own, next) : own);
    draw(page.canvas, { image, result: told(result, newest.result), showAttention, showTrail });
    if (!dense) return;
    const seen = told(dense, denseOf.get(newest.result));
    draw(page.denseCanvas, { image, result: seen, showAttention: false, showTrail: false });
  },
  idle(idle) {
    page.stage.dataset.idle = String(idle);
  },
  failed(error) {
    showMessage(sentence(error));
    showSource(null, null);
  },
});

colourLegend(document.documentElement);
connectControls({
  lookChanged: () => player.lookAgain(),
  drawingChanged: () => player.redraw(),
  pause: () => {
    player.setPaused(!player.paused);
    showTransport();
  },
  step: () => {
    player.step();
    showTransport();
  },
  camera: () => void play(page.camera, 'Starting the camera', openCamera),
  clip: () => void play(page.clip, 'Loading the sample clip', openSampleClip),
  file: (file) => void play(page.openFile, `Opening ${file.name}`, () => openFile(file)),
});
new ResizeObserver(() => {
  player.redraw();
  timeline.draw();
}).observe(page.stage);
void play(page.clip, 'Loading the model', async () => {
  await loadNet();
  return openSampleClip();
});

/** The network; a failed start is tried again with the next source. */
function loadNet(): Promise<Net> {
  const backend = new URLSearchParams(location.search).get('backend');
  net ??= createSaccadeNet(backend ? { backends: [backend as 'wasm'] } : {}).catch((error: unknown) => {
    net = null;
    throw error;
  });
  return net;
}

async function play(
  button: HTMLButtonElement,
  doing: string,
  open: () => Promise<FrameSource>,
): Promise<void> {
  const question = ++asked;
  showMessage(null);
  page.status.textContent = doing;
  if (!page.empty.hidden) page.emptyTitle.textContent = doing;
  try {
    const source = await open();
    if (question !== asked) return source.close();
    (await net)?.resetState();
    player.open(source);
    rate.reset();
    timeline.clear();
    showSource(button, source);
  } catch (error) {
    if (question !== asked) return;
    showMessage(sentence(error));
    showSource(sourceButtons.find((one) => one.ariaPressed === 'true') ?? null, player.source);
  }
}

function showSource(button: HTMLButtonElement | null, source: FrameSource | null): void {
  for (const one of sourceButtons)
    one.setAttribute('aria-pressed', String(source !== null && one === button));
  page.status.textContent = source?.name ?? 'Choose a source.';
  if (!source) {
    page.emptyTitle.textContent = 'No picture';
    page.emptyText.textContent = 'Choose the camera, the sample clip or a file, or drop a file here.';
  }
  showTransport();
}

function showTransport(): void {
  const moving = player.source?.moving ?? false;
  page.pause.disabled = page.step.disabled = !moving;
  page.pause.textContent = player.paused ? 'Play' : 'Pause';
  if (player.paused) {
    rate.reset();
    page.fps.textContent = '–';
  }
}

/** A frame's result with the boxes that the next one tells of it; its own where that is of another frame. */
function inHindsight(result: Result, next: Result | undefined): Result {
  const hindsight = next?.hindsight;
  if (!hindsight || hindsight.timestampMs !== result.timestampMs) return result;
  return { ...result, detections: hindsight.detections };
}

/** Side by side, each with what it cost. */
function showPair(result: Result, dense: Result | undefined): void {
  const pair = dense !== undefined;
  page.pair.classList.toggle('both', pair);
  page.denseFigure.hidden = page.caption.hidden = !pair;
  if (!dense) return;
  const cost = ({ macs, timings }: Result) =>
    `${((macs.attention + macs.detail) / 1e9).toFixed(2)} GMAC, ${milliseconds(timings.totalMs)}`;
  page.caption.textContent = `Foveated: ${percent(attendedShare(result))} of the blocks, ${cost(result)}`;
  page.denseCaption.textContent = `Dense: all blocks, ${cost(dense)}`;
}

function showFigures(result: Result): void {
  if (player.source?.moving) timeline.add(result);
  const now = performance.now();
  const share = attendedShare(result);
  page.share.textContent = percent(share);
  page.shareFill.style.width = `${share * 100}%`;
  page.saved.textContent = percent(savedShare(result));
  page.people.textContent = String(countOf(result, 'person'));
  page.poles.textContent = String(countOf(result, 'pole'));
  const ages = result.detections.flatMap(({ ageFrames }) => ageFrames ?? []);
  page.oldest.textContent = ages.length > 0 ? `${Math.max(...ages)} frames` : '–';
  page.alerts.textContent = result.alerts ? String(result.alerts.length) : '–';
  page.time.textContent = milliseconds(result.timings.totalMs);
  page.backend.textContent = result.backend;
  // Once a frame was treated the row stays: rows that come and go move what is below.
  page.treatmentRow.hidden &&= result.treatment === undefined;
  page.treatment.textContent = treatmentText(result);
  const framesPerSecond = player.paused || !player.source?.moving ? null : rate.count(now);
  page.fps.textContent = framesPerSecond?.toFixed(1) ?? '–';
  if (now - describedMs > DESCRIBE_EVERY_MS || player.paused) {
    describedMs = now;
    page.canvas.setAttribute('aria-label', describe(result));
    const dense = denseOf.get(result);
    if (dense) page.denseCanvas.setAttribute('aria-label', `Dense network: ${describe(dense)}`);
  }
}

function showMessage(text: string | null): void {
  page.message.hidden = text === null;
  page.message.textContent = text ?? '';
}

function sentence(error: unknown): string {
  if (error instanceof SourceError || error instanceof SaccadeNetError) return error.message;
  return `Something went wrong: ${(error as Error)?.message ?? error}. Reload the page.`;
}
