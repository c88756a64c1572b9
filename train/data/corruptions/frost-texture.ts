/**
 * Panes of frost, drawn: a cloud that thickens in places, and crystals that grow on it as needles with side needles at
 * 60 degrees. ImageNet-C uses photographs, which are not ours to copy. The pane repeats seamlessly; a pane is drawn
 * once and kept.
 */
import { between, mixSeed, type Random, seededRandom } from '../../random.ts';
import { COLOURS, gaussianBlur } from './picture.ts';
import { plasma } from './plasma.ts';

/** A power of two. */
export const FROST_SIDE_PX = 512;
const SEED = 0xf405;
const CRYSTALS = 420;
/** Greatest length of a crystal's main needle, px. */
const LONGEST_PX = 110;
const TURN = Math.PI / 3;
/** Frost is a little blue. */
const TINT = [0.9, 0.96, 1];

const panes = new Map<number, Float32Array>();

/** [512, 512, 3], 0..1: what is added to a picture; the same for the same number. */
export function frostTexture(number: number): Float32Array {
  let pane = panes.get(number);
  if (!pane) panes.set(number, (pane = drawPane(seededRandom(mixSeed(SEED, number)))));
  return pane;
}

function drawPane(random: Random): Float32Array {
  const side = FROST_SIDE_PX;
  const { cloud } = plasma(side, 1.8, random);
  const fine = plasma(side, 1.2, random).cloud;
  const needles = new Float32Array(side * side);
  for (let n = 0; n < CRYSTALS; n++) {
    const x = random() * side;
    const y = random() * side;
    // Crystals grow where the cloud is thick.
    const length =
      LONGEST_PX * (0.25 + 0.75 * cloud[Math.floor(y) * side + Math.floor(x)]) * between(random, 0.3, 1);
    const turn = random() * TURN;
    const arms = 1 + Math.floor(random() * 3);
    for (let arm = 0; arm < arms; arm++) grow(needles, x, y, turn + arm * TURN * 2, length, 0.9, 2, random);
  }
  gaussianBlur(needles, { width: side, height: side }, 1, 0.7);
  const out = new Float32Array(side * side * COLOURS);
  for (let p = 0; p < cloud.length; p++) {
    const haze = 0.15 + 0.65 * smoothStep(0.15, 0.75, cloud[p]);
    const light = Math.min(1, haze * (0.35 + 1.1 * fine[p]) + 0.75 * needles[p]);
    for (let c = 0; c < COLOURS; c++) out[p * COLOURS + c] = light * TINT[c];
  }
  return out;
}

/** A needle from (x, y), fading, with shorter ones from both its sides. */
function grow(
  needles: Float32Array,
  x: number,
  y: number,
  angle: number,
  length: number,
  light: number,
  generations: number,
  random: Random,
): void {
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const gap = between(random, 4, 8);
  let nextBranch = gap;
  for (let along = 0; along < length; along += 0.5) {
    const here = light * (1 - along / length);
    const column = Math.floor(x + along * dx) & (FROST_SIDE_PX - 1);
    const row = Math.floor(y + along * dy) & (FROST_SIDE_PX - 1);
    const at = row * FROST_SIDE_PX + column;
    needles[at] = Math.min(1, Math.max(needles[at], here) + 0.1 * here);
    if (generations === 0 || along < nextBranch) continue;
    nextBranch += gap;
    const shorter = (length - along) * 0.45;
    for (const turn of [-TURN, TURN]) {
      grow(needles, x + along * dx, y + along * dy, angle + turn, shorter, here, generations - 1, random);
    }
  }
}

function smoothStep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
