/** Buildings: front, end walls, pitched or flat roof, chimneys. */
import type { Camera, Point } from './camera.ts';
import { type Colour, mix, scale, vary, WALLS } from './colour.ts';
import { at, type FacadeStyle, type Plane, paintFacade, panel } from './facade.ts';
import { KERB } from './ground.ts';
import type { Painter, Surface } from './painter.ts';
import type { Random } from './random.ts';
import type { Setting } from './setting.ts';
import { surfaceTiles } from './textures.ts';
import type { Thing } from './thing.ts';

export interface BuildingPlan {
  readonly plane: Plane;
  readonly depth: number;
  readonly facade: FacadeStyle;
  readonly wallTile: 'brick' | 'stone' | 'plaster' | 'planks';
  readonly roof: 'pitched' | 'flat';
  readonly roofColour: Colour;
  readonly chimneys: number;
}

export function planBuilding(
  rng: Random,
  plane: Plane,
  length: number,
  tall: number,
  shops: number,
  setting: Setting,
): BuildingPlan {
  const floors = Math.max(1, Math.round(tall * rng.range(0.7, 1.35)));
  const storey = rng.range(2.7, 3.6);
  const stone = vary(rng, rng.pick(WALLS), 0.18);
  const dark = setting.darkStone > 0 && rng.chance(setting.darkStone);
  const wall = dark ? scale(stone, rng.range(0.15, 0.5)) : stone;
  const pilasters = setting.pilasters > 0 && rng.chance(setting.pilasters);
  const modern = rng.chance(0.25);
  const sash = modern
    ? rng.pick(['band', 'plain'] as const)
    : rng.pick(['cross', 'bar', 'cross', 'plain'] as const);
  const width = sash === 'band' ? rng.range(2, 4) : rng.range(0.8, 1.5);
  const bright = wall[0] + wall[1] + wall[2] > 1.5;
  return {
    plane,
    depth: rng.range(7, 14),
    wallTile: modern
      ? 'plaster'
      : bright
        ? rng.pick(['plaster', 'stone'] as const)
        : rng.pick(['brick', 'brick', 'stone'] as const),
    roof: modern || rng.chance(0.15) ? 'flat' : 'pitched',
    roofColour: vary(
      rng,
      rng.pick([
        [0.06, 0.06, 0.07],
        [0.12, 0.08, 0.06],
        [0.18, 0.09, 0.06],
      ] as Colour[]),
      0.2,
    ),
    chimneys: rng.integer(0, 3),
    facade: {
      seed: rng.seed(),
      length,
      floors,
      height: floors * storey,
      wall,
      trim: rng.chance(0.5) ? mix(wall, [0.6, 0.58, 0.52], 0.6) : scale(wall, 0.75),
      frame: rng.chance(0.7) ? [0.7, 0.7, 0.68] : vary(rng, [0.06, 0.05, 0.05], 0.4),
      shop: rng.chance(shops),
      window: [width, storey * rng.range(0.42, 0.6), width * rng.range(1.3, 2.3)],
      sash,
      drainpipes: !modern && rng.chance(0.5),
      fins: pilasters
        ? rng.range(1, 4)
        : modern && rng.chance(0.4)
          ? rng.range(0.35, 0.9)
          : rng.chance(0.15)
            ? rng.range(2, 4)
            : 0,
    },
  };
}

export class Building implements Thing {
  readonly sceneClass = 'building' as const;
  readonly plan: BuildingPlan;

  constructor(plan: BuildingPlan) {
    this.plan = plan;
  }

  #corners(): Point[] {
    const { plane, depth, facade } = this.plan;
    return [
      at(plane, 0, 0),
      at(plane, facade.length, 0),
      at(plane, facade.length, 0, -depth),
      at(plane, 0, 0, -depth),
    ];
  }

  distance(camera: Camera): number {
    const depths = this.#corners().map(([x, , z]) => camera.depth(x, z));
    if (Math.max(...depths) < 0.3) return -1;
    if (Math.min(...depths) > 1 && this.#outside(camera)) return -1;
    const { plane, facade } = this.plan;
    const [a, b] = [at(plane, 0, 0), at(plane, facade.length, 0)];
    return Math.max(camera.distance(a[0], a[2]), camera.distance(b[0], b[2]));
  }

  /** Beyond the picture's left or right side; only for corners that all lie ahead. */
  #outside(camera: Camera): boolean {
    let [left, right] = [Infinity, -Infinity];
    for (const [x, , z] of this.#corners()) {
      const [sx] = camera.project(x, 0, z);
      left = Math.min(left, sx);
      right = Math.max(right, sx);
    }
    return right < -20 || left > camera.centreX * 2 + 20;
  }

  paint(p: Painter): void {
    const { plane, depth, facade, roof, wallTile } = this.plan;
    const { length, height, wall } = facade;
    const tile = surfaceTiles()[wallTile];
    const size = wallTile === 'brick' ? 1.8 : wallTile === 'stone' ? 2.4 : 4;
    const surface: Surface = {
      colour: wall,
      tile,
      tileWidth: size,
      tileHeight: size * 0.66,
      amount: 0.9,
      soft: 0.7,
    };
    const { x: cx, z: cz } = p.camera.pose;
    const nearest = Math.max(3, Math.min(...this.#corners().map(([x, , z]) => p.camera.distance(x, z))));
    const detail = p.camera.pose.focal / nearest;
    if (roof === 'pitched') this.#paintRoof(p, height, detail);
    else panel(p, plane, -0.1, height, length + 0.1, height + 0.5, { colour: scale(wall, 0.8) });
    // End walls that face the camera.
    for (const end of [0, 1]) {
      const [x, , z] = at(plane, end * length, 0);
      const sign = end === 0 ? -1 : 1;
      const facing = ((cx - x) * plane.ax + (cz - z) * plane.az) * sign;
      if (facing <= 0) continue;
      const side: Plane = {
        x,
        z,
        ax: -plane.nx,
        az: -plane.nz,
        nx: plane.ax * sign,
        nz: plane.az * sign,
        base: plane.base,
      };
      panel(p, side, 0, 0, depth, height, surface);
      if (roof === 'pitched')
        p.polygon(
          [at(side, 0, height), at(side, depth, height), at(side, depth / 2, height + depth * 0.36)],
          {
            ...surface,
            normal: [side.nx, 0, side.nz],
          },
        );
      if (facade.seed % 3 === 0)
        for (let v = 1.2; v < height - 1.5; v += 3)
          panel(p, side, depth * 0.4, v, depth * 0.4 + 0.9, v + 1.2, {
            colour: [0.02, 0.02, 0.025],
            glow: scale(p.light.horizon, 0.06),
          });
    }
    if ((cx - plane.x) * plane.nx + (cz - plane.z) * plane.nz <= 0) return;
    panel(p, plane, 0, 0, length, height, surface);
    panel(p, plane, 0, 0, length, 0.35, { colour: scale(wall, 0.55) });
    paintFacade(p, plane, facade, detail);
    // Eaves.
    panel(
      p,
      plane,
      -0.1,
      height - 0.14,
      length + 0.1,
      height + 0.1,
      { colour: scale(facade.trim, roof === 'flat' ? 1 : 0.6) },
      0.25,
    );
    panel(p, plane, 0, height - 0.5, length, height - 0.14, { colour: [0.01, 0.01, 0.01], alpha: 0.35 });
  }

  #paintRoof(p: Painter, height: number, detail: number): void {
    const { plane, depth, facade, roofColour, chimneys } = this.plan;
    const { length } = facade;
    const rise = depth * 0.36;
    const n: Point = [plane.nx * 0.58, 0.81, plane.nz * 0.58];
    p.polygon(
      [
        at(plane, -0.15, height, 0.25),
        at(plane, length + 0.15, height, 0.25),
        at(plane, length + 0.15, height + rise, -depth / 2),
        at(plane, -0.15, height + rise, -depth / 2),
      ],
      {
        colour: roofColour,
        normal: n,
        tile: surfaceTiles().brick,
        tileWidth: 3.2,
        tileHeight: 3.2,
        amount: 1,
        soft: 0.8,
      },
    );
    for (let i = 0; i < chimneys; i++) {
      const u = (length * (i + 0.3)) / chimneys;
      const v = height + rise;
      panel(
        p,
        plane,
        u,
        v - 0.5,
        u + 1.1,
        v + 1.3,
        { colour: scale(facade.wall, 0.8), slopeX: 0.2 },
        -depth / 2,
      );
      if (detail > 4)
        for (let k = 0; k < 3; k++)
          panel(
            p,
            plane,
            u + 0.1 + k * 0.33,
            v + 1.3,
            u + 0.3 + k * 0.33,
            v + 1.75,
            { colour: [0.2, 0.1, 0.06] },
            -depth / 2,
          );
    }
  }

  /** Its shadow's outline on the ground, for a sun in this direction. */
  shadowOutline(sun: readonly [number, number, number]): Point[] {
    const { facade } = this.plan;
    const h = facade.height;
    const [kx, kz] = [(-sun[0] / sun[1]) * h, (-sun[2] / sun[1]) * h];
    const base = this.#corners().map(([x, , z]): Point => [x, KERB, z]);
    return hull([...base, ...base.map(([x, y, z]): Point => [x + kx, y, z + kz])]);
  }
}

/** Convex hull on the ground plane. */
function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[2] - b[2]);
  const half = (list: readonly Point[]) => {
    const out: Point[] = [];
    for (const q of list) {
      while (out.length > 1) {
        const [a, b] = [out[out.length - 2], out[out.length - 1]];
        if ((b[0] - a[0]) * (q[2] - a[2]) - (b[2] - a[2]) * (q[0] - a[0]) > 0) break;
        out.pop();
      }
      out.push(q);
    }
    out.pop();
    return out;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
