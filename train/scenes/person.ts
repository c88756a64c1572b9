/** People: jointed figures of limbs, clothes, hair and bags that walk, stand or ride a bicycle. */
import type { Camera, Point } from './camera.ts';
import { Figure } from './figure.ts';
import type { Painter } from './painter.ts';
import type { PersonPlan } from './person-plan.ts';
import { paintRider } from './rider.ts';
import type { SceneClass } from './scene-class.ts';
import type { Thing } from './thing.ts';

export class Person implements Thing {
  get sceneClass(): SceneClass {
    return this.plan.bicycle ? 'bicyclist' : 'pedestrian';
  }

  readonly label = 'person' as const;
  readonly track: number;
  readonly plan: PersonPlan;

  constructor(track: number, plan: PersonPlan) {
    this.track = track;
    this.plan = plan;
  }

  /** Where it stands at a time, seconds. */
  position(time: number): [number, number] {
    const { x, z, heading, speed } = this.plan;
    return [x + Math.sin(heading) * speed * time, z + Math.cos(heading) * speed * time];
  }

  place(time: number): readonly [number, number] {
    return this.position(time);
  }

  distance(camera: Camera, time: number): number {
    const [x, z] = this.position(time);
    return camera.depth(x, z) < 2 ? -1 : camera.distance(x, z);
  }

  paint(p: Painter): void {
    const { plan } = this;
    const [x, z] = this.position(p.time);
    const body = new Figure(p, plan, x, z);
    if (plan.bicycle) paintRider(body);
    else body.paintWalker();
  }

  shadow(p: Painter): void {
    const { base, height, build } = this.plan;
    const [x, z] = this.position(p.time);
    const { sun } = p.light;
    const w = 0.2 * build;
    // Contact shadow in any light, a long one in the sun.
    p.shade(
      Array.from({ length: 10 }, (_, i): Point => {
        const a = (i / 10) * Math.PI * 2;
        return [x + Math.cos(a) * 0.33, base, z + Math.sin(a) * 0.33];
      }),
      [0.5, 0.5, 0.52],
      0.6,
    );
    if (!p.castsSun) return;
    const [kx, kz] = [(-sun[0] / sun[1]) * height, (-sun[2] / sun[1]) * height];
    const l = Math.hypot(kx, kz) || 1;
    const [nx, nz] = [(-kz / l) * w, (kx / l) * w];
    p.shade(
      [
        [x - nx * 0.6, base, z - nz * 0.6],
        [x + nx * 0.6, base, z + nz * 0.6],
        [x + kx * 0.8 + nx, base, z + kz * 0.8 + nz],
        [x + kx, base, z + kz],
        [x + kx * 0.8 - nx, base, z + kz * 0.8 - nz],
      ],
      p.shadowFactor(),
      0.9,
    );
  }
}
