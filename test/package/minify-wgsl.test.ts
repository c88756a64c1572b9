/** The shaders' minifier: the same program in fewer letters. That they still compute the same, conformance shows. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error: plain JavaScript of the tools, without types
import { minifyWgsl } from '../../tools/minify-wgsl.mjs';

describe('minifyWgsl', () => {
  it('drops comments and blanks, and shortens what a function declares', () => {
    const source = `
// A comment.
@group(0) @binding(1) var<storage, read> source: array<f32>;
fn twice(group: u32) -> f32 {
  let value = source[group] * 2.0; // here too
  return value - -value;
}`;
    expect(minifyWgsl(source)).toBe(
      [
        '@group(0)@binding(1)var<storage,read>source:array<f32>;',
        'fn twice(a:u32)->f32{',
        'let b=source[a]*2.0;',
        'return b - -b;',
        '}',
      ].join('\n'),
    );
  });

  it('leaves members, names of the module and the lines for unroll.ts', () => {
    const source = `
struct Settings { blocks: u32 }
fn other(blocks: u32, a: u32) {
  let value = settings.value + blocks;
#for p PLACES
  let v{p} = other(value, {p}u) + {PLACES}u;
#end
}`;
    expect(minifyWgsl(source)).toBe(
      [
        'struct Settings{blocks:u32}',
        'fn other(blocks:u32,a:u32){',
        'let b=settings.value+blocks;',
        '#for p PLACES',
        'let v{p}=other(b,{p}u)+{PLACES}u;',
        '#end',
        '}',
      ].join('\n'),
    );
  });
});
