/** Paints one moment of a world: sky, ground, shadows, then everything from far to near. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { paintOwnCar } from './bonnet.ts';
import { Camera } from './camera.ts';
import { Canvas, OWN_COVERAGE } from './canvas.ts';
import { paintGround } from './ground.ts';
import { develop, makeLook } from './look.ts';
import { extractObjects, type SceneObject } from './objects.ts';
import { Painter } from './painter.ts';
import { Random } from './random.ts';
import { paintSky, paintSkyline } from './sky.ts';
import type { Thing } from './thing.ts';
import { holds, type World } from './world.ts';

export interface SceneFrame {
  readonly frame: PixelFrame;
  /** [height, width]: 0 none, 1 person, 2 pole, 3 ignore. */
  readonly mask: Uint8Array;
  /** [height, width]: SCENE_CLASS, as in the data form's labels/. */
  readonly classes: Uint8Array;
  readonly objects: readonly SceneObject[];
}

/** Thin shafts own a pixel sooner: who labels by hand paints at least a pixel. */
const POLE_COVERAGE = 0.15;
/** Shafts thinner than this, px, are too far to be labelled. */
const LEAST_SHAFT = 1.6;
let shared: Canvas | undefined;

/** Pictures of one size share a canvas: fresh memory is slow. */
function canvasOf(width: number, height: number): Canvas {
  if (shared?.width !== width || shared.height !== height) shared = new Canvas(width, height);
  shared.reset();
  return shared;
}

const FARTHEST = 170;

export function paintMoment(world: World, time: number, width: number, height: number): SceneFrame {
  const pose = world.pose(time);
  const camera = new Camera({ ...pose, focal: (pose.focal * width) / 480 }, width, height);
  const canvas = canvasOf(width, height);
  const painter = new Painter(canvas, camera, world.light, time);
  canvas.begin(0);
  paintSky(painter, world.seed);
  paintSkyline(painter, world.seed);
  paintGround(painter, world.street, world.seed);
  const order: { thing: World['things'][number]; distance: number }[] = [];
  for (const thing of world.things) {
    const distance = thing.distance(camera, time);
    if (distance > 0 && distance < FARTHEST) order.push({ thing, distance });
  }
  order.sort((a, b) => b.distance - a.distance);
  const shaded = (thing: Thing): boolean => {
    const at = thing.place?.(time);
    return at !== undefined && world.shadows.some((outline) => holds(outline, at[0], at[1]));
  };
  const inShade = order.map(({ thing }) => world.shadows.length > 0 && shaded(thing));
  const { sun, weather } = world.light;
  if (weather === 'sun') painter.shadeUnion(world.shadows);
  order.forEach(({ thing, distance }, i) => {
    if (!thing.shadow || distance > 90) return;
    painter.castsSun = weather === 'sun' && sun[1] > 0.08 && !inShade[i];
    thing.shadow(painter);
  });
  const labels: { label: 'person' | 'pole'; track: number; thin: boolean }[] = [];
  order.forEach(({ thing, distance }, i) => {
    painter.sunlight = inShade[i] ? 0 : 1;
    if (thing.label) {
      const thin = ((thing.thickness ?? 1) * camera.pose.focal) / distance < LEAST_SHAFT;
      labels.push({ label: thing.label, track: thing.track ?? labels.length, thin });
      canvas.begin(labels.length, thing.label === 'pole' ? POLE_COVERAGE : OWN_COVERAGE);
    } else canvas.begin(0);
    canvas.paintsClass(thing.sceneClass);
    thing.paint(painter);
  });
  paintOwnCar(painter, world.seed);
  const { mask, classes, objects } = extractObjects(canvas, labels, world.mirrored);
  const look = makeLook(new Random(world.seed, 20), world.light.exposure, world.light.weather === 'dusk');
  const frame = develop(
    canvas,
    look,
    new Random(world.seed, 21, Math.round(time * 1000)).seed(),
    world.mirrored,
  );
  return { frame, mask, classes, objects };
}
