/** What stands or moves in a street and can be painted. */
import type { Camera } from './camera.ts';
import type { Painter } from './painter.ts';

export interface Thing {
  readonly label?: 'person' | 'pole';
  /** Stable over a clip. */
  readonly track?: number;
  /** Ground distance from the camera that painter's order goes by, metres; a negative one is not painted. */
  distance(camera: Camera, time: number): number;
  paint(p: Painter): void;
  shadow?(p: Painter): void;
}
