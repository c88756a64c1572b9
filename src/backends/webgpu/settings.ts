/** What a frame's selection is told: the struct of kernels/settings.wgsl, and the limits of the reply. Pure. */
import type { Size } from '../../network/geometry.ts';
import { blockGrid, mapSize } from '../../network/geometry.ts';
import { leastLogit } from '../../network/logistic.ts';
import { HEAD_CHANNELS, type NetworkSpec } from '../../network/spec.ts';
import type { ResidentOrder } from '../backend.ts';
import type { ChosenLayout } from './maps.ts';
import { type NetworkPlan, pitchOf } from './plan.ts';

/** Bytes of the struct: 18 words, then four vectors that start at a multiple of 16. */
export const SETTINGS_BYTES = 144;
const SURE_AT = 17;
const LEAST_SCORES_AT = 20;
const MOST_LABELS = 16;

/** Bytes of a frame's readback; the stage times at its end are copied only where they are asked for. */
export const READBACK_BYTES = 4096;
export const TIMES_BYTES = 128;
export const TIMES_AT = READBACK_BYTES - TIMES_BYTES;

/** Words of the reply before the gates, and of a candidate. */
export const REPLY_HEAD_WORDS = 4;
export const CANDIDATE_WORDS = 3;
/** A candidate's first word: its place above, its score below. */
export const SCORE_BITS = 14;
/** Gates take at most this much of the reply's 992 words: those of 1920x1080 px in blocks of 16, and some more. */
const MOST_GATE_WORDS = 600;

/** How a reply at a working size is laid out, in words. */
export interface ReplyLayout {
  readonly blocks: number;
  readonly gateWords: number;
  /** Candidates that fit. */
  readonly capacity: number;
  readonly bytes: number;
}

/** The layout, or null where there are more blocks, cells or labels than a reply can name. */
export function replyLayout(spec: NetworkSpec, frame: Size): ReplyLayout | null {
  const { columns, rows } = blockGrid(spec, frame);
  const blocks = columns * rows;
  const places = blocks * (spec.block / spec.cell) ** 2 * spec.labels.length;
  const gateWords = Math.ceil(blocks / 16);
  if (gateWords > MOST_GATE_WORDS || spec.labels.length > MOST_LABELS || places > 2 ** (32 - SCORE_BITS)) {
    return null;
  }
  const room = TIMES_AT / 4 - REPLY_HEAD_WORDS - gateWords;
  const capacity = Math.min(places, Math.floor(room / CANDIDATE_WORDS));
  return {
    blocks,
    gateWords,
    capacity,
    bytes: 4 * (REPLY_HEAD_WORDS + gateWords + CANDIDATE_WORDS * capacity),
  };
}

/** The struct for a frame. */
export function settingsOf(
  spec: NetworkSpec,
  plan: NetworkPlan,
  frame: Size,
  reply: ReplyLayout,
  chosen: ChosenLayout,
  order: ResidentOrder,
  mostGroups: number,
): ArrayBuffer {
  const { columns } = blockGrid(spec, frame);
  const cells = mapSize(frame, spec.cell);
  const { limit, threshold, dense, sure } = order.select;
  const bytes = new ArrayBuffer(SETTINGS_BYTES);
  const words = new Uint32Array(bytes);
  const floats = new Float32Array(bytes);
  words.set([
    ...[reply.blocks, columns, limit, Number(dense)],
    0,
    ...[chosen.listWords, chosen.gatesAt, chosen.argumentsAt],
    ...[plan.detail.length + 1, mostGroups],
    ...[spec.block / spec.cell, cells.width, cells.height, spec.labels.length, pitchOf(plan.cells)],
    ...[reply.capacity, reply.gateWords],
  ]);
  floats[4] = Math.min(MOST_FLOAT, Math.max(-MOST_FLOAT, leastLogit(threshold)));
  floats[SURE_AT] = Math.min(MOST_FLOAT, sure);
  floats.set(order.leastScores.slice(0, MOST_LABELS), LEAST_SCORES_AT);
  return bytes;
}

/** Of float32, nearly; WGSL has no infinities. */
const MOST_FLOAT = 3e38;

/** Floats of a head's output for one label: what collect.wgsl counts on. */
export function headFits(spec: NetworkSpec): boolean {
  return spec.detail.head.outputs === spec.labels.length * HEAD_CHANNELS.length;
}
