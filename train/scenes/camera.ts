/**
 * A pinhole camera in a street. World: x right, y up, z along the street, metres. The street bends: a point dz ahead
 * is displaced by bend * dz^2 to the side and hill * dz^2 upwards, relative to the camera.
 */
export type Point = readonly [number, number, number];

export interface CameraPose {
  x: number;
  y: number;
  z: number;
  /** Radians; positive looks right, up, and tilts clockwise. */
  yaw: number;
  pitch: number;
  roll: number;
  /** px. */
  focal: number;
  bend: number;
  hill: number;
}

/** Nearest depth that is painted, metres. */
export const NEAR = 0.25;

export class Camera {
  readonly pose: CameraPose;
  readonly centreX: number;
  readonly centreY: number;
  readonly #m: Float64Array;

  constructor(pose: CameraPose, width: number, height: number) {
    this.pose = pose;
    this.centreX = width / 2;
    this.centreY = height / 2;
    const [cy, sy] = [Math.cos(pose.yaw), Math.sin(pose.yaw)];
    const [cp, sp] = [Math.cos(pose.pitch), Math.sin(pose.pitch)];
    const [cr, sr] = [Math.cos(pose.roll), Math.sin(pose.roll)];
    // Rows: camera right, camera down, camera forward.
    const right = [cy, 0, -sy];
    const forward = [sy * cp, sp, cy * cp];
    const down = [sy * sp, -cp, cy * sp];
    this.#m = Float64Array.from([
      ...right.map((v, i) => cr * v + sr * down[i]),
      ...down.map((v, i) => cr * v - sr * right[i]),
      ...forward,
    ]);
  }

  /** World to camera (right, down, forward), into out at o. */
  view(x: number, y: number, z: number, out: Float64Array, o: number): void {
    const { pose } = this;
    const m = this.#m;
    const dz = z - pose.z;
    const bent = dz > 0 ? dz * dz : 0;
    const dx = x - pose.x + pose.bend * bent;
    const dy = y - pose.y + pose.hill * bent;
    out[o] = m[0] * dx + m[1] * dy + m[2] * dz;
    out[o + 1] = m[3] * dx + m[4] * dy + m[5] * dz;
    out[o + 2] = m[6] * dx + m[7] * dy + m[8] * dz;
  }

  /** Screen px of a world point and its depth; depth below NEAR: not to be used. */
  project(x: number, y: number, z: number): [number, number, number] {
    const v = SCRATCH;
    this.view(x, y, z, v, 0);
    const s = this.pose.focal / v[2];
    return [this.centreX + v[0] * s, this.centreY + v[1] * s, v[2]];
  }

  /** Screen row of the horizon straight ahead. */
  get horizon(): number {
    return this.centreY + Math.tan(this.pose.pitch) * this.pose.focal;
  }

  /** Ground distance, metres: what painter's order goes by. */
  distance(x: number, z: number): number {
    return Math.hypot(x - this.pose.x, z - this.pose.z);
  }

  /** Depth along the view of a point on the ground. */
  depth(x: number, z: number): number {
    this.view(x, 0, z, SCRATCH, 0);
    return SCRATCH[2];
  }
}

const SCRATCH = new Float64Array(3);
