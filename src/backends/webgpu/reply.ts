/** A frame's reply as pack.wgsl writes it, in the form that callers read. Pure. */
import { halfToFloat } from '../../network/half.ts';
import type { CandidateList } from '../backend.ts';
import { CANDIDATE_WORDS, REPLY_HEAD_WORDS, type ReplyLayout, SCORE_BITS } from './settings.ts';

export interface Reply {
  /** Candidates found; more than `candidates` holds where they did not all fit. */
  readonly found: number;
  readonly gates: Uint8Array;
  readonly candidates: CandidateList;
}

/** @param labels of the network */
export function readReply(words: Uint32Array, layout: ReplyLayout, labels: number): Reply {
  const gates = new Uint8Array(layout.blocks);
  for (let block = 0; block < gates.length; block++) {
    gates[block] = (words[REPLY_HEAD_WORDS + (block >> 4)] >>> (2 * (block & 15))) & 3;
  }
  const [found, , , count] = words;
  const candidates: CandidateList = {
    count,
    cells: new Uint32Array(count),
    labels: new Uint8Array(count),
    scores: new Float32Array(count),
    geometry: new Float32Array(4 * count),
  };
  // The kernels append in no order; that of an inspection is by cell.
  const start = REPLY_HEAD_WORDS + layout.gateWords;
  const order = Uint32Array.from({ length: count }, (_, i) => start + CANDIDATE_WORDS * i);
  order.sort((a, b) => words[a] - words[b]);
  for (let i = 0; i < count; i++) {
    const [head, first, second] = words.subarray(order[i], order[i] + CANDIDATE_WORDS);
    const place = head >>> SCORE_BITS;
    candidates.cells[i] = Math.floor(place / labels);
    candidates.labels[i] = place % labels;
    candidates.scores[i] = (head & (2 ** SCORE_BITS - 1)) / (2 ** SCORE_BITS - 1);
    candidates.geometry[4 * i] = halfToFloat(first & 0xffff);
    candidates.geometry[4 * i + 1] = halfToFloat(first >>> 16);
    candidates.geometry[4 * i + 2] = halfToFloat(second & 0xffff);
    candidates.geometry[4 * i + 3] = halfToFloat(second >>> 16);
  }
  return { found, gates, candidates };
}
