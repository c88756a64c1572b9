/** The elements of index.html by id, with their types; a missing one is a mistake in the page. */

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with the id '${id}'`);
  return found;
}

export const page = {
  stage: element('stage', HTMLDivElement),
  canvas: element('canvas', HTMLCanvasElement),
  empty: element('empty', HTMLDivElement),
  emptyTitle: element('empty-title', HTMLParagraphElement),
  emptyText: element('empty-text', HTMLParagraphElement),
  message: element('message', HTMLParagraphElement),
  status: element('status', HTMLParagraphElement),
  camera: element('source-camera', HTMLButtonElement),
  clip: element('source-clip', HTMLButtonElement),
  openFile: element('source-file', HTMLButtonElement),
  file: element('file', HTMLInputElement),
  pause: element('pause', HTMLButtonElement),
  step: element('step', HTMLButtonElement),
  share: element('share', HTMLSpanElement),
  shareFill: element('share-fill', HTMLDivElement),
  shareCap: element('share-cap', HTMLDivElement),
  saved: element('saved', HTMLElement),
  fps: element('fps', HTMLElement),
  people: element('people', HTMLElement),
  poles: element('poles', HTMLElement),
  time: element('time', HTMLElement),
  backend: element('backend', HTMLElement),
  budgetRow: element('budget-row', HTMLDivElement),
  budget: element('budget', HTMLInputElement),
  budgetText: element('budget-text', HTMLOutputElement),
  overlay: element('overlay', HTMLInputElement),
  policies: [...document.querySelectorAll<HTMLInputElement>('input[name="policy"]')],
};
