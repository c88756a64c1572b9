/** `saccadenet scenes`: procedural street scenes with exact masks and boxes, in the data form. */
import { DEFAULT_HEIGHT, DEFAULT_RATE, DEFAULT_WIDTH } from '../train/scenes/index.ts';
import { writeScenes } from '../train/scenes/write-scenes.ts';
import {
  type Command,
  noPositionals,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from './arguments.ts';
import { createProgress } from './progress.ts';

const HELP = `Usage: saccadenet scenes -o DIR --frames N --seed S [options]

Renders street scenes with people and poles: images/*.jpg, masks/*.png (0 none, 1 person, 2 pole, 3 ignore),
labels/*.png (classes of every pixel) and annotations.json. The same seed gives the same pictures. Without --video every picture is a street of its own.

  -o, --out DIR   folder to write to; made where missing
  --frames N      pictures to render
  --seed S        whole number
  --video         consecutive frames of one drive at ${DEFAULT_RATE} frames a second, with track_id
  --clips N       with --video: N drives of --frames frames each, with the seeds from S on
  --appear F      with --video: a person steps out from behind a pole at frame F
  --mjpeg FILE    with --video: the clip as concatenated JPEGs; without -o annotations.json lies beside it
  --canyon        narrow streets between high fronts: posts stand before walls of their own colour
  --width W       px, 64 to 4096; default ${DEFAULT_WIDTH}
  --height H      px, 64 to 4096; default ${DEFAULT_HEIGHT}
  --quality Q     of the JPEGs, 1 to 100; default: varied, 88 in a clip
  --json          { frames, persons, poles, ignored, bytes } on stdout
`;

export const command: Command = {
  name: 'scenes',
  summary: 'render procedural street scenes in the data form',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      out: { type: 'string', short: 'o' },
      frames: { type: 'string' },
      seed: { type: 'string' },
      video: { type: 'boolean' },
      clips: { type: 'string' },
      appear: { type: 'string' },
      mjpeg: { type: 'string' },
      canyon: { type: 'boolean' },
      width: { type: 'string' },
      height: { type: 'string' },
      quality: { type: 'string' },
      json: { type: 'boolean' },
    });
    noPositionals(positionals);
    const example = 'saccadenet scenes -o scenes --frames 100 --seed 1';
    const frames = requiredOption('frames', values.frames, example);
    const seed = requiredOption('seed', values.seed, example);
    if (!values.mjpeg) requiredOption('out', values.out, example);
    if (values.mjpeg && !values.video) throw new UsageError('--mjpeg is a clip: give --video too');
    for (const [name, value] of Object.entries({ clips: values.clips, appear: values.appear }))
      if (value !== undefined && !values.video)
        throw new UsageError(`--${name} is for clips: give --video too`);
    const clips = numberOption('clips', values.clips, { min: 1, max: 1e4, integer: true });
    if (values.mjpeg && clips !== undefined && clips > 1)
      throw new UsageError('--mjpeg is one clip: leave --clips away, or write to a folder with -o');
    const count = numberOption('frames', frames, { min: 1, max: 1e6, integer: true }) ?? 1;
    const side = { min: 64, max: 4096, integer: true };
    const progress = createProgress('scenes', count * (clips ?? 1), { quiet: values.json });
    let summary: ReturnType<typeof writeScenes>;
    try {
      summary = writeScenes({
        frames: count,
        seed: numberOption('seed', seed, { integer: true }) ?? 0,
        video: values.video ?? false,
        clips,
        appearsAt: numberOption('appear', values.appear, { min: 0, max: count - 1, integer: true }),
        canyon: values.canyon,
        width: numberOption('width', values.width, side) ?? DEFAULT_WIDTH,
        height: numberOption('height', values.height, side) ?? DEFAULT_HEIGHT,
        quality: numberOption('quality', values.quality, { min: 1, max: 100, integer: true }),
        directory: values.out,
        mjpeg: values.mjpeg,
        onFrame: (done) => progress.update(done),
      });
    } finally {
      progress.end();
    }
    if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    else
      process.stdout.write(
        `${summary.frames} frames, ${summary.persons} persons, ${summary.poles} poles (${summary.ignored} too small or hidden) in ${[values.out, values.mjpeg].filter(Boolean).join(' and ')}\n`,
      );
  },
};
