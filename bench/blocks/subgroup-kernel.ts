/**
 * The convolution of the WebGPU backend with its weights loaded once a subgroup: every lane loads some of a step's
 * weights and the others get them by broadcast. For that the lanes of a subgroup make the same output channels, of
 * places that follow one another, and none leaves before the others. Made of conv.wgsl by exchanging lines. Pure.
 */
import convText from '../../src/backends/webgpu/kernels/conv.wgsl';
import paramsText from '../../src/backends/webgpu/kernels/params.wgsl';
import type { KernelShape } from '../../src/backends/webgpu/pipelines.ts';
import { PRECISIONS } from '../../src/backends/webgpu/precision.ts';
import { unroll } from '../../src/backends/webgpu/unroll.ts';

/** Weights of a step of the inner loop, in vec4s: 4 inputs for each of the tile's columns. */
const ROWS = 4;

/** `today`: the kernel as it is. `lanes`: lanes as for the broadcast, every lane loading all. `broadcast`: shared. */
export const WAYS = ['today', 'lanes', 'broadcast'] as const;
export type Way = (typeof WAYS)[number];

/**
 * @param lanes of a subgroup; a workgroup is whole subgroups, and their lanes follow one another in it
 * @param conv conv.wgsl as it is written, not as the bundle has it
 */
export function subgroupCode(way: Way, shape: KernelShape, lanes: number, conv = convText): string {
  const { prelude } = PRECISIONS[shape.precision];
  const text = way === 'today' ? conv : inLanes(conv, lanes);
  const shared = way === 'broadcast' ? broadcast(text, shape.columns, lanes) : text;
  const head = way === 'today' ? '' : 'diagnostic(off, subgroup_uniformity);\nenable subgroups;\n';
  const code = [head, prelude, paramsText, shared].join('\n');
  return unroll(code, { PLACES: shape.places, COLUMNS: shape.columns });
}

/** Threads over `tiles` tiles. */
export function subgroupThreads(
  way: Way,
  shape: KernelShape,
  lanes: number,
  tiles: number,
  { places, outputs }: { readonly places: number; readonly outputs: number },
): number {
  const parts = tiles * Math.ceil(places / shape.places);
  const columns = Math.ceil(outputs / shape.columns);
  return columns * (way === 'today' ? parts : lanes * Math.ceil(parts / lanes));
}

/** Lanes run over the places, subgroups over the output channels; who has no tile computes what nobody keeps. */
function inLanes(text: string, lanes: number): string {
  return [
    [
      '@builtin(local_invocation_index) local: u32,',
      '@builtin(local_invocation_index) local: u32,\n  @builtin(subgroup_invocation_id) lane: u32,',
    ],
    ['(thread % columns) * {COLUMNS}u', `(thread / ${lanes}u % columns) * {COLUMNS}u`],
    ['(thread / columns) % parts', 'own % parts'],
    ['let part =', `let own = thread / ${lanes}u / columns * ${lanes}u + lane;\n  let part =`],
    ['thread / (columns * parts)', 'own / parts'],
    [
      'if (tile >= select(params.tiles, list[1], listed) || (!computed && (params.flags & COMPACT) != 0u)) {\n    return;\n  }',
      'let kept = tile < select(params.tiles, list[1], listed) && (computed || (params.flags & COMPACT) == 0u);\n  let any = subgroupAny(computed);',
    ],
    ['select(steps, 0u, computed); step', 'select(steps, 0u, any); step'],
    ['if (t{p} != NOWHERE', 'if (kept && t{p} != NOWHERE'],
    ['stored(max(s{p}_{o}, least)), k{p})', 'stored(max(s{p}_{o}, least)), k{p} && computed)'],
  ].reduce((changed, [from, to]) => exchange(changed, from, to), text);
}

/** A lane loads as many of the step's weights as make the subgroup's share whole. */
function broadcast(text: string, columns: number, lanes: number): string {
  const vectors = ROWS * columns;
  const loads = Math.max(1, Math.ceil(vectors / lanes));
  const mine = Array.from({ length: loads }, (_, load) => {
    const index = `(${load * lanes}u + lane) % ${vectors}u`;
    return `    let m${load} = weights[w + (${index}) % ${ROWS}u * params.outputs + (${index}) / ${ROWS}u];`;
  });
  const given = Array.from({ length: vectors }, (_, vector) => {
    const name = `w${Math.floor(vector / ROWS)}_${vector % ROWS}`;
    return `    let ${name} = subgroupBroadcast(m${Math.floor(vector / lanes)}, ${vector % lanes}u);`;
  });
  const loop = text.indexOf('#for o COLUMNS\n    let w{o}_0');
  const end = text.indexOf('#end', loop);
  if (loop < 0) throw new Error('conv.wgsl loads its weights otherwise than this bench knows');
  return `${text.slice(0, loop)}${[...mine, ...given].join('\n')}${text.slice(end + '#end'.length)}`;
}

function exchange(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`conv.wgsl does not have this once: ${from}`);
  return text.replace(from, () => to);
}
