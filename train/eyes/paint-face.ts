/**
 * Faces out of formulas: a head is an ellipsoid seen along parallel rays, its features are spots, lines and bumps in
 * coordinates of its front, lit by a lamp and the sky. Plain, but skin, hair, beard, glasses, hats, light, pose and gaze
 * vary widely, and at 20 to 70 px little else is left of a face.
 *
 * Unit of length: the distance of the eyes, 63 mm. x right, y down, z towards the camera, 0 between the eyes.
 */
import { between, normal, type Random } from '../random.ts';

/** Looks at the camera; or does not, in one of these ways. */
export type FaceKind = 'looks' | 'eyeless' | 'closed' | 'aside' | 'profile' | 'back';

/** A window's side and how far below its top the eyes are: from above the brows to the chin (marks.ts has them too). */
export const WINDOW_IN_EYES = 2.75;
export const EYES_DOWN = 0.36;

/** Half width, half height and half depth of the head; its middle lies above the eyes. */
const HEAD = { x: 1.17, y: 1.85, z: 1.35, middle: -0.1 };

/**
 * Linear grey, [px, px]: the face's window with `margin` of its side around it, upon `behind`.
 * @param behind linear grey, [px, px]
 */
export function paintFace(
  random: Random,
  kind: FaceKind,
  px: number,
  margin: number,
  behind: Float32Array,
): Float32Array {
  const plan = facePlan(random, kind);
  const out = behind.slice();
  const side = WINDOW_IN_EYES * (1 + 2 * margin);
  const [cosR, sinR] = [Math.cos(plan.roll), Math.sin(plan.roll)];
  const top = WINDOW_IN_EYES * (0.5 - EYES_DOWN);
  for (let row = 0; row < px; row++) {
    for (let column = 0; column < px; column++) {
      const u = ((column + 0.5) / px - 0.5) * side;
      const v = ((row + 0.5) / px - 0.5) * side + top;
      const value = shade(plan, cosR * u + sinR * v, cosR * v - sinR * u);
      if (value >= 0) out[row * px + column] = value;
    }
  }
  return out;
}

function facePlan(random: Random, kind: FaceKind) {
  const turned = kind === 'profile' ? between(random, 1.1, 1.6) : Math.abs(normal(random)) * 0.2;
  const yaw = Math.min(kind === 'profile' ? 1.6 : 0.55, turned) * (random() < 0.5 ? -1 : 1);
  const skin = Math.exp(between(random, Math.log(0.07), Math.log(0.65)));
  const hair = random() < 0.75 ? skin * between(random, 0.08, 0.5) : between(random, 0.02, 0.7);
  const [across, down] = [normal(random) * 0.7, -0.35 + normal(random) * 0.45];
  const length = Math.hypot(across, down, 1);
  const glasses = random() < 0.22;
  const gaze =
    kind === 'aside' ? (random() < 0.5 ? -1 : 1) * between(random, 0.09, 0.13) : normal(random) * 0.018;
  return {
    ...{ kind, yaw, skin, hair, gaze, glasses },
    pitch: Math.max(-0.4, Math.min(0.4, normal(random) * 0.14)),
    roll: Math.max(-0.35, Math.min(0.35, normal(random) * 0.12)),
    light: [across / length, down / length, 1 / length] as [number, number, number],
    lamp: between(random, 0.2, 1.1),
    sky: between(random, 0.25, 0.9),
    // 0.9 narrows a face by a tenth.
    wide: between(random, 0.88, 1.08),
    jaw: between(random, 0.1, 0.4),
    socket: between(random, 0.1, 0.5),
    browY: between(random, -0.48, -0.3),
    browSlant: normal(random) * 0.12,
    browThick: between(random, 0.035, 0.09),
    brow: between(random, 0.25, 0.95),
    open: between(random, 0.07, 0.14),
    eyeWide: between(random, 0.2, 0.26),
    iris: between(random, 0.02, 0.16),
    lash: between(random, 0.3, 0.95),
    white: between(random, 0.35, 0.75) * Math.min(1, 0.6 + skin),
    frame: random() < 0.8 ? between(random, 0.01, 0.1) : 0.6,
    frameThick: between(random, 0.03, 0.07),
    glare: glasses && random() < 0.2 ? between(random, 0.1, 0.6) : 0,
    noseLong: between(random, 0.6, 0.85),
    nose: between(random, 0.15, 0.4),
    mouthY: between(random, 1.05, 1.3),
    mouthWide: between(random, 0.32, 0.55),
    lips: between(random, 0.45, 0.95),
    lipThick: between(random, 0.05, 0.12),
    smile: between(random, -0.05, 0.18),
    mouthOpen: random() < 0.35 ? between(random, 0.04, 0.17) : 0,
    teeth: random() < 0.8 ? 0.7 : 0.03,
    beard: random() < 0.2 ? between(random, 0.3, 1) : 0,
    moustache: random() < 0.2 ? between(random, 0.3, 1) : 0,
    hairline: random() < 0.1 ? -3 : between(random, -1.25, -0.65),
    part: normal(random) * 0.3,
    fringe: between(random, 0, 0.5),
    sides: between(random, 0.85, 1.15),
    longHair: random() < 0.45 ? between(random, 0.8, 4) : between(random, -0.4, 0.5),
    volume: between(random, 1.05, 1.5),
    hat: random() < 0.12 ? between(random, -0.85, -0.5) : -9,
    hatGrey: between(random, 0.01, 0.8),
    clothes: between(random, 0.01, 0.8),
    streaks: between(random, 0, 0.35),
    phase: random() * 6,
  };
}

/** A spot that fades out: 1 at its middle. */
const spot = (x: number, y: number, wide: number, tall: number) =>
  Math.exp(-((x / wide) ** 2) - (y / tall) ** 2);
/** 1 inside, 0 outside, over a tenth of the eyes' distance. */
const inside = (distance: number, soft = 0.04) => Math.max(0, Math.min(1, 0.5 - distance / soft));
const mix = (from: number, to: number, share: number) => from + share * (to - from);

/** Light that comes from a place of the picture; -1 for what is behind. @param u @param v roll taken out */
function shade(plan: ReturnType<typeof facePlan>, u: number, v: number): number {
  const { yaw, pitch, light, lamp, sky, wide } = plan;
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  // The head turns about a point in its middle, so the front moves aside; the window stays with the eyes.
  const pivot = HEAD.z * 0.75;
  const x0 = u + sy * pivot * 0.6;
  const y0 = v - sp * pivot * 0.5;
  // Rows of the turn by yaw, then pitch: a place of the camera in the head's own coordinates.
  const turn = (x: number, y: number, z: number): [number, number, number] => {
    const [a, b] = [cy * x - sy * z, sy * x + cy * z];
    return [a, cp * y - sp * b, sp * y + cp * b];
  };
  const o = turn(x0, y0, 0);
  const d = turn(0, 0, 1);
  const narrow = wide * (1 - plan.jaw * Math.max(0, Math.min(1, (o[1] - 0.2) / 1.6)));
  const scale = [1 / (HEAD.x * narrow), 1 / HEAD.y, 1 / HEAD.z];
  const p = [o[0] * scale[0], (o[1] - HEAD.middle) * scale[1], o[2] * scale[2]];
  const q = [d[0] * scale[0], d[1] * scale[1], d[2] * scale[2]];
  const [aa, bb, cc] = [dot(q, q), dot(p, q), dot(p, p) - 1];
  const root = bb * bb - aa * cc;
  if (root < 0) return beside(plan, u, v);
  const t = (-bb + Math.sqrt(root)) / aa;
  const [x, y, z] = [o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]];
  const front = kindOf(plan) !== 'back' && z > -0.25;
  const albedo = front ? skinAt(plan, x / wide, y, z) : plan.hair * streak(plan, x, y);
  let n = [p[0] + t * q[0], p[1] + t * q[1], p[2] + t * q[2]].map((value, i) => value * scale[i]);
  if (front) {
    const e = 0.04;
    const h = bump(plan, x, y);
    n[0] -= (0.9 * (bump(plan, x + e, y) - h)) / e;
    n[1] -= (0.9 * (bump(plan, x, y + e) - h)) / e;
  }
  const norm = Math.hypot(n[0], n[1], n[2]);
  n = n.map((value) => value / norm);
  const towards = turn(light[0], light[1], light[2]);
  const upward = turn(0, -1, 0);
  const direct = Math.max(0, dot(n, towards));
  return albedo * (lamp * direct + sky * (0.65 + 0.35 * dot(n, upward)));
}

const kindOf = (plan: { readonly kind: FaceKind }): FaceKind => plan.kind;
const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function streak({ streaks, phase }: ReturnType<typeof facePlan>, x: number, y: number): number {
  return 1 + streaks * Math.sin(9 * x + 3 * y + phase) * Math.sin(23 * x - 2 * y);
}

/** Hair, neck and shoulders around the head; -1 behind them. */
function beside(plan: ReturnType<typeof facePlan>, u: number, v: number): number {
  const { sky, lamp, volume, longHair, hairline, clothes, skin, hair, hat } = plan;
  const lit = sky + 0.4 * lamp;
  const reach = HEAD.x * volume;
  if (v > 2.4 - 0.35 * Math.min(1, Math.abs(u)) && Math.abs(u) < 3.5) return clothes * lit * 0.8;
  if (hat < -2 && hairline > -2) {
    const inHair = (u / reach) ** 2 + Math.min(0, (v + 0.3) / (HEAD.y * (0.6 + 0.5 * volume))) ** 2 < 1;
    if (inHair && v < longHair) return hair * lit * 0.7 * streak(plan, u, v);
  }
  if (hat > -2 && v < hat && Math.abs(u) < 1.35 && v > -2.2) return plan.hatGrey * lit;
  if (((Math.abs(u) - 1.2) / 0.18) ** 2 + ((v - 0.25) / 0.4) ** 2 < 1 && Math.abs(plan.yaw) < 0.5)
    return skin * lit * 0.7;
  if (Math.abs(u) < 0.75 && v > 1) return skin * lit * 0.5;
  return -1;
}

/** How far a place of the front stands out. */
function bump({ nose, noseLong, socket }: ReturnType<typeof facePlan>, x: number, y: number): number {
  const ridge =
    nose *
    spot(x, 0, 0.2, 9) *
    Math.max(0, Math.min(1, (y + 0.2) / (noseLong + 0.2))) *
    inside(y - noseLong - 0.1, 0.3);
  const tip = 0.7 * nose * spot(x, y - noseLong, 0.22, 0.2);
  const eyes = spot(Math.abs(x) - 0.5, y, 0.35, 0.24) * socket * 0.45;
  const brows = spot(Math.abs(x) - 0.45, y + 0.4, 0.5, 0.16) * socket * 0.25;
  const cheeks = 0.1 * spot(Math.abs(x) - 0.65, y - 0.6, 0.35, 0.35);
  const chin = 0.15 * spot(x, y - 1.65, 0.4, 0.2) - 0.08 * spot(x, y - 1.4, 0.5, 0.12);
  return ridge + tip - eyes + brows + cheeks + chin;
}

function skinAt(plan: ReturnType<typeof facePlan>, x: number, y: number, z: number): number {
  const { skin, hair, kind } = plan;
  let grey = skin;
  const side = Math.abs(x);
  if (kind !== 'eyeless') grey = eyesAt(plan, x, y, grey);
  grey *=
    1 -
    0.55 * spot(side - 0.14, y - plan.noseLong - 0.1, 0.09, 0.06) -
    0.2 * spot(x, y - plan.noseLong - 0.2, 0.25, 0.09);
  grey = mouthAt(plan, x, y, grey);
  const bearded =
    Math.max(inside(1.35 - y, 0.3), inside(0.75 - side, 0.2) * inside(0.5 - y, 0.4)) * inside(0.9 - y, 0.4);
  if (plan.beard > 0 && !(side < 0.3 && Math.abs(y - plan.mouthY) < 0.12))
    grey = mix(grey, hair, plan.beard * bearded);
  if (plan.moustache > 0) {
    const lip = spot(x, y - plan.mouthY + 0.2, 0.45, 0.11);
    grey = mix(grey, hair, Math.min(1, 1.4 * lip) * plan.moustache);
  }
  const edge =
    plan.hairline + plan.fringe * spot(x - plan.part, 0, 0.5, 9) + 0.35 * Math.max(0, side - 0.55) ** 2;
  const covered = Math.max(
    inside(y - edge, 0.14),
    inside(plan.sides - side, 0.12) * inside(y - plan.longHair, 0.2) * (z < 0.9 ? 1 : 0),
  );
  if (plan.hairline > -2) grey = mix(grey, hair * streak(plan, x, y), covered);
  if (plan.hat > -2) grey = y < plan.hat ? plan.hatGrey : grey * (1 - 0.5 * inside(y - plan.hat - 0.35, 0.4));
  return grey;
}

function eyesAt(plan: ReturnType<typeof facePlan>, x: number, y: number, skin: number): number {
  const { kind, open, eyeWide, gaze, hair } = plan;
  const across = Math.abs(x) - 0.5;
  let grey = skin * (1 - 0.45 * plan.socket * spot(across, y + 0.08, 0.36, 0.24));
  const lineY = plan.browY + plan.browSlant * across - 0.25 * Math.max(0, 0.12 - across * across);
  const brow = inside(Math.abs(y - lineY) - plan.browThick, 0.06) * inside(Math.abs(across) - 0.32, 0.12);
  grey = mix(grey, Math.min(hair, 0.6 * skin), brow * plan.brow);
  const bend = 1 - (across / eyeWide) ** 2;
  if (kind === 'closed') {
    const lid =
      inside(Math.abs(y - 0.04 * bend - 0.02) - 0.025, 0.04) * inside(Math.abs(across) - eyeWide, 0.06);
    grey = mix(grey, 0.3 * skin, lid * plan.lash);
  } else {
    if (bend > 0) {
      const within = inside(Math.abs(y + 0.02) - open * Math.sqrt(bend), 0.04);
      const middle = gaze * (x < 0 ? 1 : 1);
      const iris = inside(Math.hypot(x < 0 ? x + 0.5 - middle : x - 0.5 - middle, y + 0.03) - 0.095, 0.04);
      const pupil = inside(Math.hypot(x < 0 ? x + 0.5 - middle : x - 0.5 - middle, y + 0.03) - 0.045, 0.03);
      const eye = mix(mix(plan.white, plan.iris, iris), 0.01, pupil);
      grey = mix(grey, eye, within);
    }
    const lid = inside(Math.abs(y + 0.02 + open * Math.sqrt(Math.max(0, bend))) - 0.025, 0.04);
    grey = mix(grey, 0.12 * skin, lid * plan.lash * inside(Math.abs(across) - eyeWide * 1.1, 0.06));
  }
  if (!plan.glasses) return grey;
  const ring = Math.abs(Math.hypot(across / 0.38, (y - 0.06) / 0.3) - 1) * 0.33 - plan.frameThick / 2;
  const bridge = Math.abs(x) < 0.14 ? Math.abs(y + 0.05) - plan.frameThick / 2 : 1;
  const arm = Math.abs(x) > 0.86 ? Math.abs(y + 0.05) - plan.frameThick / 2 : 1;
  grey = mix(grey, plan.frame, inside(Math.min(ring, bridge, arm), 0.04));
  return grey + plan.glare * spot(across - 0.1, y + 0.05, 0.14, 0.1);
}

function mouthAt(plan: ReturnType<typeof facePlan>, x: number, y: number, skin: number): number {
  const { mouthWide, mouthY, lipThick, smile, mouthOpen } = plan;
  const bend = 1 - (x / mouthWide) ** 2;
  if (bend <= 0) return skin;
  const line = mouthY - smile * (x / mouthWide) ** 2;
  const off = y - line;
  const lips = inside(Math.abs(off) - (lipThick + mouthOpen) * Math.sqrt(bend), 0.05);
  let grey = mix(skin, skin * plan.lips, lips);
  const gap = inside(Math.abs(off) - Math.max(0.02, mouthOpen * Math.sqrt(bend)), 0.04);
  grey = mix(grey, mouthOpen > 0.05 && off < 0.4 * mouthOpen ? plan.teeth : 0.08 * skin, gap);
  return grey;
}
