/** Small damage to recorded bytes: what links, firmware and attackers do to lines. */
import type { Random } from './random.ts';

/** Enough for a line that is too long to be taken. */
const MAX_BYTES = 20_000;

const INTERESTING = Buffer.from('\0\n\r\t "\\[]{}:,.-+0189aefnEtxu\x7f\x80\xc2\xed\xff\x16', 'latin1');

/** JSON that has its own ways of being wrong. */
const TOKENS: readonly string[] = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '-1',
  '0',
  '1e999',
  '-0',
  '0.1',
  '4294967296',
  '9007199254740993',
  '123456789012345678901234567890',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '{"__proto__":1}',
  '"0x"',
  '[[[[[[[[',
  'ffffffff',
  '\ufeff',
  '\n',
  '\r\n',
];

const splice = (input: Buffer, at: number, remove: number, insert: Buffer): Buffer =>
  Buffer.concat([input.subarray(0, at), insert, input.subarray(at + remove)]);

export type Mutation = (
  input: Buffer,
  random: Random,
  words: readonly string[],
  others: readonly Buffer[],
) => Buffer;

const flipBit: Mutation = (input, random) => {
  const out = Buffer.from(input);
  const at = random.below(out.length);
  out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
};

const replaceByte: Mutation = (input, random) => {
  const out = Buffer.from(input);
  out[random.below(out.length)] = INTERESTING[random.below(INTERESTING.length)] ?? 0;
  return out;
};

const remove: Mutation = (input, random) => {
  const at = random.below(input.length);
  return splice(input, at, 1 + random.below(Math.min(16, input.length - at)), Buffer.alloc(0));
};

const repeat: Mutation = (input, random) => {
  const at = random.below(input.length);
  const piece = input.subarray(at, at + 1 + random.below(16));
  const times = random.oneIn(20) ? 1 + random.below(2000) : 1 + random.below(4);
  return splice(input, at, 0, Buffer.concat(Array.from({ length: times }, () => piece)));
};

const insertToken: Mutation = (input, random) =>
  splice(input, random.below(input.length + 1), 0, Buffer.from(random.pick(TOKENS)));

/** One value of the JSON for another: the line mostly stays one that can be read. */
export const replaceValue: Mutation = (input, random, words) => {
  const text = input.toString('latin1');
  const values = Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null/g));
  if (values.length === 0) return input;
  const { index, 0: value } = random.pick(values);
  const word = random.oneIn(2) ? random.pick(TOKENS) : JSON.stringify(random.pick(words));
  return splice(input, index, value.length, Buffer.from(word));
};

const cross: Mutation = (input, random, _words, others) => {
  const other = random.pick(others);
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
};

const truncate: Mutation = (input, random) => input.subarray(0, random.below(input.length));

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  replaceByte,
  remove,
  repeat,
  insertToken,
  replaceValue,
  replaceValue,
  replaceValue,
  cross,
  truncate,
];

/** One to four kinds of damage, one on top of the other. */
export const mutate: Mutation = (input, random, words, others) => {
  let out = input;
  for (let times = 1 + random.below(4); times > 0 && out.length > 0; times--) {
    out = random.pick(MUTATIONS)(out, random, words, others).subarray(0, MAX_BYTES);
  }
  return out;
};
