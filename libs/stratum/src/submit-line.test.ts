import fc from 'fast-check';
import { decodeMessage } from './message.ts';
import { readSubmitLine } from './submit-line.ts';

/** JSON allows a space before anything, and this shape does not. */
const decodeAsJson = (line: string) => decodeMessage(Buffer.from(` ${line}`));

const word = fc.oneof(
  fc.stringMatching(/^[0-9a-f]{8}$/),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const id = fc.oneof(
  fc.nat(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.constantFrom('00', '1.0', '1e3', '"7"', 'null'),
);
const space = fc.constantFrom('', ' ', '  ');
const submit = fc
  .record({ id, params: fc.array(word, { minLength: 4, maxLength: 7 }), space, paramsFirst: fc.boolean() })
  .map(({ id: number, params, space: gap, paramsFirst }) => {
    const list = `"params":${gap}[${params.map((param) => JSON.stringify(param)).join(`,${gap}`)}]`;
    const [number_, method] = [`"id":${gap}${String(number)}`, `"method":${gap}"mining.submit"`];
    const members = paramsFirst ? [list, number_, method] : [number_, method, list];
    return `{${members.join(`,${gap}`)}}`;
  });

describe('a share as most miners write it', () => {
  it.each([
    '{"id":4,"method":"mining.submit","params":["addr.rig","1a00","0000abcd","6553f100","deadbeef"]}',
    '{"id": 4, "method": "mining.submit", "params": ["addr.rig", "1a00", "00", "6553f100", "deadbeef", "00204000"]}',
    '{"params": ["addr.rig", "1a00", "0000abcd", "6553f100", "deadbeef"], "id": 4, "method": "mining.submit"}',
  ])('is known by its shape: %s', (line) => {
    expect(readSubmitLine(line)).toEqual(decodeAsJson(line));
  });

  it('is what JSON makes of it, and nothing else is taken for one', () => {
    fc.assert(
      fc.property(submit, (line) => {
        expect(decodeMessage(Buffer.from(line))).toEqual(decodeAsJson(line));
      }),
      { numRuns: 2_000 },
    );
  });

  it('with any byte changed is still what JSON makes of it', () => {
    fc.assert(
      fc.property(submit, fc.nat(), fc.nat(255), (line, at, byte) => {
        const bytes = Buffer.from(line);
        bytes[at % bytes.length] = byte;
        expect(decodeMessage(bytes)).toEqual(decodeMessage(Buffer.concat([Buffer.from(' '), bytes])));
      }),
      { numRuns: 5_000 },
    );
  });
});
