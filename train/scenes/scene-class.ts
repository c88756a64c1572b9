/** Classes of every pixel, numbered as in the data form's labels/ (CamVid's eleven and unlabelled). */
export const SCENE_CLASS = {
  sky: 0,
  building: 1,
  pole: 2,
  road: 3,
  pavement: 4,
  tree: 5,
  sign: 6,
  fence: 7,
  car: 8,
  pedestrian: 9,
  bicyclist: 10,
  unlabelled: 11,
} as const;

export type SceneClass = keyof typeof SCENE_CLASS;
