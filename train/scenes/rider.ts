/** A cyclist in one frame: bicycle, legs at the pedals, arms at the bar; painted back to front. */
import type { Point } from './camera.ts';
import { type Colour, scale } from './colour.ts';
import type { Figure } from './figure.ts';

function paintWheel(figure: Figure, forward: number, radius: number): void {
  const c = figure.at(forward, 0, radius);
  const { camera } = figure.p;
  const [, , depth] = camera.project(c[0], c[1], c[2]);
  if (depth < 0.5) return;
  const n = 14;
  let previous: Point | undefined;
  const r = Math.max(0.02, 0.35 / (camera.pose.focal / depth));
  for (let i = 0; i <= n; i++) {
    const a = (i / n) * Math.PI * 2;
    const q = figure.at(forward + Math.cos(a) * radius, 0, radius + Math.sin(a) * radius);
    if (previous) figure.p.bar(previous, q, r, r, { colour: [0.015, 0.015, 0.015] });
    previous = q;
  }
}

/** A figure on a bicycle that rides ahead, and the bicycle. */
export function paintRider(figure: Figure): void {
  const { plan, p } = figure;
  const h = plan.height;
  const frame = plan.bicycle ?? [0.1, 0.1, 0.1];
  const r = 0.33;
  paintWheel(figure, -0.52, r);
  paintWheel(figure, 0.52, r);
  const bar = (a: Point, b: Point, w = 0.018) => p.bar(a, b, w, w, { colour: frame });
  const seat = figure.at(-0.22, 0, 0.9);
  const crank = figure.at(-0.05, 0, 0.3);
  const head = figure.at(0.4, 0, 0.85);
  bar(figure.at(-0.52, 0, r), crank);
  bar(crank, seat);
  bar(crank, head);
  bar(figure.at(-0.18, 0, 0.75), head);
  bar(figure.at(-0.52, 0, r), figure.at(-0.2, 0, 0.8));
  bar(figure.at(0.52, 0, r), figure.at(0.38, 0, 0.98));
  bar(figure.at(0.36, -0.26, 1.02), figure.at(0.36, 0.26, 1.02), 0.02);
  const turn = plan.phase + p.time * plan.speed * 1.2;
  const { near } = figure;
  const b = plan.build;
  const leg = (side: number) => {
    const a = turn + (side > 0 ? 0 : Math.PI);
    const foot: [number, number] = [-0.05 + 0.16 * Math.cos(a), 0.3 + 0.16 * Math.sin(a)];
    const hip: [number, number] = [-0.2, 0.97];
    const thigh = 0.26 * h;
    const d = Math.min(thigh * 1.85, Math.hypot(foot[0] - hip[0], foot[1] - hip[1]));
    const base = Math.atan2(foot[1] - hip[1], foot[0] - hip[0]);
    const knee = base + Math.acos(Math.min(1, d / 2 / thigh));
    const k = figure.at(hip[0] + Math.cos(knee) * thigh, side * 0.09, hip[1] + Math.sin(knee) * thigh);
    figure.limb(figure.at(hip[0], side * 0.07, hip[1]), k, 0.055 * h * b, 0.042 * h * b, plan.legs);
    figure.limb(k, figure.at(foot[0], side * 0.1, foot[1]), 0.04 * h * b, 0.027 * h * b, plan.legs);
    figure.limb(
      figure.at(foot[0] - 0.06, side * 0.1, foot[1] - 0.04),
      figure.at(foot[0] + 0.14, side * 0.1, foot[1] - 0.05),
      0.04,
      0.03,
      plan.shoes,
    );
  };
  const arm = (side: number) =>
    figure.limb(
      figure.at(0.1, side * 0.19 * b, 1.38),
      figure.at(0.36, side * 0.24, 1.05),
      0.05,
      0.035,
      scale(plan.top, 0.85),
    );
  leg(-near);
  arm(-near);
  const lean = (up: number) => -0.2 + (up - 0.95) * 0.75;
  const w = (broad: number, deep: number) => figure.breadth(broad, deep) * h;
  if (plan.backpack && figure.front > 0) paintPack(figure, plan.backpack);
  leg(near);
  figure.hull(
    [
      [1.46, w(0.05, 0.05)],
      [1.42, w(0.105, 0.07)],
      [1.3, w(0.12, 0.085)],
      [1.08, w(0.098, 0.08)],
      [0.9, w(0.1, 0.095)],
    ],
    lean,
    plan.top,
  );
  if (plan.backpack && figure.front <= 0) paintPack(figure, plan.backpack);
  figure.head(h, 0.26, 1.58);
  arm(near);
}

function paintPack(figure: Figure, colour: Colour): void {
  figure.p.ellipse(figure.at(-0.12, 0, 1.28), figure.breadth(0.14, 0.13), 0.2, figure.surface(colour));
}
