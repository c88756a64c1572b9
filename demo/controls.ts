/** Settings of the page and its keys. Settings are read when a frame is looked at; changes are told at once. */
import { page } from './page.ts';

export interface Settings {
  /** Share of blocks, 0..1. */
  readonly budget: number;
  readonly policy: 'foveated' | 'dense' | 'both';
  readonly showAttention: boolean;
  readonly showTrail: boolean;
  /** Every frame is shown when the next one tells of it. */
  readonly late: boolean;
}

export function settings(): Settings {
  return {
    budget: page.budget.valueAsNumber / 100,
    policy: (page.policies.find(({ checked }) => checked)?.value ?? 'foveated') as Settings['policy'],
    showAttention: page.overlay.checked,
    showTrail: page.trail.checked,
    late: page.hindsight.checked,
  };
}

export interface ControlEvents {
  /** Budget or policy: what the network computes. */
  lookChanged(): void;
  /** The overlay: only what is drawn. */
  drawingChanged(): void;
  pause(): void;
  step(): void;
  camera(): void;
  clip(): void;
  file(file: File): void;
}

export function connectControls(events: ControlEvents): void {
  page.camera.addEventListener('click', () => events.camera());
  page.clip.addEventListener('click', () => events.clip());
  page.openFile.addEventListener('click', () => page.file.click());
  page.file.addEventListener('change', () => {
    const [file] = page.file.files ?? [];
    page.file.value = '';
    if (file) events.file(file);
  });
  page.pause.addEventListener('click', () => events.pause());
  page.step.addEventListener('click', () => events.step());
  for (const drawn of [page.overlay, page.trail, page.hindsight]) {
    drawn.addEventListener('change', () => events.drawingChanged());
  }
  page.budget.addEventListener('input', () => {
    showSettings();
    events.lookChanged();
  });
  for (const policy of page.policies) {
    policy.addEventListener('change', () => {
      showSettings();
      events.lookChanged();
    });
  }
  connectDrop(events);
  connectKeys();
  showSettings();
}

/** The budget in words, and where it stands on the meter; with the dense network it has no say. */
function showSettings(): void {
  const { budget, policy } = settings();
  const dense = policy === 'dense';
  const text = `${Math.round(budget * 100)} %`;
  page.budgetText.textContent = text;
  page.budget.setAttribute('aria-valuetext', `${text} of the blocks`);
  page.budget.disabled = dense;
  page.budgetRow.classList.toggle('off', dense);
  page.shareCap.hidden = dense;
  page.shareCap.style.left = `${budget * 100}%`;
}

function connectDrop({ file }: ControlEvents): void {
  const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    page.stage.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) page.stage.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    page.stage.classList.remove('dropping');
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped) file(dropped);
  });
}

/** Single keys, but not with a modifier, so that the browser's own shortcuts stay what they are. */
function connectKeys(): void {
  const actions: Record<string, () => void> = {
    k: () => page.pause.click(),
    '.': () => page.step.click(),
    a: () => page.overlay.click(),
    t: () => page.trail.click(),
    h: () => page.hindsight.click(),
    d: () => {
      const at = page.policies.findIndex(({ checked }) => checked);
      page.policies[(at + 1) % page.policies.length].click();
    },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
