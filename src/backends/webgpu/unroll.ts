/**
 * Lines of a kernel written out: WGSL has no arrays in registers that every compiler unrolls, so a register tile
 * needs a name a value. `#for p PLACES` ... `#end` repeats the lines between with `{p}` as 0, 1, ..., and `{PLACES}`
 * anywhere is the count itself. Loops nest. Pure.
 */

/** @param counts by name, whole numbers */
export function unroll(source: string, counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).reduce(
    (text, [name, count]) => text.replaceAll(`{${name}}`, String(count)),
    source,
  );
  const lines = named.split('\n');
  return block(lines, counts).join('\n');
}

/** Takes lines off `rest` up to the matching `#end`. */
function block(rest: string[], counts: Readonly<Record<string, number>>): string[] {
  const done: string[] = [];
  for (let line = rest.shift(); line !== undefined && line.trim() !== '#end'; line = rest.shift()) {
    const [, variable, name] = /^#for (\w+) (\w+)$/.exec(line.trim()) ?? [];
    if (variable === undefined) {
      done.push(line);
      continue;
    }
    const body = block(rest, counts);
    for (let i = 0; i < counts[name]; i++) {
      done.push(...body.map((inner) => inner.replaceAll(`{${variable}}`, String(i))));
    }
  }
  return done;
}
