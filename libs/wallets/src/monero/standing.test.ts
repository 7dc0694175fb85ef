import type { SignedTransaction } from '@otedama/payouts';
import type { KeyImageState, Place } from './node-view.ts';
import { findStanding } from './standing.ts';

const TRANSACTION: SignedTransaction = {
  txid: 'ours',
  raw: '',
  feeAtomic: 7n,
  spends: ['image-1', 'image-2'],
};
const NOWHERE: Place = { kind: 'nowhere' };
const inChain = (confirmations: number): Place => ({ kind: 'chain', confirmations, blockHash: 'block' });

interface Answers {
  /** Of each transaction, one after the other; the last one stays. */
  readonly places: Readonly<Record<string, readonly Place[]>>;
  readonly states?: readonly KeyImageState[];
  readonly outgoing?: readonly string[];
}

/** Answers as monerod does, in an order that a real one gives only now and then. */
const standingBy = ({ places, states = [], outgoing = [] }: Answers) => {
  const left = new Map(Object.entries(places).map(([txid, each]) => [txid, [...each]]));
  const node = {
    info: () => Promise.resolve({ nettype: 'fakechain', height: 50_000, isSynced: true }),
    placeOf: (txid: string) => {
      const next = left.get(txid) ?? [];
      return Promise.resolve((next.length > 1 ? next.shift() : next[0]) ?? NOWHERE);
    },
    keyImageStates: () => Promise.resolve(states),
    spendersOf: (keyImage: string, among: readonly string[]) =>
      Promise.resolve(among.filter((txid) => txid === `spends ${keyImage}`)),
    send: () => Promise.reject(new Error('nothing is sent')),
    feePerByteAtomic: () => Promise.reject(new Error('nothing is estimated')),
    close: () => undefined,
  };
  return findStanding(node, { outgoingSince: () => Promise.resolve(outgoing) }, TRANSACTION);
};

it('a block that comes between the two answers is no conflict', async () => {
  const answers = { places: { ours: [NOWHERE, inChain(1)] }, states: ['chain', 'chain'] as const };
  expect(await standingBy(answers)).toEqual({
    kind: 'confirmed',
    confirmations: 1,
    blockHash: 'block',
    feeAtomic: 7n,
  });
});

it('outputs that something in the pool spends leave it unknown', async () => {
  expect(await standingBy({ places: {}, states: ['pool', 'unspent'] })).toEqual({ kind: 'unknown' });
});

it('names what has spent its outputs, as deep as that is', async () => {
  const answers = {
    places: { 'spends image-2': [inChain(9)] },
    states: ['unspent', 'chain'] as const,
    outgoing: ['another', 'spends image-2'],
  };
  expect(await standingBy(answers)).toEqual({ kind: 'conflicted', confirmations: 9, by: 'spends image-2' });
});

it('is a conflict also where the wallet has not read what it was', async () => {
  const answers = { places: {}, states: ['chain', 'unspent'] as const, outgoing: ['another'] };
  expect(await standingBy(answers)).toEqual({ kind: 'conflicted', confirmations: 1 });
});
