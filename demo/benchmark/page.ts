/** The elements of benchmark.html. */
import { element } from '../elements.ts';

export const page = {
  backends: [...document.querySelectorAll<HTMLInputElement>('input[name="backend"]')],
  size: element('size', HTMLSelectElement),
  rounds: element('rounds', HTMLSelectElement),
  run: element('run', HTMLButtonElement),
  cancel: element('cancel', HTMLButtonElement),
  status: element('status', HTMLParagraphElement),
  progress: element('progress', HTMLProgressElement),
  message: element('message', HTMLParagraphElement),
  device: element('device', HTMLDListElement),
  report: element('report', HTMLDivElement),
  chart: element('chart', SVGSVGElement),
  shares: element('shares', HTMLTableElement),
  stages: element('stages', HTMLTableElement),
  stagesNote: element('stages-note', HTMLParagraphElement),
  start: element('start', HTMLDListElement),
  copy: element('copy', HTMLButtonElement),
  copied: element('copied', HTMLSpanElement),
  json: element('json', HTMLTextAreaElement),
};
