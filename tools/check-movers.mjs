// Whether what entered a clip was attended: `node tools/check-movers.mjs <marks.json> <detect.jsonl>`, the second from
// `saccadenet detect <frames> --video --json`. A mover is attended once half of what is to be seen of it lies in
// attended blocks. Exits 1 when one was not within 3 frames.
import { readFileSync } from 'node:fs';

const WITHIN_FRAMES = 3;
const [, , marksFile, framesFile] = process.argv;
if (!framesFile) {
  console.error('usage: node tools/check-movers.mjs <marks.json> <detect.jsonl>');
  process.exit(2);
}
const { movers } = JSON.parse(readFileSync(marksFile, 'utf8'));
const frames = readFileSync(framesFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).attention);

function shareAttended({ gates, columns, rows, blockWidth, blockHeight }, [x0, y0, width, height]) {
  let seen = 0;
  for (let y = y0; y < y0 + height; y++)
    for (let x = x0; x < x0 + width; x++) {
      const row = Math.min(rows - 1, Math.floor((y + 0.5) / blockHeight));
      const column = Math.min(columns - 1, Math.floor((x + 0.5) / blockWidth));
      if (gates[row][column] > 0) seen++;
    }
  return seen / (width * height);
}

let late = 0;
for (const { name, frame, box } of movers) {
  const after = [...Array(WITHIN_FRAMES + 1).keys()].find(
    (i) => shareAttended(frames[frame + i], box) >= 0.5,
  );
  if (after === undefined) late++;
  console.log(
    `${name}, frame ${frame}: ${after === undefined ? 'not attended' : `attended after ${after} frames`}`,
  );
}
const shares = frames.map(({ gates }) => {
  const all = gates.flat();
  return all.filter((gate) => gate > 0).length / all.length;
});
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (value) => `${(100 * value).toFixed(2)}%`;
const sorted = [...shares].sort((a, b) => a - b);
console.log(
  `looked at ${percent(mean(shares))} of the blocks, half of the frames at most ${percent(sorted[sorted.length >> 1])}, most ${percent(sorted.at(-1))}; over 5% in ${shares.filter((share) => share > 0.05).length} of ${shares.length} frames`,
);
process.exitCode = late > 0 ? 1 : 0;
