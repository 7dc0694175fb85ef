import { type BlockEvent, blockEventId, decodeBlockEvent, encodeBlockEvent } from './index.ts';

const event: BlockEvent = {
  poolId: 'main',
  coin: 'dogecoin',
  height: 5_000_000,
  hash: 'ab'.repeat(32),
  prevHash: 'cd'.repeat(32),
  coinbaseTxid: '',
  rewardAtomic: '1000000000000',
  networkWork: '2',
  address: 'alice',
  worker: 'rig',
  batchId: '00'.repeat(16),
  foundAtMs: 1_700_000_000_000,
  outcome: 'accepted',
};

it('comes back as it was, also when nobody told the coinbase', () => {
  expect(decodeBlockEvent(encodeBlockEvent(event))).toEqual(event);
  expect(() => decodeBlockEvent(encodeBlockEvent({ ...event, coinbaseTxid: 'ab' }))).toThrow();
});

it('says what the coinbase paid to whom, where it paid miners', () => {
  const coinbasePayout = {
    windowTo: '9007199254740993',
    windowCapacity: '200',
    feeBasisPoints: 100,
    payments: [{ address: 'alice', amountAtomic: '990', carriedAtomic: '10' }],
  };
  expect(decodeBlockEvent(encodeBlockEvent({ ...event, coinbasePayout }))).toEqual({
    ...event,
    coinbasePayout,
  });
  const wrong = {
    ...coinbasePayout,
    payments: [{ address: 'alice', amountAtomic: '-1', carriedAtomic: '0' }],
  };
  expect(() => decodeBlockEvent(encodeBlockEvent({ ...event, coinbasePayout: wrong }))).toThrow();
});

it('has an id by block and outcome: a refusal does not hide a later acceptance', () => {
  expect(blockEventId(event).toString('hex')).toBe(event.hash);
  const refused = blockEventId({ ...event, outcome: 'rejected' });
  expect(refused).toHaveLength(32);
  expect(refused).not.toEqual(blockEventId(event));
  expect(blockEventId({ hash: event.hash, outcome: 'rejected' })).toEqual(refused);
});
