import { describe, expect, it } from 'vitest';
import { validateNetwork } from '../../src/codec/validate-network.ts';
import { peopleVsPoles, SHIPPED_WIDTHS } from '../../src/network/people-vs-poles.ts';

// biome-ignore lint/suspicious/noExplicitAny: a spec from a file may be anything
type Anything = any;

function spec(change: (spec: Anything) => void = () => {}): Anything {
  const copy = JSON.parse(JSON.stringify(peopleVsPoles()));
  change(copy);
  return copy;
}

const WRONG: [string, (spec: Anything) => void][] = [
  ['no labels', (s) => (s.labels = [])],
  ['a label twice', (s) => (s.labels = ['pole', 'pole'])],
  ['a label that is no text', (s) => (s.labels = ['pole', 3])],
  ['more labels than the head has', (s) => s.labels.push('dog')],
  ['an unknown block', (s) => (s.block = 24)],
  ['a block that the strides do not give', (s) => (s.block = 32)],
  ['a cell that the strides do not give', (s) => (s.cell = 8)],
  ['an unknown downsample', (s) => (s.attention.downsample = 3)],
  ['no attention', (s) => delete s.attention],
  ['attention that is a list', (s) => (s.attention = [])],
  ['no layers', (s) => (s.attention.layers = [])],
  ['layers without end', (s) => (s.detail.trunk = Array(300).fill(s.detail.trunk[1]))],
  ['an even kernel', (s) => (s.detail.stem[0].kernel = 4)],
  ['a stride of 3', (s) => (s.detail.stem[0].stride = 3)],
  ['a stride in the trunk', (s) => (s.detail.trunk[0].stride = 2)],
  ['no channels', (s) => (s.attention.gate.inputs = 0)],
  ['half a channel', (s) => (s.attention.layers[0].outputs = 16.5)],
  ['a million channels', (s) => (s.attention.layers[0].outputs = 1e6)],
  ['channels that do not meet', (s) => (s.attention.layers[1].inputs = 17)],
  ['a first layer that does not read the frame', (s) => (s.detail.stem[0].inputs = 3)],
  ['a join that does not add up', (s) => (s.attention.features.outputs = 21)],
  ['a gate of 3 channels', (s) => (s.attention.gate.outputs = 3)],
  ['a gate that is no 1x1', (s) => (s.attention.gate.kernel = 3)],
  ['an unknown activation', (s) => (s.detail.head.activation = 'gelu')],
  ['a residual that changes channels', (s) => (s.detail.trunk[0].residual = true)],
  ['a residual that is a text', (s) => (s.detail.trunk[1].residual = 'yes')],
  ['5x5 in the stem', (s) => (s.detail.stem[0].fiveByFive = true)],
  ['a name twice', (s) => (s.detail.stem[1].name = 'a1')],
  ['a reserved name', (s) => (s.detail.stem[1].name = 'join')],
  ['a name with a dot', (s) => (s.detail.stem[1].name = 'd2.five')],
  ['no name', (s) => delete s.name],
  ['a response in version 1', (s) => (s.version = 1)],
  ['a response of no width', (s) => (s.halfSaturation = 0)],
  ['a response that is a text', (s) => (s.halfSaturation = '48')],
  ['a linear share in version 3', (s) => (s.version = 3)],
  ['a linear share of nothing', (s) => delete s.halfSaturation],
  ['a linear share below none', (s) => (s.linearShare = -0.1)],
  ['a linear share of more than all', (s) => (s.linearShare = 1.1)],
  ['a linear share that is a text', (s) => (s.linearShare = '0.25')],
];

const WRONG_GENES: [string, (spec: Anything) => void][] = [
  ['dictionaries in version 2', (s) => (s.version = 2)],
  ['no dictionary in the list', (s) => (s.dictionaries = [])],
  ['a dictionary of no patterns', (s) => Object.assign(s.dictionaries[0], { local: 0, long: 0 })],
  ['half a pattern', (s) => (s.dictionaries[0].local = 2.5)],
  ['a million patterns', (s) => (s.dictionaries[0].long = 1e6)],
  ['a reach of 7', (s) => (s.dictionaries[0].reach = 7)],
  ['long-range patterns of reach 3', (s) => (s.dictionaries[0].reach = 3)],
  ['a dictionary named like a layer', (s) => (s.dictionaries[0].name = 'a1')],
  ['a dictionary twice', (s) => s.dictionaries.push(s.dictionaries[0])],
  ['a layer of an unknown dictionary', (s) => (s.detail.trunk[2].genes = 'other')],
  ['a layer of no dictionary', (s) => (s.detail.trunk[2].genes = null)],
  ['another kernel than the reach', (s) => (s.detail.trunk[2].kernel = 3)],
  ['genes with a 5x5 branch', (s) => (s.detail.trunk[2].fiveByFive = true)],
  ['genes in the gate', (s) => (s.attention.gate.genes = 'genes')],
];

describe('validateNetwork', () => {
  const genes = () => JSON.parse(JSON.stringify(peopleVsPoles(SHIPPED_WIDTHS, { local: 12, long: 4 })));

  it('takes genes from version 3 on', () => {
    expect(validateNetwork(genes())).toEqual(peopleVsPoles(SHIPPED_WIDTHS, { local: 12, long: 4 }));
  });

  it.each(WRONG_GENES)('refuses %s', (_, change) => {
    const wrong = genes();
    change(wrong);
    expect(() => validateNetwork(wrong)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });

  it('takes the shipped spec and gives an equal copy', () => {
    expect(validateNetwork(spec())).toEqual(peopleVsPoles());
  });

  it('takes version 1, whose response is linear', () => {
    const first = spec((s) => {
      s.version = 1;
      delete s.halfSaturation;
      delete s.linearShare;
    });
    expect(validateNetwork(first)).toEqual(first);
  });

  it('takes version 2, whose response has no linear share', () => {
    const second = spec((s) => {
      s.version = 2;
      delete s.linearShare;
    });
    expect(validateNetwork(second)).toEqual(second);
  });

  it('drops fields that it does not know', () => {
    expect(validateNetwork(spec((s) => (s.detail.stem[0].extra = 1)))).toEqual(peopleVsPoles());
  });

  it.each(WRONG)('refuses %s', (_, change) => {
    expect(() => validateNetwork(spec(change))).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });

  it.each([null, undefined, 3, 'spec', []])('refuses %j', (value) => {
    expect(() => validateNetwork(value)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });

  it.each([0, 5, '1', undefined])('refuses spec version %j by its version', (version) => {
    expect(() => validateNetwork(spec((s) => (s.version = version)))).toThrow(
      expect.objectContaining({ code: 'MODEL_VERSION' }),
    );
  });

  it('says where and what', () => {
    expect(() => validateNetwork(spec((s) => (s.attention.layers[1].inputs = 17)))).toThrow(
      /attention layer "a2" inputs is 17, wanted 16/,
    );
  });
});
