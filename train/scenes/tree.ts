/** Bare trees with real branches, leafy trees, conifers. Their trunks are distractors for poles. */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale, vary } from './colour.ts';
import { KERB } from './ground.ts';
import type { Painter } from './painter.ts';
import { Random } from './random.ts';
import type { Thing } from './thing.ts';

interface Branch {
  readonly a: Point;
  readonly b: Point;
  readonly ra: number;
  readonly rb: number;
  readonly level: number;
}

interface Clump {
  readonly at: Point;
  readonly r: number;
  readonly tone: number;
}

interface Grown {
  readonly branches: readonly Branch[];
  readonly crown: readonly Clump[];
  readonly bark: Colour;
  readonly leaf: Colour;
}

export type TreeKind = 'bare' | 'leafy' | 'conifer';

function grow(
  out: Branch[],
  rng: Random,
  from: Point,
  r: number,
  length: number,
  tx: number,
  tz: number,
  level: number,
  last: number,
): void {
  const forks = level === 1 ? rng.integer(3, 5) : rng.integer(2, 3);
  for (let i = 0; i < forks; i++) {
    const x = tx * 0.75 + rng.normal() * 0.42;
    const z = tz * 0.75 + rng.normal() * 0.42;
    const l = length * rng.range(0.6, 1.15);
    const n = Math.hypot(x, 1, z);
    const to: Point = [from[0] + (x / n) * l, from[1] + l / n, from[2] + (z / n) * l];
    const rb = r * rng.range(0.45, 0.65);
    out.push({ a: from, b: to, ra: r * 0.8, rb, level });
    if (level < last) grow(out, rng, to, rb, length * 0.74, x, z, level + 1, last);
  }
}

function growTree(seed: number, kind: TreeKind, x: number, z: number): Grown {
  const rng = new Random(seed, 9);
  const height = rng.range(5, 13);
  const trunk = height * (kind === 'conifer' ? 0.15 : rng.range(0.16, 0.36));
  const r = height * rng.range(0.011, 0.021);
  const top: Point = [x + rng.normal() * 0.15, KERB + trunk, z];
  const branches: Branch[] = [{ a: [x, KERB, z], b: top, ra: r * 1.25, rb: r * 0.85, level: 0 }];
  const crown: Clump[] = [];
  if (kind === 'conifer')
    for (let i = 0; i < 34; i++) {
      const t = Math.sqrt(rng.next());
      const w = height * 0.22 * (1.05 - t);
      crown.push({
        at: [x + rng.range(-1, 1) * w, KERB + height * (0.12 + 0.88 * t), z + rng.range(-0.5, 0.5)],
        r: 0.35 + w * rng.range(0.35, 0.6),
        tone: rng.range(0.5, 1.25),
      });
    }
  else grow(branches, rng, top, r * 0.8, (height - trunk) * 0.36, 0, 0, 1, kind === 'bare' ? 5 : 2);
  if (kind === 'leafy') {
    const w = height * rng.range(0.22, 0.36);
    for (let i = 0; i < 44; i++) {
      const [a, q] = [rng.range(0, 6.28), rng.next() ** 0.45];
      const up = Math.sin(a) * q;
      crown.push({
        at: [x + Math.cos(a) * q * w, KERB + trunk + (height - trunk) * (0.46 + 0.42 * up), z + rng.normal()],
        r: w * rng.range(0.2, 0.42),
        tone: rng.range(0.55, 1.05) + 0.35 * up,
      });
    }
  }
  const leaf: Colour = kind === 'conifer' ? [0.028, 0.04, 0.02] : [0.05, 0.07, 0.026];
  return { branches, crown, bark: vary(rng, [0.075, 0.062, 0.05], 0.3), leaf: vary(rng, leaf, 0.35) };
}

export class Tree implements Thing {
  readonly sceneClass = 'tree' as const;
  readonly #x: number;
  readonly #z: number;
  readonly #seed: number;
  readonly #kind: TreeKind;
  #tree: Grown | undefined;

  constructor(seed: number, x: number, z: number, kind: TreeKind) {
    this.#seed = seed;
    this.#x = x;
    this.#z = z;
    this.#kind = kind;
  }

  /** Grown when first seen. */
  get #grown(): Grown {
    return (this.#tree ??= growTree(this.#seed, this.#kind, this.#x, this.#z));
  }

  place(): readonly [number, number] {
    return [this.#x, this.#z];
  }

  distance(camera: Camera): number {
    return camera.depth(this.#x, this.#z) < 1 ? -1 : camera.distance(this.#x, this.#z);
  }

  paint(p: Painter): void {
    const [x] = p.camera.project(this.#x, 2, this.#z);
    const distance = p.camera.distance(this.#x, this.#z);
    const reach = (p.camera.pose.focal / distance) * 6;
    if (x + reach < 0 || x - reach > p.canvas.width) return;
    const { branches, crown, bark, leaf } = this.#grown;
    const deepest = distance > 90 ? 3 : distance > 45 ? 4 : 5;
    const wood = { colour: bark, slopeX: 0.25 };
    const bare = crown.length === 0;
    for (const { a, b, ra, rb, level } of branches) {
      if (level > deepest) continue;
      p.bar(a, b, Math.max(0.012, ra), Math.max(0.007, rb), wood);
      // Twigs too fine to draw are a veil.
      if (bare && level === deepest)
        p.ellipse(b, deepest === 5 ? 0.7 : 1, deepest === 5 ? 0.7 : 1, {
          colour: bark,
          alpha: deepest === 5 ? 0.1 : deepest === 4 ? 0.14 : 0.22,
          fade: true,
          tile: p.tiles.twigs,
          tileWidth: 3.5,
          tileShift: b[0] * 90,
          cutout: 0.95,
        });
    }
    for (const { at, r, tone } of crown)
      p.ellipse(at, r, r * 0.85, {
        colour: scale(leaf, tone),
        tile: p.tiles.leaves,
        tileWidth: 3.2,
        tileShift: at[0] * 140 + at[1] * 90,
        cutout: 0.75,
        fade: true,
        amount: 1.2,
        slopeY: -0.25,
      });
  }

  shadow(p: Painter): void {
    const { sun } = p.light;
    if (!p.castsSun || p.camera.distance(this.#x, this.#z) > 60) return;
    const foot = (q: Point): Point => [
      q[0] - (sun[0] / sun[1]) * q[1],
      KERB,
      q[2] - (sun[2] / sun[1]) * q[1],
    ];
    for (const { a, b, ra, level } of this.#grown.branches) {
      if (level > 3) continue;
      const [c, d] = [foot(a), foot(b)];
      const l = Math.hypot(d[0] - c[0], d[2] - c[2]) || 1;
      const w = ra * (level < 2 ? 1 : 1.5);
      const [nx, nz] = [((d[2] - c[2]) / l) * w, ((c[0] - d[0]) / l) * w];
      p.shade(
        [
          [c[0] - nx, KERB, c[2] - nz],
          [c[0] + nx, KERB, c[2] + nz],
          [d[0] + nx, KERB, d[2] + nz],
          [d[0] - nx, KERB, d[2] - nz],
        ],
        p.shadowFactor(),
        level === 0 ? 0.85 : 0.5,
      );
    }
    for (const { at, r } of this.#grown.crown) {
      const c = foot(at);
      p.shade(
        Array.from({ length: 8 }, (_, i): Point => {
          const t = (i / 8) * Math.PI * 2;
          return [c[0] + Math.cos(t) * r, KERB, c[2] + Math.sin(t) * r];
        }),
        p.shadowFactor(),
        0.3,
      );
    }
  }
}
