/** Sky with perspective clouds, and the far skyline of roofs and trees. */
import type { Painter } from './painter.ts';
import { Random } from './random.ts';

/** Fills the whole canvas: sky above, haze below the horizon. */
export function paintSky(p: Painter, seed: number): void {
  const { canvas, camera, light } = p;
  const { width, height, rgb } = canvas;
  const rng = new Random(seed, 1);
  const [shiftU, shiftV] = [rng.range(0, 256), rng.range(0, 256)];
  const stretch = rng.range(0.5, 1.6);
  const { pose } = camera;
  const clouds = p.tiles.clouds.levels;
  const cover = 0.35 - light.clouds * 0.75;
  const bright = light.weather === 'sun' ? 1.15 : 1.05;
  const dark = light.weather === 'sun' ? 0.8 : 0.72;
  const tanRoll = Math.tan(pose.roll);
  const { horizon } = camera;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const dx = (x + 1 - camera.centreX) / pose.focal;
      const e = (horizon - y - 1) / pose.focal + dx * tanRoll;
      const i = (y * width + x) * 3;
      let [r, g, b] = [0, 0, 0];
      if (e <= 0) [r, g, b] = light.horizon;
      else {
        const t = 1 - Math.exp(-e * 3.2);
        r = light.horizon[0] + (light.zenith[0] - light.horizon[0]) * t;
        g = light.horizon[1] + (light.zenith[1] - light.horizon[1]) * t;
        b = light.horizon[2] + (light.zenith[2] - light.horizon[2]) * t;
        const far = 1 / (e + 0.09);
        const u = (dx + pose.yaw) * far * 26 * stretch + shiftU;
        const v = far * 40 + shiftV + pose.z * 0.02;
        const l = far > 7 ? 2 : far > 4 ? 1 : 0;
        const bits = 8 - l;
        const mask = (1 << bits) - 1;
        const tile = clouds[l];
        // Bilinear between texels, or the clouds show their squares.
        const [su, sv] = [u / (1 << l), v / (1 << l)];
        const [iu, iv] = [Math.floor(su), Math.floor(sv)];
        const [fu, fv] = [su - iu, sv - iv];
        const r0 = (iv & mask) << bits;
        const r1 = ((iv + 1) & mask) << bits;
        const n =
          (tile[r0 | (iu & mask)] * (1 - fu) + tile[r0 | ((iu + 1) & mask)] * fu) * (1 - fv) +
          (tile[r1 | (iu & mask)] * (1 - fu) + tile[r1 | ((iu + 1) & mask)] * fu) * fv;
        const c = Math.max(0, Math.min(1, (n - cover) * 1.6)) * Math.min(1, e * 6 + 0.25);
        if (c > 0) {
          const shade = bright - (bright - dark) * Math.max(0, Math.min(1, (n - cover) * 0.9));
          const level = ((light.horizon[0] + light.horizon[1] + light.horizon[2]) / 3) * shade;
          r += (level - r) * c;
          g += (level - g) * c;
          b += (level * 1.01 - b) * c;
        }
      }
      // Two by two: clouds are soft.
      const right = x + 1 < width ? i + 3 : i;
      const below = y + 1 < height ? width * 3 : 0;
      for (const k of [i, right, i + below, right + below]) {
        rgb[k] = r;
        rgb[k + 1] = g;
        rgb[k + 2] = b;
      }
    }
  }
}

/** Far silhouettes along the horizon, 250 m off: trees, roofs, sometimes a spire or a crane. */
export function paintSkyline(p: Painter, seed: number): void {
  const { camera, canvas } = p;
  const rng = new Random(seed, 2);
  const wooded = rng.chance(0.6);
  const depth = 230;
  const scale = camera.pose.focal / depth;
  const turn = Math.tan(camera.pose.yaw) * camera.pose.focal;
  const tanRoll = Math.tan(camera.pose.roll);
  const base = (x: number) => camera.horizon + (x - camera.centreX) * tanRoll + 1.5;
  for (let x = -700; x < 1300; ) {
    const w = rng.range(4, 26) * scale;
    const h = rng.range(3, 9) * scale * (rng.chance(0.06) ? 2.6 : 1);
    const tree = rng.chance(wooded ? 0.75 : 0.25);
    const tone = rng.range(0.05, 0.22);
    const left = x - turn;
    x += w * rng.range(0.5, 0.95);
    if (left + w < 0 || left > canvas.width) continue;
    const y = base(left);
    canvas.paintsClass(tree ? 'tree' : 'building');
    if (tree) {
      const n = 14;
      const xs: number[] = [];
      const ys: number[] = [];
      for (let i = 0; i < n; i++) {
        const a = (i / (n - 1)) * Math.PI;
        const k = 0.8 + 0.2 * Math.sin(i * 5.1 + x);
        xs.push(left + w / 2 - (Math.cos(a) * w * k) / 2);
        ys.push(y - Math.sin(a) * h * k);
      }
      p.flat(xs, ys, n, depth, {
        colour: [tone * 0.8, tone * 0.85, tone * 0.6],
        tile: p.tiles.leaves,
        amount: 0,
      });
    } else {
      const roof = h * rng.range(0, 0.35);
      p.flat(
        [left, left, left + w * 0.5, left + w, left + w],
        [y, y - h + roof, y - h, y - h + roof, y],
        5,
        depth,
        { colour: [tone * 1.2, tone, tone * 0.9] },
      );
    }
  }
}
