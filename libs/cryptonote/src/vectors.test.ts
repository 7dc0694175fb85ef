/** Which test of which package answers for each kind of vector, so that a new kind cannot go unread. */
import { keccak256, toHex } from './index.ts';
import { fromHex } from './bytes.ts';
import { load, loadAll } from './testing/vectors.ts';

const HERE = 'cryptonote';
const PARAMS = 'chain-params';
const NATIVE = 'native core';
const STRATUM = 'stratum-monero';

const OWNERS: Readonly<Record<string, Readonly<Record<string, readonly [count: number, owner: string]>>>> = {
  randomx: {
    hash: [7, NATIVE],
    cache: [1, NATIVE],
    superscalar: [1, NATIVE],
    reciprocal: [1, NATIVE],
    block: [28, HERE],
    'block-template': [1, HERE],
    'miner-data': [1, HERE],
    'block-id': [3, HERE],
    'convert-blob': [1, HERE],
    keccak256: [1, HERE],
    'tree-hash': [11, HERE],
    'seed-height': [9, HERE],
    address: [27, PARAMS],
    'check-hash': [5, HERE],
  },
  'monero-stratum': {
    session: [3, STRATUM],
    'difficulty-target64': [4, HERE],
    message: [12, STRATUM],
    'target-hex': [5, HERE],
    'job-submit': [17, HERE],
    request: [5, STRATUM],
    'raw-line': [3, STRATUM],
  },
};

describe('vectors', () => {
  it.each(Object.keys(OWNERS))('%s: every kind has an owner', (file) => {
    const found: Record<string, number> = {};
    for (const { kind } of loadAll<{ kind: string }>(file)) found[kind] = (found[kind] ?? 0) + 1;
    const owned = Object.entries(OWNERS[file] ?? {}).map(([kind, [count]]) => [kind, count]);
    expect(found).toEqual(Object.fromEntries(owned));
  });

  it.each(load<{ id: string; input: string; output: string }>('randomx', 'keccak256'))('$id', (one) => {
    expect(toHex(keccak256(fromHex(one.input)))).toBe(one.output);
  });
});
