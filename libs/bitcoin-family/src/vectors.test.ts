/** Which test of which package answers for each kind of vector, so that a new kind cannot go unread. */
import { readFileSync } from 'node:fs';

const HERE = 'bitcoin-family';
const PARAMS = 'chain-params';
const OTHER = 'native core or stratum-v1';

const OWNERS: Readonly<Record<string, Readonly<Record<string, readonly [count: number, owner: string]>>>> = {
  sha256d: {
    header: [69, HERE],
    block: [19, HERE],
    'compact-bits': [13, PARAMS],
    difficulty: [4, PARAMS],
    retarget: [1, OTHER],
    sha256d: [1, HERE],
    sha256: [7, OTHER],
    'merkle-fold': [1, HERE],
    midstate: [1, OTHER],
    getblocktemplate: [5, HERE],
    address: [63, PARAMS],
    'bech32-string': [18, PARAMS],
  },
  scrypt: {
    header: [50, HERE],
    block: [14, HERE],
    auxpow: [2, HERE],
    scrypt: [1, OTHER],
    'scrypt-generic': [1, OTHER],
    getblocktemplate: [1, HERE],
    address: [75, PARAMS],
  },
  kawpow: {
    header: [9, HERE],
    block: [1, HERE],
    hash: [16, OTHER],
    share: [3, OTHER],
    search: [1, OTHER],
    'l1-cache': [1, OTHER],
    'keccak-f800': [2, OTHER],
    epoch: [10, PARAMS],
    address: [34, PARAMS],
  },
  'stratum-v1': {
    share: [3, HERE],
    session: [5, OTHER],
    'header-difficulty': [1, HERE],
    coinbase: [1, HERE],
    'pool-job': [7, HERE],
    message: [21, OTHER],
    negotiation: [2, OTHER],
    notification: [1, OTHER],
    'version-bits': [6, OTHER],
    'version-increment': [3, OTHER],
    'extranonce2-counter': [4, OTHER],
    prevhash: [2, HERE],
    behaviour: [3, OTHER],
    request: [8, OTHER],
    reply: [3, OTHER],
    'error-codes': [1, OTHER],
    'difficulty-target': [8, PARAMS],
  },
};

describe('vectors', () => {
  it.each(Object.keys(OWNERS))('%s: every kind has an owner', (file) => {
    const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
    const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { kind: string }[] };
    const found: Record<string, number> = {};
    for (const { kind } of cases) found[kind] = (found[kind] ?? 0) + 1;
    const owned = Object.entries(OWNERS[file] ?? {}).map(([kind, [count]]) => [kind, count]);
    expect(found).toEqual(Object.fromEntries(owned));
  });
});
