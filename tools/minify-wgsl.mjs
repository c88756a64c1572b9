// WGSL made short for the wire: comments, indentation and needless blanks go, and what a function declares for itself
// (parameters, let, var) gets a name of one or two letters. Lines stay lines: unroll.ts repeats them.

const DECLARED_IN_MODULE = /\b(?:fn|const|override|struct|alias|var<[^>]*>)\s+(\w+)/g;
const FUNCTION_HEAD = /\bfn\s+\w+\s*\(([\s\S]*?)\)\s*(?:->[^{]*)?\{/g;
const PARAMETER = /(?:^|[,\s)])(\w+)\s*:/g;
const LOCAL = /\b(?:let|var)\s+(\w+)/g;
/** After a dot is a member, after an @ an attribute; a brace beside a name is a place that unroll.ts fills in. */
const NAME = /(?<![.@\w{}])[A-Za-z_]\w*(?![\w{}])/g;
const STRUCT = /\bstruct\s+\w+\s*\{([^}]*)\}/g;
const AROUND_PUNCTUATION = / *([()[\]{};,:=*<>&|!/?%^]) */g;
/** A sign between two values; `a - -b` stays, which is no `a--b`. */
const AROUND_SIGNS = /(?<=[\w)\]]) ?([-+]) (?=[\w(])/g;

/** @param {string} source @returns {string} the same program */
export function minifyWgsl(source) {
  const bare = source.replace(/\/\/[^\n]*/g, '');
  return shortNames(bare)
    .split('\n')
    .map((line) => line.trim())
    .map((line) => (line.startsWith('#') ? line : withoutBlanks(line)))
    .filter((line) => line.length > 0)
    .join('\n');
}

function withoutBlanks(line) {
  return line.replace(AROUND_PUNCTUATION, '$1').replace(AROUND_SIGNS, '$1');
}

/** Kernels are put together from several files, so names of a module stay as they are. */
function shortNames(source) {
  const taken = new Set(all(source, NAME, 0));
  const fixed = new Set(all(source, DECLARED_IN_MODULE, 1));
  for (const fields of all(source, STRUCT, 1)) for (const name of all(fields, PARAMETER, 1)) fixed.add(name);
  const locals = [
    ...all(source, FUNCTION_HEAD, 1).flatMap((parameters) => all(parameters, PARAMETER, 1)),
    ...all(source, LOCAL, 1),
  ].filter((name) => name.length > 2 && !fixed.has(name));
  const short = new Map();
  const names = shortest(taken);
  for (const name of locals) if (!short.has(name)) short.set(name, names.next().value);
  return source.replace(NAME, (name) => short.get(name) ?? name);
}

/** a, b, ..., z, aa, ab, ... but those taken. */
function* shortest(taken) {
  for (let i = 0; ; i++) {
    const letter = (n) => String.fromCharCode(97 + n);
    const name = i < 26 ? letter(i) : letter(Math.floor(i / 26) - 1) + letter(i % 26);
    if (!taken.has(name) && !['if', 'as', 'do', 'fn'].includes(name)) yield name;
  }
}

function all(text, pattern, group) {
  return [...text.matchAll(pattern)].map((match) => match[group]);
}
