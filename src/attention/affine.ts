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
