/**
 * Poles of many kinds. The shaft is the trunk; arms and lanterns belong to the pole but not to its shaft; plates,
 * signal heads and wires are scenery, as in CamVid.
 */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale } from './colour.ts';
import type { Painter, Surface } from './painter.ts';
import type { PolePlan } from './pole-plan.ts';
import { paintPlate, paintSignal } from './sign.ts';
import type { Thing } from './thing.ts';

export class Pole implements Thing {
  readonly sceneClass = 'pole' as const;
  readonly label = 'pole' as const;
  readonly track: number;
  readonly plan: PolePlan;

  get thickness(): number {
    return this.plan.radius * 2;
  }

  constructor(track: number, plan: PolePlan) {
    this.track = track;
    this.plan = plan;
  }

  place(): readonly [number, number] {
    return [this.plan.x, this.plan.z];
  }

  distance(camera: Camera): number {
    const { x, z } = this.plan;
    return camera.depth(x, z) < 0.6 ? -1 : camera.distance(x, z);
  }

  #at(v: number): Point {
    const { x, z, base, leanX, leanZ } = this.plan;
    return [x + leanX * v, base + v, z + leanZ * v];
  }

  paint(p: Painter): void {
    const { plan } = this;
    const { canvas, camera, light } = p;
    const right = Math.cos(camera.pose.yaw) * light.sun[0] - Math.sin(camera.pose.yaw) * light.sun[2];
    const slopeX = p.sunlight > 0.5 && light.weather === 'sun' ? 0.55 * right : 0.15 * right;
    const surface: Surface = { colour: plan.colour, slopeX };
    canvas.shaft(true);
    const bottom = plan.foot;
    const mid = plan.radius + (plan.topRadius - plan.radius) * (bottom / plan.height);
    p.bar(this.#at(bottom), this.#at(plan.height), mid, plan.topRadius, surface);
    if (plan.foot > 0)
      p.bar(this.#at(0), this.#at(plan.foot), plan.radius * 1.45, plan.radius * 1.35, surface);
    const pitch = plan.height / (plan.bands.length * 2 || 1);
    for (let i = 0; i < plan.bands.length; i++) {
      const from = plan.bands.length === 1 ? plan.height * 0.72 : pitch * (2 * i + 1);
      const to = plan.bands.length === 1 ? plan.height * 0.86 : pitch * (2 * i + 2);
      p.bar(this.#at(from), this.#at(to), plan.radius * 1.03, plan.radius * 1.03, {
        ...surface,
        colour: plan.bands[i],
      });
    }
    canvas.shaft(false);
    this.#paintArms(p, surface);
    if (plan.plates.length === 0) return;
    canvas.scenery('sign');
    for (const plate of plan.plates) {
      const centre = this.#at(plate.height);
      if (plate.shape === 'signal') paintSignal(p, centre, plate, plan.arm[0]);
      else paintPlate(p, centre, plate);
    }
  }

  #paintArms(p: Painter, surface: Surface): void {
    const { plan } = this;
    const glow: Colour | undefined = p.light.lampsOn ? [1.6, 1.15, 0.55] : undefined;
    const lamp: Surface = { colour: [0.3, 0.3, 0.29], glow, slopeY: -0.3 };
    const top = this.#at(plan.height);
    if (plan.lantern === 'heritage') {
      p.bar([top[0], top[1], top[2]], [top[0], top[1] + 0.45, top[2]], 0.12, 0.2, lamp);
      p.bar([top[0], top[1] + 0.45, top[2]], [top[0], top[1] + 0.62, top[2]], 0.23, 0.03, surface);
      return;
    }
    if (plan.arms.length === 0) {
      if (plan.lantern === 'bulb') p.ellipse([top[0], top[1] + 0.16, top[2]], 0.2, 0.2, lamp);
      else if (plan.lantern === 'flat')
        p.bar(top, [top[0], top[1] + 0.12, top[2]], 0.28, 0.22, { ...surface, slopeX: 0 });
      return;
    }
    for (const length of plan.arms) {
      const [dx, dz] = [plan.arm[0] * length, plan.arm[1] * length];
      let previous = top;
      for (let i = 1; i <= 4; i++) {
        const t = i / 4;
        const next: Point = [
          top[0] + dx * t,
          top[1] + plan.armRise * Math.sin((t * Math.PI) / 2),
          top[2] + dz * t,
        ];
        p.bar(previous, next, plan.topRadius * 0.8, plan.topRadius * 0.7, {
          ...surface,
          slopeX: 0,
          slopeY: 0,
        });
        previous = next;
      }
      const reach = 0.65 / Math.abs(length);
      const end: Point = [previous[0] + dx * reach, previous[1] + 0.02, previous[2] + dz * reach];
      p.bar(previous, end, 0.11, 0.07, { ...surface, colour: scale(plan.colour, 0.9), slopeX: 0 }, true);
      p.bar(
        [previous[0], previous[1] - 0.07, previous[2]],
        [end[0], end[1] - 0.05, end[2]],
        0.055,
        0.04,
        { colour: [0.5, 0.5, 0.47], glow },
        true,
      );
    }
  }

  shadow(p: Painter): void {
    const { sun } = p.light;
    const { x, z, base, height, radius } = this.plan;
    if (!p.castsSun) return;
    const [kx, kz] = [(-sun[0] / sun[1]) * height, (-sun[2] / sun[1]) * height];
    const l = Math.hypot(kx, kz) || 1;
    const [nx, nz] = [(-kz / l) * radius, (kx / l) * radius];
    p.shade(
      [
        [x - nx, base, z - nz],
        [x + nx, base, z + nz],
        [x + kx + nx, base, z + kz + nz],
        [x + kx - nx, base, z + kz - nz],
      ],
      p.shadowFactor(),
      0.85,
    );
  }
}
