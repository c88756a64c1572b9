/**
 * The benchmark page: settings, one run at a time, its report. `?backend=wasm&size=192x144&rounds=2` in the address
 * chooses them beforehand, `&peers` runs other runtimes too, `&run` starts at once.
 */
import { SaccadeNetError } from 'saccadenet';
import { SourceError } from '../sources/frame-source.ts';
import { type Device, describeDevice } from './device.ts';
import { measure } from './measure.ts';
import { loadBytes, measurePeers } from './measure-peers.ts';
import { page } from './page.ts';
import type { PageReport, RunSettings } from './report.ts';
import { drawChart, showDevice, showReport } from './show.ts';

const COPIED_MS = 4000;

let running: AbortController | null = null;
let shown: PageReport | null = null;

page.run.addEventListener('click', () => void run());
page.cancel.addEventListener('click', () => running?.abort());
page.copy.addEventListener('click', () => void copy());
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') running?.abort();
});
for (const input of page.backends) input.addEventListener('change', tellLoad);
new ResizeObserver(() => shown && drawChart(shown)).observe(page.report);

const wanted = new URLSearchParams(location.search);
setRunning(true);
const device = await describeDevice();
offerBackends(device);
choose(page.size, wanted.get('size'));
choose(page.rounds, wanted.get('rounds'));
page.peers.checked = wanted.has('peers');
tellLoad();
showDevice(device);
setRunning(false);
page.status.textContent = 'Ready.';
if (wanted.has('run')) void run();

/** What runs here can be chosen; an emulated GPU is slower than wasm. */
function offerBackends({ backends, softwareGpu }: Device): void {
  const first = softwareGpu ? 'wasm' : 'webgpu';
  for (const input of page.backends) input.disabled = !backends[input.value as 'wasm'].available;
  const offered = page.backends.filter(({ disabled }) => !disabled);
  const chosen = [wanted.get('backend'), first].flatMap((name) =>
    offered.filter(({ value }) => value === name),
  );
  const [input = offered[0]] = chosen;
  if (input) input.checked = true;
  else showMessage('Neither WebGPU nor wasm SIMD runs here; use a browser of 2023 or newer.');
}

/** What the box means for the backend chosen. */
function tellLoad(): void {
  const chosen = settings();
  if (!chosen) return;
  const emulated = chosen.backend === 'webgpu' && device.softwareGpu;
  page.peersHelp.textContent = `Loads about ${Math.round(loadBytes(chosen.backend) / 1e6)} MB more, from this site${
    emulated ? '; takes minutes on an emulated GPU' : ''
  }.`;
}

/** An address may ask for a value that the list does not have. */
function choose(select: HTMLSelectElement, value: string | null): void {
  if (value === null || !/^\d{1,4}(x\d{1,4})?$/.test(value)) return;
  if (![...select.options].some((option) => option.value === value)) {
    select.add(new Option(value.replace('x', ' × '), value));
  }
  select.value = value;
}

function settings(): RunSettings | null {
  const backend = page.backends.find(({ checked }) => checked)?.value as RunSettings['backend'] | undefined;
  const [width, height] = page.size.value.split('x').map(Number);
  return backend ? { backend, width, height, rounds: Number(page.rounds.value) } : null;
}

async function run(): Promise<void> {
  const chosen = settings();
  if (running || !chosen) return;
  const controller = new AbortController();
  running = controller;
  setRunning(true);
  showMessage(null);
  const onProgress = (share: number, doing: string) => {
    page.progress.value = share;
    page.status.textContent = doing;
  };
  try {
    const take = page.peers.checked ? measurePeers : measure;
    shown = await take(device, chosen, onProgress, controller.signal);
    showReport(shown);
    page.status.textContent = `Done: ${chosen.backend}, ${chosen.width} × ${chosen.height}, ${chosen.rounds} ${chosen.rounds === 1 ? 'round' : 'rounds'}.`;
  } catch (error) {
    page.status.textContent = controller.signal.aborted ? 'Cancelled.' : 'Failed.';
    if (!controller.signal.aborted) showMessage(sentence(error));
  } finally {
    running = null;
    setRunning(false);
  }
}

function setRunning(on: boolean): void {
  page.run.disabled = on;
  page.cancel.disabled = !running;
  page.progress.hidden = !running;
  document.body.dataset.running = String(on);
}

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(page.json.value);
    page.copied.textContent = 'Copied.';
  } catch {
    page.json.focus();
    page.json.select();
    page.copied.textContent = 'The browser does not let the page copy: it is selected, copy it by hand.';
  }
  setTimeout(() => {
    page.copied.textContent = '';
  }, COPIED_MS);
}

function showMessage(text: string | null): void {
  page.message.hidden = text === null;
  page.message.textContent = text ?? '';
}

function sentence(error: unknown): string {
  if (error instanceof SourceError || error instanceof SaccadeNetError) return error.message;
  return `Something went wrong: ${(error as Error)?.message ?? error}. Reload the page.`;
}
