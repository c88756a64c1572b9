/**
 * What kind of place a street runs through. `OPEN_STREET` draws the same random numbers as ever, so that a seed's picture
 * stays what it was; `CANYON` is an old town's narrow street, where posts stand before high fronts of their own colour
 * and few of them before the sky.
 */

/** What lines a side of a street. */
export type SideKind = 'terrace' | 'houses' | 'park' | 'open' | 'wall';

type Range = readonly [number, number];

export interface Setting {
  /** What lines the two sides: one pair of these. */
  readonly pairs: readonly (readonly [SideKind, SideKind])[];
  /** Floors of the fronts, before each varies; of those that close the street. */
  readonly floors: Range;
  readonly closingFloors: Range;
  /** Metres from the street's middle to the kerb, from the kerb to the fronts. */
  readonly kerb: Range;
  readonly pavement: Range;
  /** Chances that something closes the street, on busy ground and elsewhere, and how far ahead, metres. */
  readonly closes: readonly [busy: number, elsewhere: number];
  readonly closesAt: Range;
  /** Metres from lamp to lamp. */
  readonly lampPitch: Range;
  /** Share of the posts that have the colour of a wall, in the light or in the shade. */
  readonly camouflage: number;
  /** Share of the fronts with pilasters, and that are of dark stone. */
  readonly pilasters: number;
  readonly darkStone: number;
  /** Chance that the camera looks aside. */
  readonly looksAside: number;
}

export const OPEN_STREET: Setting = {
  pairs: [
    ['terrace', 'terrace'],
    ['terrace', 'terrace'],
    ['terrace', 'houses'],
    ['terrace', 'park'],
    ['terrace', 'wall'],
    ['houses', 'houses'],
    ['houses', 'park'],
    ['wall', 'terrace'],
    ['park', 'park'],
    ['open', 'terrace'],
    ['open', 'open'],
    ['open', 'park'],
  ],
  floors: [1.6, 3.6],
  closingFloors: [1.5, 3.5],
  kerb: [3, 5.2],
  pavement: [1.7, 4.2],
  closes: [0.7, 0.3],
  closesAt: [45, 130],
  lampPitch: [17, 36],
  camouflage: 0,
  pilasters: 0,
  darkStone: 0,
  looksAside: 0.25,
};

export const CANYON: Setting = {
  pairs: [
    ['terrace', 'terrace'],
    ['terrace', 'terrace'],
    ['terrace', 'wall'],
  ],
  floors: [2.8, 5],
  closingFloors: [2.5, 5],
  kerb: [2.6, 4.6],
  pavement: [1.4, 3],
  closes: [0.9, 0.7],
  closesAt: [18, 70],
  lampPitch: [9, 24],
  camouflage: 0.6,
  pilasters: 0.5,
  darkStone: 0.4,
  looksAside: 0.5,
};
