/** Snow, frost, fog and brightness: constants of ImageNet-C (Hendrycks and Dietterich, 2019). */
import { between } from '../../random.ts';
import { smear } from './blur.ts';
import { FROST_SIDE_PX, frostTexture } from './frost-texture.ts';
import { normalField } from './noise.ts';
import { atSeverity, bilinear, COLOURS, type Corruption } from './picture.ts';
import { plasma } from './plasma.ts';

/** Mean and deviation of the layer, its zoom, least value, reach and deviation of the fall in px, share of the picture. */
const SNOW = [
  [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
  [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
  [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
  [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
  [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
] as const;

export const snow: Corruption = (picture, severity, random) => {
  const { width, height, rgb } = picture;
  const [mean, deviation, zoom, least, radius, sigma, kept] = atSeverity(SNOW, severity);
  const coarse = { width: Math.ceil(width / zoom) + 1, height: Math.ceil(height / zoom) + 1 };
  const flakes = normalField(coarse.width * coarse.height, mean, deviation, random);
  const layer = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = bilinear(flakes, coarse, 1, x / zoom, y / zoom, 0);
      layer[i] = value < least ? 0 : Math.min(1, value);
    }
  }
  const fallen = smear(layer, picture, 1, { radius, sigma, degrees: between(random, 45, 135) });
  for (let p = 0, i = 0; p < fallen.length; p++, i += COLOURS) {
    const grey = 1.5 * (0.299 * rgb[i] + 0.587 * rgb[i + 1] + 0.114 * rgb[i + 2]) + 0.5;
    const added = fallen[p] + fallen[fallen.length - 1 - p];
    for (let c = 0; c < COLOURS; c++) {
      rgb[i + c] = kept * rgb[i + c] + (1 - kept) * Math.max(rgb[i + c], grey) + added;
    }
  }
};

/** Shares of the picture and of the frost. */
const FROST = [
  [1, 0.4],
  [0.8, 0.6],
  [0.7, 0.7],
  [0.65, 0.7],
  [0.6, 0.75],
] as const;
const FROST_TEXTURES = 4;

/** ImageNet-C lays photographs of frosted panes over the picture; here the panes are procedural (frost-texture.ts). */
export const frost: Corruption = ({ width, height, rgb }, severity, random) => {
  const [kept, share] = atSeverity(FROST, severity);
  const texture = frostTexture(Math.floor(random() * FROST_TEXTURES));
  // Cut anywhere; the pane repeats where the picture is larger.
  const left = Math.floor(random() * FROST_SIDE_PX);
  const top = Math.floor(random() * FROST_SIDE_PX);
  for (let y = 0, i = 0; y < height; y++) {
    const row = ((y + top) % FROST_SIDE_PX) * FROST_SIDE_PX;
    for (let x = 0; x < width; x++) {
      const from = (row + ((x + left) % FROST_SIDE_PX)) * COLOURS;
      for (let c = 0; c < COLOURS; c++, i++) rgb[i] = kept * rgb[i] + share * texture[from + c];
    }
  }
};

/** Thickness, and how fast the cloud gets smoother. */
const FOG = [
  [1.5, 2],
  [2, 2],
  [2.5, 1.7],
  [2.5, 1.5],
  [3, 1.4],
] as const;

export const fog: Corruption = ({ width, height, rgb }, severity, random) => {
  const [thickness, decay] = atSeverity(FOG, severity);
  // The cloud at half the size: its finest level would be below a hundredth of its height.
  const { side, cloud } = plasma(Math.max(width, height) / 2, decay, random);
  let brightest = 0;
  for (let i = 0; i < rgb.length; i++) if (rgb[i] > brightest) brightest = rgb[i];
  const scale = brightest / (brightest + thickness);
  const square = { width: side, height: side };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const added = thickness * bilinear(cloud, square, 1, x / 2, y / 2, 0);
      for (let c = 0; c < COLOURS; c++, i++) rgb[i] = (rgb[i] + added) * scale;
    }
  }
};

const BRIGHTNESS = [0.1, 0.2, 0.3, 0.4, 0.5];

/** Adds to the value of hue, saturation, value: the greatest colour rises, the others keep their ratio to it. */
export const brightness: Corruption = ({ rgb }, severity) => {
  const added = atSeverity(BRIGHTNESS, severity);
  for (let i = 0; i < rgb.length; i += COLOURS) {
    const value = Math.max(rgb[i], rgb[i + 1], rgb[i + 2]);
    const raised = Math.min(1, value + added);
    for (let c = 0; c < COLOURS; c++) rgb[i + c] = value > 0 ? (rgb[i + c] * raised) / value : raised;
  }
};
