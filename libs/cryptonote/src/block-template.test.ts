import { fromHex, hashingBlob, parseBlockTemplate, parseMinerData, toHex } from './index.ts';
import { type TemplateCase, load } from './testing/vectors.ts';

const [recorded] = load<TemplateCase>('randomx', 'block-template');
if (recorded === undefined) throw new Error('no template');
const { template: reply } = recorded;

describe('get_block_template', () => {
  it('is read', () => {
    const parsed = parseBlockTemplate(reply, 8);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { parts, ...rest } = parsed.template;
    expect(rest).toEqual({
      difficulty: 283305047039n,
      seedHeight: 3194880,
      seedHash: fromHex(reply.seed_hash),
      nextSeedHash: undefined,
    });
    expect(toHex(hashingBlob(parts, new Uint8Array(8)))).toBe(reply.blockhashing_blob);
  });

  it('tells the next key when there is one', () => {
    const parsed = parseBlockTemplate({ ...reply, next_seed_hash: '12'.repeat(32) }, 8);
    expect(parsed).toMatchObject({ ok: true, template: { nextSeedHash: fromHex('12'.repeat(32)) } });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a busy daemon', { status: 'BUSY' }, 'status is not OK'],
    ['a bootstrap daemon', { untrusted: true }, 'the daemon does not vouch for it'],
    ['no blob', { blocktemplate_blob: undefined }, 'blocktemplate_blob is not a blob in hex'],
    ['half a byte', { blocktemplate_blob: '1' }, 'blocktemplate_blob is not a blob in hex'],
    [
      'a long hashing blob',
      { blockhashing_blob: '00'.repeat(200) },
      'blockhashing_blob is not a blob in hex',
    ],
    ['no wide difficulty', { wide_difficulty: 283305047039 }, 'wide_difficulty is not a number in hex'],
    ['difficulty zero', { wide_difficulty: '0x0' }, 'wide_difficulty is not a number in hex'],
    ['a height as text', { height: '3195018' }, 'height is not a number'],
    ['a negative offset', { reserved_offset: -1 }, 'reserved_offset is not a number'],
    ['a short hash', { prev_hash: '00' }, 'prev_hash is not a hash'],
    ['no seed', { seed_hash: '' }, 'seed_hash is not a hash'],
    ['a short next seed', { next_seed_hash: '00' }, 'next_seed_hash is not a hash'],
    ['another seed height', { seed_height: 3192832 }, 'seed_height is not that of the height'],
    ['another height', { height: 3195019 }, 'the blob is of another height'],
    ['another parent', { prev_hash: '00'.repeat(32) }, 'the blob builds on another block'],
    ['another offset', { reserved_offset: 130 }, 'nonce field is at 131 to 191, not around 130 to 138'],
    [
      'another root',
      { blockhashing_blob: reply.blockhashing_blob.replace('e0c2', 'e0c3') },
      'its hashing blob is not the one of its blob',
    ],
    ['a cut blob', { blocktemplate_blob: reply.blocktemplate_blob.slice(0, -2) }, 'varint at 192 has no end'],
  ])('is refused: %s', (_name, change, reason) => {
    const expected = { ok: false, reason: `block template: ${reason}` };
    expect(parseBlockTemplate({ ...reply, ...change }, 8)).toEqual(expected);
  });

  it.each([null, 'x', [], 1])('is refused: %p', (value) => {
    expect(parseBlockTemplate(value, 8)).toEqual({
      ok: false,
      reason: 'block template: it is not an object',
    });
  });
});

describe('miner data', () => {
  interface DataCase {
    readonly id: string;
    readonly response: Readonly<Record<string, unknown>> & {
      readonly prev_id: string;
      readonly seed_hash: string;
    };
    readonly response_text: string;
  }
  const [one] = load<DataCase>('randomx', 'miner-data');
  if (one === undefined) throw new Error('no miner data');

  it(`is read: ${one.id}`, () => {
    const data = {
      height: 2731375,
      majorVersion: 16,
      prevId: fromHex(one.response.prev_id),
      seedHash: fromHex(one.response.seed_hash),
      difficulty: 0x48afae42den,
    };
    expect(parseMinerData(one.response)).toEqual({ ok: true, data });
    // Its coin supply is above 2^53, which nothing here depends on.
    expect(parseMinerData(JSON.parse(one.response_text))).toEqual({ ok: true, data });
    expect(parseMinerData({ ...one.response, status: undefined })).toEqual({ ok: true, data });
  });

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ status: 'Failed' }, 'status is not OK'],
    [{ height: 1.5 }, 'height is not a number'],
    [{ major_version: 256 }, 'major_version is not a version'],
    [{ prev_id: 'zz'.repeat(32) }, 'prev_id is not a hash'],
    [{ seed_hash: null }, 'seed_hash is not a hash'],
    [{ difficulty: 'ff' }, 'difficulty is not a number in hex'],
  ])('is refused with %p', (change, reason) => {
    const expected = { ok: false, reason: `miner data: ${reason}` };
    expect(parseMinerData({ ...one.response, ...change })).toEqual(expected);
  });

  it('is refused when it is no object', () => {
    expect(parseMinerData([])).toEqual({ ok: false, reason: 'miner data: it is not an object' });
  });
});
