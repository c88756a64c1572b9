/** The jointed figure of a person in one frame: limbs, clothes, hair, bags; painted back to front. */
import type { Point } from './camera.ts';
import { type Colour, scale } from './colour.ts';
import type { Painter, Surface } from './painter.ts';
import type { PersonPlan } from './person-plan.ts';

/** One figure in one frame. Joints in metres: forward, right and up of the feet. */
export class Figure {
  readonly p: Painter;
  readonly plan: PersonPlan;
  readonly #x: number;
  readonly #z: number;
  readonly #sin: number;
  readonly #cos: number;
  /** Unit vector across the view, on the ground, to the picture's right. */
  readonly #across: readonly [number, number];
  /** Apparent half-widths of a unit of breadth and of a unit of depth. */
  readonly #broad: number;
  readonly #deep: number;
  /** The side that is nearer to the camera: 1 the figure's right, -1 its left. */
  readonly near: 1 | -1;
  /** Share of the figure's front that is seen: 1 faces the camera. */
  readonly front: number;
  readonly #slope: number;
  readonly #fine: boolean;

  constructor(p: Painter, plan: PersonPlan, x: number, z: number) {
    this.p = p;
    this.plan = plan;
    this.#x = x;
    this.#z = z;
    this.#sin = Math.sin(plan.heading);
    this.#cos = Math.cos(plan.heading);
    const { pose } = p.camera;
    const d = Math.hypot(x - pose.x, z - pose.z) || 1;
    const [vx, vz] = [(x - pose.x) / d, (z - pose.z) / d];
    this.#across = [vz, -vx];
    this.#broad = Math.abs(this.#cos * vz + this.#sin * vx);
    this.#deep = Math.abs(this.#sin * vz - this.#cos * vx);
    this.near = this.#cos * vx - this.#sin * vz < 0 ? 1 : -1;
    this.front = -(this.#sin * vx + this.#cos * vz);
    const sunSide = p.light.sun[0] * vz - p.light.sun[2] * vx;
    this.#slope = p.light.weather === 'sun' && p.sunlight > 0.5 ? 0.45 * sunSide : 0.12 * Math.sign(sunSide);
    this.#fine = (plan.height * pose.focal) / d > 45;
  }

  /** World point of a joint. */
  at(forward: number, right: number, up: number): Point {
    return [
      this.#x + this.#sin * forward + this.#cos * right,
      this.plan.base + up,
      this.#z + this.#cos * forward - this.#sin * right,
    ];
  }

  surface(colour: Colour, textured = false): Surface {
    if (!textured || !this.#fine) return { colour, slopeX: this.#slope };
    return { colour, slopeX: this.#slope, slopeY: -0.12 };
  }

  limb(a: Point, b: Point, ra: number, rb: number, colour: Colour): void {
    this.p.bar(a, b, ra, rb, this.surface(colour), true);
  }

  /** A closed outline around the upright axis: pairs of (up, half-width); lean moves it forward with height. */
  hull(rings: readonly (readonly [number, number])[], lean: (up: number) => number, colour: Colour): void {
    const points: Point[] = [];
    const [ax, az] = this.#across;
    const side = (up: number, w: number) => {
      const c = this.at(lean(up), 0, up);
      points.push([c[0] + ax * w, c[1], c[2] + az * w]);
    };
    for (const [up, w] of rings) side(up, w);
    for (let i = rings.length - 1; i >= 0; i--) side(rings[i][0], -rings[i][1]);
    this.p.polygon(points, this.surface(colour, true));
  }

  /** Apparent half-width of a body part that is so broad and so deep, both for the average build. */
  breadth(broad: number, deep: number): number {
    return Math.hypot(broad * this.#broad, deep * this.#deep) * this.plan.build;
  }

  /** @param h body height, metres; forward and up: of the head's centre */
  head(h: number, forward: number, up: number): void {
    const { plan, p } = this;
    const face = this.at(forward, 0, up);
    const [rx, ry] = [0.045 * h, 0.066 * h];
    p.ellipse(face, rx * 1.12, ry * 1.05, this.surface(plan.hair));
    if (plan.longHair)
      this.limb(
        this.at(forward - 0.02, 0, up),
        this.at(forward - 0.05, 0, up - 0.1 * h),
        rx * 1.15,
        rx,
        plan.hair,
      );
    if (this.front > -0.55) {
      // The face shows on the side that the figure looks to.
      const shift = this.at(forward + 0.03 * h, 0, up - 0.012 * h);
      p.ellipse(shift, rx * (0.75 + 0.2 * Math.max(0, this.front)), ry * 0.82, this.surface(plan.skin));
    }
    if (plan.hat) {
      this.hull(
        [
          [up + 0.015 * h, rx * 1.25],
          [up + 0.05 * h, rx * 1.1],
          [up + 0.082 * h, rx * 0.5],
        ],
        () => forward,
        plan.hat,
      );
    }
  }

  #arm(h: number, side: number, swing: number): void {
    const { plan } = this;
    const shoulder = side * 0.108 * h * plan.build;
    const top = 0.805 * h;
    const upper = 0.175 * h;
    const fore = 0.155 * h;
    let [a, b] = [swing, swing + 0.35];
    let inward = 0;
    if (plan.arms === 'pockets') [a, b, inward] = [-0.25, 0.45, 0.3];
    if (plan.arms === 'phone' && side > 0) [a, b, inward] = [0.35, 2.5, 0.2];
    const elbow = this.at(Math.sin(a) * upper, shoulder * 1.12, top - Math.cos(a) * upper);
    const hand = this.at(
      Math.sin(a) * upper + Math.sin(b) * fore,
      shoulder * (1.12 - inward),
      top - Math.cos(a) * upper - Math.cos(b) * fore,
    );
    const r = 0.031 * h * plan.build;
    const sleeve = scale(plan.top, 0.88);
    this.limb(this.at(0, shoulder, top), elbow, r * 1.15, r, sleeve);
    this.limb(elbow, hand, r, r * 0.75, sleeve);
    this.p.ellipse(hand, 0.022 * h, 0.025 * h, this.surface(plan.skin));
    if (plan.bag && side > 0 && plan.arms !== 'phone') {
      const [c, w] = [hand, 0.09 * h];
      const [ax, az] = this.#across;
      const k = w * (0.45 + 0.55 * this.#deep);
      const box: Point[] = [];
      for (const [sx, sy] of [
        [-0.8, -0.02],
        [0.8, -0.02],
        [1, -0.2],
        [-1, -0.2],
      ])
        box.push([c[0] + ax * sx * k, c[1] + sy * h * 0.9, c[2] + az * sx * k]);
      this.p.polygon(box, this.surface(plan.bag, true));
    }
  }

  #leg(h: number, side: number, phase: number): void {
    const { plan } = this;
    const walk = Math.min(1, plan.speed / 1.2);
    const swing = 0.46 * walk * Math.sin(phase);
    const bend = walk * (0.12 + 0.75 * Math.max(0, Math.cos(phase + 0.35)) * (swing < 0.35 ? 1 : 0.4));
    const hip = 0.5 * h;
    const thigh = 0.25 * h;
    const shin = 0.215 * h;
    const spread = side * 0.05 * h;
    const knee = this.at(Math.sin(swing) * thigh, spread, hip - Math.cos(swing) * thigh);
    const low = swing - bend;
    const foot: [number, number] = [
      Math.sin(swing) * thigh + Math.sin(low) * shin,
      Math.max(0.035 * h, hip - Math.cos(swing) * thigh - Math.cos(low) * shin),
    ];
    const ankle = this.at(foot[0], spread, foot[1]);
    const b = plan.build;
    const colour = side === this.near ? plan.legs : scale(plan.legs, 0.8);
    const skinned = plan.skirt && plan.hem > 0.4;
    this.limb(this.at(0, spread, hip), knee, 0.055 * h * b, 0.04 * h * b, colour);
    this.limb(knee, ankle, 0.038 * h * b, 0.026 * h * b, skinned ? scale(plan.skin, 0.6) : colour);
    const toe = this.at(foot[0] + 0.09 * h, spread, Math.max(0.012 * h, foot[1] - 0.025 * h));
    this.limb(
      this.at(foot[0] - 0.02 * h, spread, foot[1] - 0.015 * h),
      toe,
      0.026 * h,
      0.018 * h,
      plan.shoes,
    );
  }

  paintWalker(): void {
    const { plan, p } = this;
    const h = plan.height;
    const stride = plan.speed > 0 ? (plan.speed / (0.42 * h)) * Math.PI : 0;
    const phase = plan.phase + (plan.speed > 0 ? p.time * stride : 0);
    const { near } = this;
    const legPhase = (side: number) => (side > 0 ? phase : phase + Math.PI);
    const armSwing = (side: number) => -0.5 * Math.min(1, plan.speed) * Math.sin(legPhase(side)) + 0.05;
    const lean = (up: number) => (plan.speed > 0 ? 0.05 : 0) * (up - 0.5 * h);
    this.#arm(h, -near, armSwing(-near));
    this.#leg(h, -near, legPhase(-near));
    this.#leg(h, near, legPhase(near));
    const w = (broad: number, deep: number) => this.breadth(broad, deep) * h;
    if (plan.backpack && this.front > 0) this.#pack(h, plan.backpack);
    if (plan.skirt)
      this.hull(
        [
          [0.56 * h, w(0.085, 0.06)],
          [Math.min(plan.hem, 0.4) * h, w(0.12, 0.1)],
        ],
        lean,
        plan.legs,
      );
    this.limb(
      this.at(lean(0.82 * h), 0, 0.81 * h),
      this.at(lean(0.9 * h), 0, 0.88 * h),
      0.035 * h,
      0.03 * h,
      plan.skin,
    );
    const hem = plan.hem * h;
    this.hull(
      [
        [0.862 * h, w(0.035, 0.035)],
        [0.842 * h, w(0.08, 0.05)],
        [0.815 * h, w(0.112, 0.06)],
        [0.79 * h, w(0.117, 0.068)],
        [0.72 * h, w(0.108, 0.076)],
        [0.61 * h, w(0.09, 0.068)],
        [Math.max(hem, 0.48 * h), w(0.098, 0.074)],
        ...(hem < 0.47 * h ? [[hem, w(0.106, 0.086)] as const] : []),
      ],
      lean,
      plan.top,
    );
    if (plan.shirt && this.front > 0.25) {
      const open = 0.02 + 0.02 * this.front;
      this.hull(
        [
          [0.85 * h, open * 1.3 * h],
          [0.5 * h, open * 0.7 * h],
        ],
        (up) => lean(up) + 0.03 * h,
        plan.shirt,
      );
    }
    if (plan.backpack && this.front <= 0) this.#pack(h, plan.backpack);
    this.head(h, lean(0.93 * h), 0.932 * h);
    this.#arm(h, near, armSwing(near));
  }

  #pack(h: number, colour: Colour): void {
    const c = this.at(-0.1 * h, 0, 0.7 * h);
    this.p.ellipse(c, this.breadth(0.085, 0.06) * h, 0.115 * h, this.surface(colour));
  }
}
