/**
 * The demo page: one network, one source at a time, and what came of each frame.
 * `?backend=wasm` (webgpu, reference) in the address asks for that backend alone.
 */
import { createSaccadeNet, type DetectOptions, type Result, SaccadeNetError } from 'saccadenet';
import { connectControls, settings } from './controls.ts';
import { attendedShare, countOf, describe, milliseconds, percent, RateMeter, savedShare } from './figures.ts';
import { colourLegend, draw } from './overlay.ts';
import { page } from './page.ts';
import { Player } from './player.ts';
import { openCamera } from './sources/camera.ts';
import { openFile } from './sources/file.ts';
import { type FrameSource, SourceError } from './sources/frame-source.ts';
import { openSampleClip } from './sources/sample-clip.ts';

type Net = Awaited<ReturnType<typeof createSaccadeNet>>;

/** The canvas' text alternative changes no more often than this: it is read aloud. */
const DESCRIBE_EVERY_MS = 1000;

const rate = new RateMeter();
const sourceButtons = [page.camera, page.clip, page.openFile];
let net: Promise<Net> | null = null;
/** Grows with every source asked for; an answer to an older question is dropped. */
let asked = 0;
let describedMs = 0;
/** Results shown so far; the page's test reads it. */
let results = 0;

const player = new Player({
  async look(image, timestampMs, moving) {
    const { budget, dense } = settings();
    const options: DetectOptions = { attention: dense ? { policy: 'dense' } : { budget } };
    const ready = await loadNet();
    return moving ? ready.detectForVideo(image, timestampMs, options) : ready.detect(image, options);
  },
  looked(result) {
    page.empty.hidden = true;
    page.stage.dataset.results = String(++results);
    showFigures(result);
  },
  draw(image, result) {
    draw(page.canvas, { image, result, showAttention: settings().showAttention });
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
new ResizeObserver(() => player.redraw()).observe(page.stage);
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
    player.open(source);
    rate.reset();
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

function showFigures(result: Result): void {
  const now = performance.now();
  const share = attendedShare(result);
  page.share.textContent = percent(share);
  page.shareFill.style.width = `${share * 100}%`;
  page.saved.textContent = percent(savedShare(result));
  page.people.textContent = String(countOf(result, 'person'));
  page.poles.textContent = String(countOf(result, 'pole'));
  page.time.textContent = milliseconds(result.timings.totalMs);
  page.backend.textContent = result.backend;
  const framesPerSecond = player.paused || !player.source?.moving ? null : rate.count(now);
  page.fps.textContent = framesPerSecond?.toFixed(1) ?? '–';
  if (now - describedMs > DESCRIBE_EVERY_MS || player.paused) {
    describedMs = now;
    page.canvas.setAttribute('aria-label', describe(result));
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
