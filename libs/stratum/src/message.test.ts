import fc from 'fast-check';
import { MAX_LINE_BYTES } from './limits.ts';
import { decodeMessage } from './message.ts';
import { vectorsOf } from './testing/vectors.ts';

const vectors = vectorsOf('stratum-v1');

const decode = (text: string) => decodeMessage(Buffer.from(text));

describe('decodeMessage', () => {
  it.each([
    ['7', '7'],
    ['"a\\"b"', '"a\\"b"'],
    ['null', 'null'],
    ['-3', '-3'],
    ['9007199254740993', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['1.5', '1.5'],
    ['1e400', '1e400'],
    ['0.1000000000000000055', '0.1000000000000000055'],
  ])('keeps the id %s as it is', (written, kept) => {
    expect(decode(`{"params":[{"id":4}],"id":${written},"method":"mining.ping"}`)).toMatchObject({
      kind: 'request',
      id: kept,
    });
  });

  it('takes the digits of the outermost id, not of one inside the parameters', () => {
    expect(decode('{"id":1.25,"method":"m","params":[{"id":99.5}]}')).toMatchObject({ id: '1.25' });
  });

  it('reads an absent id as null and absent parameters as none', () => {
    expect(decode('{"method":"mining.ping"}')).toEqual({
      kind: 'request',
      id: 'null',
      method: 'mining.ping',
      params: [],
    });
  });

  it('tells replies from requests', () => {
    expect(decode('{"id":3,"result":true,"error":null}')).toEqual({
      kind: 'reply',
      id: '3',
      result: true,
      error: null,
    });
  });

  it.each([
    ['INVALID', 'not-json'],
    ['{"id":1', 'not-json'],
    ['[]', 'not-an-object'],
    ['[{"id":1,"method":"mining.ping"}]', 'not-an-object'],
    ['null', 'not-an-object'],
    ['{"id":true,"method":"mining.ping"}', 'bad-id'],
    ['{"id":{},"method":"mining.ping"}', 'bad-id'],
    [`{"id":"${'i'.repeat(200)}","method":"mining.ping"}`, 'bad-id'],
    [`{"id":${'9'.repeat(200)},"method":"mining.ping"}`, 'bad-id'],
    ['{"id":1}', 'no-method'],
    ['{"id":1,"method":5}', 'no-method'],
    ['[[[[[[', 'not-json'],
  ])('says what is wrong with %s', (line, fault) => {
    expect(decode(line)).toMatchObject({ kind: 'invalid', fault });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeMessage(Buffer.from(bytes))),
    );
    fc.assert(fc.property(fc.json(), (text) => void decode(text)));
    expect(decode('['.repeat(8000))).toMatchObject({ kind: 'invalid' });
  });

  it('reads the recorded lines of real servers and clients', () => {
    const messages = vectors<{ line: string; valid_json?: boolean }>('message');
    for (const { line, valid_json: validJson } of messages) {
      const message = decode(line);
      const parsed = validJson === false ? undefined : (JSON.parse(line) as Record<string, unknown>);
      if (parsed === undefined) expect(message).toMatchObject({ kind: 'invalid', fault: 'not-json' });
      else expect(message.kind).toBe('method' in parsed ? 'request' : 'reply');
      if (parsed !== undefined) expect(message.id).toBe(JSON.stringify(parsed['id'] ?? null));
    }
    for (const { line } of vectors<{ line: string }>('reply')) expect(decode(line).kind).toBe('reply');
    expect(messages.length).toBe(21);
  });

  it('reads every recorded request', () => {
    for (const { line, id } of vectors<{ line: string }>('request')) {
      expect(decode(line).kind).toBe(id === 'request-not-json' ? 'invalid' : 'request');
    }
  });

  it('reads a submit that begins with a space', () => {
    const spaced = vectors<{ line: string }>('request').find(({ id }) => id === 'request-submit-with-spaces');
    expect(decode(spaced?.line ?? '')).toMatchObject({
      method: 'mining.submit',
      params: [
        'tb1qumezefzdeqqwn5zfvgdrhxjzc5ylr39uhuxcz4.bitaxe3',
        '1',
        '99020000',
        '64b1f10f',
        '2402812d',
        '00006000',
      ],
    });
  });

  /** As long as a line gets. */
  const filled = (head: string, filling: string, tail: string): string =>
    head + filling.repeat((MAX_LINE_BYTES - head.length - tail.length) / filling.length) + tail;

  it.each([
    ['nesting', `{"id":1.5,"method":"m","params":${'['.repeat(4_000)}${']'.repeat(4_000)}}`],
    ['an open nesting', filled('{"id":1.5,"method":"m","params":', '[', '')],
    ['values', filled('{"id":1.5,"method":"m","params":[0', ',0', ']}')],
    ['lists', filled('{"id":1.5,"method":"m","params":[0', ',[]', ']}')],
    ['members', filled('{"id":1.5,"method":"m"', ',"a":0', '}')],
    ['ids', filled('{"method":"m"', ',"id":1.5', '}')],
  ])('does not read a line full of %s', (_what, line) => {
    expect(decode(line)).toEqual({ kind: 'invalid', id: 'null', fault: 'too-many-parts' });
  });

  it('reads the login of a miner that knows every algorithm, and the longest texts', () => {
    const algo = Array.from({ length: 128 }, (_, i) => `algorithm/${i}`);
    const perf = Object.fromEntries(algo.map((name, i) => [name, i + 0.5]));
    const login = { id: 1, method: 'login', params: { login: 'x', algo, 'algo-perf': perf } };
    expect(decode(JSON.stringify(login))).toMatchObject({ kind: 'request', params: { algo } });
    for (const filling of ['x', '\\u0000', '\\"', ' ']) {
      expect(decode(filled('{"id":1,"method":"m","params":["', filling, '"]}'))).toMatchObject({ id: '1' });
    }
  });

  it('takes the last of several members of one name, numbers beyond all bounds, and bytes that are no text', () => {
    expect(decode('{"id":1,"method":"a","id":2,"method":"b"}')).toMatchObject({ id: '2', method: 'b' });
    expect(decode('{"id":1,"method":"m","params":[1e999,-1e999]}')).toMatchObject({
      params: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    });
    const bytes = Buffer.from(
      '{"id":"\xff","method":"m","params":["\xc3\x28"],"__proto__":{"worker":"x"}}',
      'latin1',
    );
    const message = decodeMessage(bytes);
    expect(message).toEqual({ kind: 'request', id: '"\ufffd"', method: 'm', params: ['\ufffd('] });
    expect(message).not.toHaveProperty('worker');
  });

  it('keeps the rig that miners of eth-proxy name beside the parameters', () => {
    const line = '{"worker":"rig1","jsonrpc":"2.0","id":4,"method":"eth_submitLogin","params":["0xab"]}';
    expect(decode(line)).toMatchObject({ method: 'eth_submitLogin', worker: 'rig1' });
    expect(decode('{"id":4,"method":"eth_getWork"}')).not.toHaveProperty('worker');
  });
});
