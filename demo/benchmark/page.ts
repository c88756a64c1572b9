/** The elements of benchmark.html. */
import { element } from '../elements.ts';

export const page = {
  backends: [...document.querySelectorAll<HTMLInputElement>('input[name="backend"]')],
  size: element('size', HTMLSelectElement),
  rounds: element('rounds', HTMLSelectElement),
  peers: element('peers', HTMLInputElement),
  peersHelp: element('peers-help', HTMLElement),
  run: element('run', HTMLButtonElement),
  cancel: element('cancel', HTMLButtonElement),
  status: element('status', HTMLParagraphElement),
  progress: element('progress', HTMLProgressElement),
  message: element('message', HTMLParagraphElement),
  device: element('device', HTMLDListElement),
  report: element('report', HTMLDivElement),
  chart: element('chart', SVGSVGElement),
  runtimesCard: element('runtimes-card', HTMLElement),
  runtimes: element('runtimes', HTMLTableElement),
  faster: element('faster', HTMLTableElement),
  shares: element('shares', HTMLTableElement),
  stages: element('stages', HTMLTableElement),
  stagesNote: element('stages-note', HTMLParagraphElement),
  start: element('start', HTMLDListElement),
  copy: element('copy', HTMLButtonElement),
  copied: element('copied', HTMLSpanElement),
  json: element('json', HTMLTextAreaElement),
};
