/** Cars, vans and buses: an extruded side profile with glass, lamps, plates and wheels. */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale } from './colour.ts';
import type { Painter, Surface } from './painter.ts';
import type { Thing } from './thing.ts';
import { SHAPES, type VehiclePlan } from './vehicle-plan.ts';

export class Vehicle implements Thing {
  readonly sceneClass = 'car' as const;
  readonly plan: VehiclePlan;

  constructor(plan: VehiclePlan) {
    this.plan = plan;
  }

  z(time: number): number {
    return this.plan.z + this.plan.direction * this.plan.speed * time;
  }

  place(time: number): readonly [number, number] {
    return [this.plan.x, this.z(time)];
  }

  distance(camera: Camera, time: number): number {
    const half = SHAPES[this.plan.kind].length * 0.55;
    const z = this.z(time);
    if (camera.depth(this.plan.x, z) < half + 0.8) return -1;
    return camera.distance(this.plan.x, z);
  }

  paint(p: Painter): void {
    const { plan } = this;
    const shape = SHAPES[plan.kind];
    const [length, height] = [shape.length * plan.stretch, shape.height];
    const z = this.z(p.time);
    const { pose } = p.camera;
    const detail = pose.focal / Math.max(3, p.camera.distance(plan.x, z));
    const half = shape.width / 2;
    /** u along (0 rear .. 1 front), v up, s across (-1 left .. 1 right of the world). */
    const at = (u: number, v: number, s: number): Point => {
      const k = v > 0.6 ? 1 - (1 - shape.tumble) * Math.min(1, (v - 0.6) / 0.35) : 1;
      return [plan.x + s * half * k, v * height, z + plan.direction * (u - 0.5) * length];
    };
    const sky = p.light.horizon;
    const glass = (g: number): Surface => ({
      colour: [0.012, 0.014, 0.016],
      glow: scale(sky, g),
      slopeY: -0.5,
    });
    const shine: Colour = scale(sky, 0.022);
    const paintWork = (normal: Point, extra = 0): Surface => ({
      colour: plan.colour,
      normal,
      glow: scale(shine, 1 + extra),
    });
    const { outline } = shape;
    // Strips over the back, the roof and the front, those that face the camera.
    const order = outline.slice(0, -1).map((_, i) => i);
    const ahead = (pose.z - z) * plan.direction > 0; // the camera is before its front
    if (!ahead) order.reverse();
    for (const i of order) {
      const [u0, v0] = outline[i];
      const [u1, v1] = outline[i + 1];
      const [nu, nv] = [-(v1 - v0) * height, (u1 - u0) * length];
      const l = Math.hypot(nu, nv) || 1;
      const normal: Point = [0, nv / l, (plan.direction * nu) / l];
      const mid = at((u0 + u1) / 2, (v0 + v1) / 2, 0);
      if (normal[1] * (pose.y - mid[1]) + normal[2] * (pose.z - mid[2]) <= 0) continue;
      const quad = (a: number, b: number, m: number): Point[] => {
        const q = (t: number, s: number) => at(u0 + (u1 - u0) * t, v0 + (v1 - v0) * t, s);
        return [q(a, -m), q(a, m), q(b, m), q(b, -m)];
      };
      p.polygon(quad(0, 1, 1), { ...paintWork(normal, nv / l), slopeY: 0.08 });
      if (shape.glass.includes(i)) p.polygon(quad(0.12, 0.92, 0.88), glass(0.03 + (0.11 * nv) / l));
    }
    this.#paintEnd(p, at, ahead, detail);
    for (const s of [-1, 1] as const) {
      if ((pose.x - plan.x - s * half) * s <= 0) continue;
      p.polygon(
        outline.map(([u, v]) => at(u, v, s)),
        { ...paintWork([s, 0.05, 0]), slopeY: -0.22 },
      );
      for (const w of shape.windows)
        p.polygon(
          w.map(([u, v]) => at(u, v, s * 1.002)),
          glass(0.1),
        );
      p.polygon([at(0, 0.15, s), at(1, 0.15, s), at(1, 0.24, s), at(0, 0.24, s)], {
        colour: scale(plan.colour, 0.35),
      });
      if (detail > 5) {
        // The waist catches the sky; the doors curve in under it.
        const band = (v0: number, v1: number, surface: Surface) =>
          p.polygon([at(0.04, v0, s), at(0.96, v0, s), at(0.96, v1, s), at(0.04, v1, s)], surface);
        band(0.5, 0.54, { colour: scale(plan.colour, 1.35), glow: scale(sky, 0.03), alpha: 0.6 });
        band(0.24, 0.36, { colour: scale(plan.colour, 0.55), alpha: 0.6 });
      }
      for (const u of shape.wheels) {
        const r = shape.wheelRadius;
        const ring = (k: number): Point[] =>
          Array.from({ length: 14 }, (_, i) => {
            const a = (i / 14) * Math.PI * 2;
            const c = at(u, 0, s * 1.004);
            return [c[0], r + Math.sin(a) * r * k, c[2] + Math.cos(a) * r * k];
          });
        p.polygon(ring(1.12), { colour: [0.006, 0.006, 0.006] });
        p.polygon(ring(0.98), { colour: [0.02, 0.02, 0.02] });
        if (detail > 8) p.polygon(ring(0.6), { colour: [0.22, 0.22, 0.23] });
      }
      if (detail > 10)
        p.polygon(
          [
            at(0.42, 0.22, s * 1.003),
            at(0.424, 0.22, s * 1.003),
            at(0.424, 0.66, s * 1.003),
            at(0.42, 0.66, s * 1.003),
          ],
          {
            colour: scale(plan.colour, 0.3),
          },
        );
    }
  }

  #paintEnd(
    p: Painter,
    at: (u: number, v: number, s: number) => Point,
    front: boolean,
    detail: number,
  ): void {
    const { plan } = this;
    const u = front ? 1.003 : -0.003;
    const rect = (s0: number, s1: number, v0: number, v1: number, surface: Surface) =>
      p.polygon([at(u, v0, s0), at(u, v0, s1), at(u, v1, s1), at(u, v1, s0)], surface);
    const low = plan.kind === 'bus' ? 0.6 : 1;
    rect(-0.97, 0.97, 0.26, 0.4, { colour: scale(plan.colour, 0.7), slopeY: -0.3 });
    rect(-0.95, 0.95, 0.14, 0.26, { colour: [0.02, 0.02, 0.02] });
    const night = p.light.lampsOn;
    for (const s of [-1, 1]) {
      const [a, b] = [s * 0.62, s * 0.94];
      if (front)
        rect(a, b, 0.4 * low, 0.5 * low, {
          colour: [0.5, 0.5, 0.5],
          glow: night ? [3, 2.8, 2.2] : scale(p.light.horizon, 0.16),
        });
      else
        rect(s * 0.78, s * 0.96, 0.43 * low, 0.55 * low, {
          colour: [0.2, 0.008, 0.008],
          glow: night || plan.braking ? (night ? [0.7, 0.04, 0.03] : [0.3, 0.02, 0.015]) : undefined,
        });
    }
    if (detail < 4) return;
    rect(-0.3, 0.3, 0.3 * low, 0.37 * low, { colour: front ? [0.7, 0.7, 0.68] : [0.7, 0.55, 0.1] });
    if (front) rect(-0.5, 0.5, 0.4 * low, 0.46 * low, { colour: [0.02, 0.02, 0.02] });
    else rect(-0.96, 0.96, 0.26, 0.285, { colour: scale(plan.colour, 0.4) });
  }

  shadow(p: Painter): void {
    const shape = SHAPES[this.plan.kind];
    const [w, l] = [shape.width * 0.56, shape.length * this.plan.stretch * 0.52];
    const { x } = this.plan;
    const z = this.z(p.time);
    const box = (k: number, dx = 0, dz = 0): Point[] => [
      [x - w * k + dx, 0, z - l * k + dz],
      [x + w * k + dx, 0, z - l * k + dz],
      [x + w * k + dx, 0, z + l * k + dz],
      [x - w * k + dx, 0, z + l * k + dz],
    ];
    p.shade(box(1.05), [0.35, 0.35, 0.37], 0.6);
    p.shade(box(0.93), [0.2, 0.2, 0.2], 0.85);
    const { sun } = p.light;
    if (p.castsSun) {
      const k = Math.min(3, shape.height / sun[1]);
      p.shade(box(1, -sun[0] * k * 0.8, -sun[2] * k * 0.8), p.shadowFactor(), 0.9);
    }
  }
}
