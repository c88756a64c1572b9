/** What stands or moves in a street and can be painted. */
import type { Camera } from './camera.ts';
import type { Painter } from './painter.ts';
import type { SceneClass } from './scene-class.ts';

export interface Thing {
  readonly sceneClass: SceneClass;
  readonly label?: 'person' | 'pole';
  /** Stable over a clip. */
  readonly track?: number;
  /** Ground distance from the camera that painter's order goes by, metres; a negative one is not painted. */
  distance(camera: Camera, time: number): number;
  /** Where it stands, for the shade it may stand in; without: never in shade. */
  place?(time: number): readonly [number, number];
  /** Width of what is thinnest of it, metres: too thin to label when far. */
  readonly thickness?: number;
  paint(p: Painter): void;
  shadow?(p: Painter): void;
}
