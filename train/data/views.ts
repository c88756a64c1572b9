/** Random views of a picture: place, size, mirror. All from the seed's numbers. */
import { between, type Random } from '../random.ts';
import { PERSON_LABEL, type TrueObject, type TruePicture } from './instances.ts';

/** Where a view's pixel (x, y) comes from: picture x = (mirrored ? viewWidth - 1 - x : x) * stepX + offsetX. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly mirrored: boolean;
}

const SCALE_RANGE = [0.75, 1.6] as const;
/** Pictures count as this high at scale 1, so that sets of different sizes show things equally large. */
const NOMINAL_HEIGHT_PX = 360;
const ASPECT_RANGE = [0.9, 1.1] as const;

/** Share of views that show the picture's own pixels, unscaled: scaled ones are softer than what a camera gives. */
const SHARP_SHARE = 0.5;
/** A view anywhere leaves out sky and bonnet: its room above is used between these shares. */
const ROOM_RANGE = [0.2, 0.8] as const;
/** An object's centre falls anywhere in the view between these shares of it. */
const CENTRE_RANGE = [0.1, 0.9] as const;
/** Views around objects are around people with this chance, where there are any. */
const PERSON_SHARE = 0.75;

/**
 * A random view of `width` x `height` px; what lies outside the picture is black.
 * @param objectShare chance that the view is chosen around one of the picture's objects
 */
export function randomView(
  picture: TruePicture,
  width: number,
  height: number,
  random: Random,
  objectShare = 0,
): View {
  const object = random() < objectShare ? pickObject(picture, random) : undefined;
  const sharp = random() < SHARP_SHARE && picture.height === NOMINAL_HEIGHT_PX;
  const [stepX, stepY] = sharp ? [1, 1] : randomSteps(picture, random);
  const roomX = picture.width - width * stepX;
  const roomY = picture.height - height * stepY;
  const centre = object && middleOf(object);
  const offsetX = centre ? around(centre.x, width * stepX, roomX, random) : roomX * random();
  const offsetY = centre
    ? around(centre.y, height * stepY, roomY, random)
    : roomY * between(random, ...ROOM_RANGE);
  return {
    ...{ width, height, stepX, stepY },
    offsetX: sharp ? Math.round(offsetX) : offsetX,
    offsetY: sharp ? Math.round(offsetY) : offsetY,
    mirrored: random() < 0.5,
  };
}

function randomSteps(picture: TruePicture, random: Random): [number, number] {
  const nominal = NOMINAL_HEIGHT_PX / picture.height;
  const scale = Math.exp(between(random, Math.log(SCALE_RANGE[0]), Math.log(SCALE_RANGE[1]))) * nominal;
  const aspect = between(random, ...ASPECT_RANGE);
  return [1 / (scale * aspect), aspect / scale];
}

/** A person rather than a pole; every person alike, so that the many small ones are seen most. */
function pickObject({ objects }: TruePicture, random: Random): TrueObject | undefined {
  const visible = objects.filter(({ hidden }) => !hidden);
  const people = visible.filter(({ label }) => label === PERSON_LABEL);
  const list = random() < PERSON_SHARE && people.length > 0 ? people : visible;
  return list[Math.floor(random() * list.length)];
}

function middleOf({ box }: TrueObject): { x: number; y: number } {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Offset of a view of this length that shows `centre`, within the picture where there is room. */
function around(
  centre: number,
  length: number,
  room: number,
  random: Random,
  range: readonly [number, number] = CENTRE_RANGE,
): number {
  const offset = centre - length * between(random, ...range);
  return room > 0 ? Math.min(room, Math.max(0, offset)) : room / 2;
}

/** Heights of people in street frames, px: the 5th and 95th percentile of CamVid's. */
const PERSON_HEIGHT_RANGE = [18, 100] as const;
/** Most that a small view enlarges its picture: more is softer than a camera's. */
const MOST_ENLARGED = 1.2;
/** A small view shows at most so much of itself beyond the picture's edges. */
const LEAST_COVER = 0.85;
/** In a small view the object's centre falls in the middle half. */
const MIDDLE_RANGE = [0.25, 0.75] as const;

/** A view around a random object of the picture, at the size that people have in street frames. */
export function peopleView(picture: TruePicture, width: number, height: number, random: Random): View {
  const wanted = Math.exp(between(random, ...(PERSON_HEIGHT_RANGE.map(Math.log) as [number, number])));
  const object = picture.objects[Math.floor(random() * picture.objects.length)];
  const covering = LEAST_COVER * Math.max(width / picture.width, height / picture.height);
  const scale = Math.max(covering, Math.min(MOST_ENLARGED, object ? wanted / object.box.height : 0));
  const aspect = between(random, ...ASPECT_RANGE);
  const stepX = 1 / (scale * aspect);
  const stepY = aspect / scale;
  const centre = object ? middleOf(object) : { x: picture.width * random(), y: picture.height * random() };
  const [lengthX, lengthY] = [width * stepX, height * stepY];
  return {
    ...{ width, height, stepX, stepY },
    offsetX: around(centre.x, lengthX, picture.width - lengthX, random, MIDDLE_RANGE),
    offsetY: around(centre.y, lengthY, picture.height - lengthY, random, MIDDLE_RANGE),
    mirrored: random() < 0.5,
  };
}

/** Column and row of the picture that pixel (x, y) of the view shows, as fractions. */
export function sourceX(view: View, x: number): number {
  return (view.mirrored ? view.width - 1 - x : x) * view.stepX + view.offsetX + (view.stepX - 1) / 2;
}

export function sourceY(view: View, y: number): number {
  return y * view.stepY + view.offsetY + (view.stepY - 1) / 2;
}

/** The network's y of a view's row: where the row lies in the whole picture, as if the view were part of a frame. */
export function pictureY(picture: TruePicture, view: View, y: number): number {
  return (2 * (sourceY(view, y) + 0.5)) / picture.height - 1;
}

/** The network's |x| of a view's column, likewise. */
export function pictureAbsoluteX(picture: TruePicture, view: View, x: number): number {
  return Math.abs((2 * (sourceX(view, x) + 0.5)) / picture.width - 1);
}
