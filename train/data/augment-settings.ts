/**
 * What is done to pictures before they are learned from, in one place, so that a run can go without any part of it.
 * Shares are chances a picture or view, 0 to 1.
 */
import { SaccadeNetError } from '../../src/errors/errors.ts';

export interface AugmentSettings {
  /** Pictures that label everything and get people, poles or distractors pasted in. */
  readonly pasteShare: number;
  /** Mean number of places where people are pasted; a place may get a group. */
  readonly people: number;
  /** Mean number of poles, lamp posts and bollards pasted. */
  readonly poles: number;
  /** Mean number of pieces without people or poles pasted where people stand, and over objects. */
  readonly distractors: number;
  /** Views chosen around an object instead of anywhere. */
  readonly objectShare: number;
  /** Views darkened to street light. */
  readonly duskShare: number;
  /** Views of another exposure, most of them darker; lit unevenly; with their colour channels in another order. */
  readonly exposureShare: number;
  readonly shadeShare: number;
  readonly swapShare: number;
  /** Views blurred by the camera's motion, softened, sharpened. */
  readonly motionShare: number;
  readonly softShare: number;
  readonly sharpShare: number;
  /** Views, and twins instead of a kind of corruption, whose colours and textures are those of no place (style.ts). */
  readonly styleShare: number;
  readonly twinStyleShare: number;
  /** Second views of a pair that show the first one corrupted: its twin, which is to be answered like it. */
  readonly twinShare: number;
}

/** Views anywhere, with plain changes of light and colour. */
const NONE: AugmentSettings = {
  pasteShare: 0,
  people: 0,
  poles: 0,
  distractors: 0,
  objectShare: 0,
  duskShare: 0,
  exposureShare: 0,
  shadeShare: 0,
  swapShare: 0,
  motionShare: 0,
  softShare: 0,
  sharpShare: 0,
  styleShare: 0,
  twinStyleShare: 0,
  twinShare: 0,
};

const PASTE = { pasteShare: 0.8, people: 3.5, poles: 1.2, distractors: 2.5 };
/** What is bright, and in which colour, is no cue to what a person is. */
const WEATHER = { exposureShare: 0.25, shadeShare: 0.25, swapShare: 0.2 };
const LIGHT = { duskShare: 0.15, ...WEATHER, motionShare: 0.08, softShare: 0.12, sharpShare: 0.1 };
const PLACE = { objectShare: 0.5 };
const STYLE = { styleShare: 0.15, twinStyleShare: 0.3 };
const TWINS = { twinShare: 0.3 };

/** Ablations, and what else can be asked for, by name. */
export const AUGMENTS = {
  all: { ...NONE, ...PASTE, ...LIGHT, ...PLACE, ...TWINS },
  none: NONE,
  paste: { ...NONE, ...PASTE },
  light: { ...NONE, ...LIGHT },
  'no-paste': { ...NONE, ...LIGHT, ...PLACE, ...TWINS },
  'no-distractors': { ...NONE, ...PASTE, ...LIGHT, ...PLACE, ...TWINS, distractors: 0 },
  'no-twins': { ...NONE, ...PASTE, ...LIGHT, ...PLACE },
  style: { ...NONE, ...PASTE, ...LIGHT, ...PLACE, ...TWINS, ...STYLE },
} as const satisfies Readonly<Record<string, AugmentSettings>>;

/** What training does unless told otherwise. */
export const AUGMENT: AugmentSettings = AUGMENTS.all;

/** @throws SaccadeNetError INVALID_OPTION for a name that is none of AUGMENTS */
export function augmentNamed(name: string): AugmentSettings {
  if (Object.hasOwn(AUGMENTS, name)) return AUGMENTS[name as keyof typeof AUGMENTS];
  throw new SaccadeNetError(
    'INVALID_OPTION',
    `augment is '${name}'; give one of ${Object.keys(AUGMENTS).join(', ')}`,
  );
}
