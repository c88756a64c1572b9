/**
 * The constants of tracks, in one place. Lengths in working px, times in steps of `STEP_MS`, scores 0..1. Chosen on
 * procedural clips with seeds that no figure is quoted for (docs/experiments/saccades.md).
 */

import type { TrembleSettings } from './tremble.ts';

/** Motion is reckoned in steps of this length, so that dropped frames count for what they are: 15 Hz. */
export const STEP_MS = 1000 / 15;

export interface TrackSettings extends TrembleSettings {
  /** Least overlap of a predicted box and a detection that are one thing. */
  readonly matchIou: number;
  /** Boxes are widened about their axis to this before they are compared. */
  readonly minWidthPx: number;
  /** For tall thin things: axes this far apart, in px and in widths, are one where the heights overlap by half. */
  readonly axisPx: number;
  readonly axisWidths: number;
  /** Deviation of a measured axis: px, and share of the width. */
  readonly axisNoisePx: number;
  readonly axisNoiseWidths: number;
  /** A surprise of the axis beyond so many deviations counts less. */
  readonly axisReach: number;
  /** Deviation of a measured middle: px, and share of the height; and how many times that the height's is. */
  readonly heightNoisePx: number;
  readonly heightNoiseShare: number;
  readonly tallNoise: number;
  /** Usual deviation of a box's top and foot: px, and share of the height. What trembles less is believed more. */
  readonly endNoisePx: number;
  readonly endNoiseShare: number;
  /** A top or foot that is further off than this, in deviations, is taken to be so far off. */
  readonly topReach: number;
  readonly footReach: number;
  /** One that is so many usual deviations off, twice at one place, jumped there. */
  readonly topJump: number;
  readonly footJump: number;
  /** Deviation of the change of velocity in one step: px, share of the height, and of the speed: what is near is fast. */
  readonly driftPx: number;
  readonly driftShare: number;
  readonly driftSpeed: number;
  /** The same of the middle, over that of the axis; and of the growth, share of the height, and of speed over height. */
  readonly middleDrift: number;
  readonly growthDrift: number;
  readonly growthSpeed: number;
  /** How much less the motion of a box's patch is trusted than its own figures say. */
  readonly patchDoubt: number;
  /** Whether that motion is sought on the finer picture too: of a thin thing's patch most is what is behind it. */
  readonly registered: boolean;
  /** How much a box counts less that scores less than its track. */
  readonly doubt: number;
  /** Share of a new width that is taken over. */
  readonly widthGain: number;
  /** Share of the way of the score to a better and to a worse detection's. */
  readonly rise: number;
  readonly fall: number;
  /** Factor of the score when the place was looked at and nothing was there, and of a step in which nobody looked. */
  readonly missed: number;
  readonly unseen: number;
  /** Factor of the first score: one look is less than two. */
  readonly birth: number;
  /** A track that is shown stays so down to this share of the threshold. */
  readonly hysteresis: number;
  /** How much less a look is worth just after one (saccade.ts): what moves by itself is followed. */
  readonly rest: number;
  /** Steps without a detection after which a track ends. */
  readonly maxCoast: number;
}

export const TRACK_SETTINGS: Readonly<Record<string, TrackSettings>> & { readonly other: TrackSettings } = {
  pole: {
    matchIou: 0.25,
    minWidthPx: 8,
    axisPx: 4,
    axisWidths: 0.5,
    axisNoisePx: 0.2,
    axisNoiseWidths: 0.05,
    axisReach: 4,
    heightNoisePx: 4.5,
    heightNoiseShare: 0.35,
    tallNoise: 4,
    endNoisePx: 4,
    endNoiseShare: 0.03,
    topReach: 0.6,
    footReach: 1.8,
    topJump: 40,
    footJump: 4,
    tremblePrior: 1,
    trembleLeast: 0.1,
    driftPx: 0.15,
    driftShare: 0,
    driftSpeed: 0.1,
    middleDrift: 0.4,
    growthDrift: 0.0016,
    growthSpeed: 0.15,
    patchDoubt: 1.2,
    registered: false,
    doubt: 2,
    widthGain: 0.2,
    rise: 0.5,
    fall: 0.15,
    missed: 0.7,
    unseen: 0.97,
    birth: 0.85,
    hysteresis: 0.5,
    rest: 3,
    maxCoast: 10,
  },
  other: {
    matchIou: 0.25,
    minWidthPx: 0,
    axisPx: 0,
    axisWidths: 0.3,
    axisNoisePx: 0.8,
    axisNoiseWidths: 0.04,
    axisReach: 1.5,
    heightNoisePx: 2.4,
    heightNoiseShare: 0.03,
    tallNoise: 1.8,
    endNoisePx: 1.2,
    endNoiseShare: 0.02,
    topReach: 3,
    footReach: 3,
    topJump: 9,
    footJump: 4.5,
    tremblePrior: 3,
    trembleLeast: 0.3,
    driftPx: 0.43,
    driftShare: 0.003,
    driftSpeed: 0,
    middleDrift: 0.45,
    growthDrift: 0.0013,
    growthSpeed: 0,
    patchDoubt: 0.3,
    registered: true,
    doubt: 1.5,
    widthGain: 0.5,
    rise: 0.5,
    fall: 0.25,
    missed: 0.7,
    unseen: 0.97,
    birth: 0.85,
    hysteresis: 0.5,
    rest: 0.75,
    maxCoast: 10,
  },
};

export function trackSettings(label: string): TrackSettings {
  return TRACK_SETTINGS[label] ?? TRACK_SETTINGS.other;
}
