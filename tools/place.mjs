// Puts what a command printed into a document, between `<!-- name -->` and `<!-- /name -->`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SetupError } from './setup.mjs';

/**
 * @param {string} document path from the root of the repository
 * @param {string} name of the place @param {string} text
 */
export function place(document, name, text) {
  const file = join(ROOT, document);
  const before = readFileSync(file, 'utf8');
  const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [before.indexOf(from), before.indexOf(to)];
  if (start < 0 || end < start) throw new SetupError(`${document} has no place ${from} ... ${to}.`);
  writeFileSync(file, `${before.slice(0, start + from.length)}\n\n${text.trim()}\n\n${before.slice(end)}`);
}
