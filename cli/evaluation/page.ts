/** The page of an evaluation's pictures: one file beside them, without scripts, for phones and desks, light and dark. */
import type { FrameErrors } from '../draw/annotate-errors.ts';
import { type Colour, FALSE_ALARM_COLOUR, GATE_WASHES, labelColour } from '../draw/palette.ts';
import type { Evaluation } from './run.ts';

export interface PageFigure {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly errors: FrameErrors;
  /** Where the picture is published. */
  readonly url?: string;
}

export interface PictureText {
  readonly title: string;
  readonly figures: readonly PageFigure[];
  readonly evaluation: Evaluation;
  readonly source?: string;
  readonly licence?: string;
  /** Whether the terms of all pictures allow any use. */
  readonly publishable: boolean;
}

const css = ([r, g, b]: Colour, alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;

const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --surface: #fff; --text: #171b22; --muted: #596273; --line: #dde1e8; --link: #2f5bd7; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1216; --surface: #171b21; --text: #e9ecf1; --muted: #9aa4b4; --line: #2a313b; --link: #8caaff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem clamp(1rem, 4vw, 3rem) 3rem; max-width: 110rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: .25rem 0; max-width: 75ch; }
a { color: var(--link); }
.muted, figcaption p { color: var(--muted); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.figures li { padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); }
.figures b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin: 0 0 1.25rem; padding: 0; list-style: none; font-size: .9rem; }
.legend i { display: inline-block; width: 1rem; height: 1rem; margin-right: .45rem; border-radius: .2rem; vertical-align: -.15rem; background: #5b636e; box-shadow: inset 0 0 0 1px #0008; }
.legend .box { border: 3px solid var(--c); }
.legend .dashed { border: 2px dashed #fff; }
.frames { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; overflow: hidden; border: 1px solid var(--line); border-radius: .75rem; background: var(--surface); }
figure img { display: block; width: 100%; height: auto; }
figcaption { padding: .6rem .9rem .8rem; overflow-wrap: anywhere; }
figcaption p, details { font-size: .9rem; }
details ul { margin: .25rem 0 0; padding-left: 1.2rem; }
summary { width: max-content; min-height: 1.5rem; color: var(--link); cursor: pointer; }
footer { margin-top: 2rem; font-size: .9rem; }
`;

export function picturePage({
  title,
  figures,
  evaluation,
  source,
  licence,
  publishable,
}: PictureText): string {
  const swatch = (background: string) =>
    `<i style="background: linear-gradient(${background}, ${background}), #8b929c"></i>`;
  const [skipped, three, five] = GATE_WASHES.map(({ colour, alpha }) => css(colour, alpha));
  const box = (colour: Colour) => `<i class="box" style="--c: ${css(colour)}"></i>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>The ${figures.length} frames with the most errors of ${evaluation.images}, the worst first.</p>
${figureList(evaluation)}
<ul class="legend">
<li>${box(labelColour('person'))}person, found</li>
<li>${box(labelColour('pole'))}pole, found</li>
<li>${box(FALSE_ALARM_COLOUR)}false alarm</li>
<li><i class="dashed"></i>missed; thin: the truth of what was found</li>
<li>${swatch(skipped)}not looked at</li>
<li>${swatch(three)}3x3 kernels</li>
<li>${swatch(five)}5x5 kernels</li>
</ul>
<main class="frames">
${figures.map(figureHtml).join('\n')}
</main>
<footer class="muted">
${source ? `<p>Pictures: ${escaped(source)}.</p>` : ''}
${licence ? `<p>Terms: ${escaped(licence)}</p>` : ''}
${publishable ? '<p>Annotated: blocks, boxes and tags were drawn over them.</p>' : '<p><strong>The terms of these pictures allow no publication: keep this page to yourself.</strong></p>'}
</footer>
</body>
</html>
`;
}

function figureList(evaluation: Evaluation): string {
  const share = (value: number | null) => (value === null ? '–' : value.toFixed(2));
  const items: [string, string][] = [
    [share(evaluation.personAP50), 'person AP50'],
    [share(evaluation.poleAP30), 'pole AP30'],
    [`${(100 * evaluation.attended).toFixed(0)}%`, 'of the blocks looked at'],
    [evaluation.gmacs.toFixed(2), 'GMAC a frame'],
  ];
  const known = items.filter(([value]) => value !== '–');
  return `<ul class="figures">${known.map(([value, what]) => `<li><b>${value}</b>${what}</li>`).join('')}</ul>`;
}

function figureHtml({ file, width, height, name, errors, url }: PageFigure, n: number): string {
  const { misses, falseAlarms, hits } = errors;
  const alarms = `${falseAlarms.length} false alarm${falseAlarms.length === 1 ? '' : 's'}`;
  const text = `${misses.length} missed, ${alarms}, ${hits.length} found`;
  const reasons = [...reasonList('missed', misses), ...reasonList('false alarm', falseAlarms)];
  const credit = url ? ` · <a href="${escaped(url)}">source</a>` : '';
  return `<figure><a href="${escaped(file)}"><img src="${escaped(file)}" width="${width}" height="${height}" alt="${escaped(`${name}: ${text}`)}"${n > 3 ? ' loading="lazy"' : ''}></a>
<figcaption>${text}<p>${escaped(name)}${credit}</p>
<details><summary>Why</summary><ul>${reasons.join('')}</ul></details></figcaption></figure>`;
}

/** One line a kind: '2 missed, pole: scored low'. */
function reasonList(what: string, items: readonly { label: string; cause: string }[]): string[] {
  const counts = new Map<string, number>();
  for (const { label, cause } of items) {
    const key = `${what}, ${label}: ${cause}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([key, count]) => `<li>${count} ${escaped(key)}</li>`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
