/** The camera car's own bonnet and what the windscreen adds: reflections and dirt. Painted last. */
import type { Painter } from './painter.ts';
import { Random } from './random.ts';

export function paintOwnCar(p: Painter, seed: number): void {
  const rng = new Random(seed, 30);
  const { width, height } = p.canvas;
  const bonnet = rng.chance(0.25);
  const top = height * rng.range(0.9, 0.98);
  const tone = rng.range(0.01, 0.15);
  const side = rng.range(-0.25, 0.25) * width;
  if (bonnet) {
    const xs: number[] = [0];
    const ys: number[] = [height + 1];
    for (let i = 0; i <= 24; i++) {
      const t = i / 24;
      const u = t * 2 - 1 - side / width;
      xs.push(t * width);
      ys.push(top + Math.min(1.2, u * u) * (height - top) * 0.9);
    }
    xs.push(width);
    ys.push(height + 1);
    p.canvas.scenery('unlabelled');
    p.flat(xs, ys, xs.length, 0.5, { colour: [tone, tone, tone * 1.05], slopeY: -0.6 });
    const rim = ys.map((y, i) => (i === 0 || i === ys.length - 1 ? y : y + 3));
    const back = [...rim].reverse();
    p.flat(
      [...xs.slice(1, -1), ...xs.slice(1, -1).reverse()],
      [...ys.slice(1, -1), ...back.slice(1, -1)],
      50,
      0.5,
      {
        colour: [tone, tone, tone],
        glow: [p.light.horizon[0] * 0.25, p.light.horizon[1] * 0.25, p.light.horizon[2] * 0.25],
        alpha: 0.7,
      },
    );
  }
  if (!rng.chance(0.3)) return;
  // A faint veil of reflected light; owners are kept, for it covers little.
  p.canvas.keepOwners();
  for (let k = rng.integer(1, 3); k > 0; k--) {
    const [x, y] = [rng.range(0, width), rng.range(height * 0.4, height)];
    const [w, h] = [rng.range(40, 220), rng.range(20, 120)];
    const n = 16;
    const xs = Array.from({ length: n }, (_, i) => x + Math.cos((i / n) * 2 * Math.PI) * w);
    const ys = Array.from({ length: n }, (_, i) => y + Math.sin((i / n) * 2 * Math.PI) * h);
    p.veil(xs, ys, n, x, y, w, w / h, rng.range(0.02, 0.08));
  }
}
