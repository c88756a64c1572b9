/** Where the points of the last frame are in this one: x' = xx x + xy y + x, y' = yx x + yy y + y. Working px. */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x: number;
  readonly yx: number;
  readonly yy: number;
  readonly y: number;
}

export const STILL: Affine = { xx: 1, xy: 0, x: 0, yx: 0, yy: 1, y: 0 };

export function inverse({ xx, xy, x, yx, yy, y }: Affine): Affine {
  const d = xx * yy - xy * yx;
  return {
    xx: yy / d,
    xy: -xy / d,
    x: (xy * y - yy * x) / d,
    yx: -yx / d,
    yy: xx / d,
    y: (yx * x - xx * y) / d,
  };
}

/** A picture whose corners moved by so much is hardly still. */
const STILL_PX = 0.7;

/** 1 where the camera stands, falling to 0 with the way that the corners of a picture went. */
export function stillness(
  map: Affine,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const way = (x: number, y: number) =>
    Math.hypot(map.xx * x + map.xy * y + map.x - x, map.yx * x + map.yy * y + map.y - y);
  return Math.exp(-Math.max(way(0, 0), way(width, 0), way(0, height), way(width, height)) / STILL_PX);
}
