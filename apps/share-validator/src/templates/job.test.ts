import { parseBlockTemplate } from '@otedama/bitcoin-family';
import { poolConfig, TEMPLATE_EXTRA } from '../testing/fixtures.ts';
import { bitcoinFamily, EXTRANONCE_SIZE } from '../families/bitcoin.ts';
import type { BitcoinTemplate } from '@otedama/contracts';
import type { Job } from './job.ts';
import { createJobKeys } from './job-keys.ts';
import { createJobStore } from './job-store.ts';
import { JsVerifier } from '../testing/js-verifier.ts';

const TXIDS = ['11', '22', '33'].map((byte) => byte.repeat(32));

const template = {
  ...TEMPLATE_EXTRA,
  version: 0x3fffe004,
  previousblockhash: 'ab'.repeat(32),
  height: 500,
  transactions: TXIDS.map((txid) => ({ data: '00', txid, hash: txid, fee: 1 })),
};

const build = (
  jobKey: number,
  cleanJobs = false,
  uniqueTag: Uint8Array = Buffer.alloc(8, jobKey),
): Job<BitcoinTemplate> => {
  const parsed = parseBlockTemplate(template);
  if (!parsed.ok) throw new Error(parsed.reason);
  const family = bitcoinFamily(poolConfig({ coinbaseTag: '/tag/' }));
  return family.buildJob({ body: parsed.template, jobKey, uniqueTag, cleanJobs, nowMs: 5 });
};

describe('a job of the Bitcoin family', () => {
  it('leaves the rollable version bits zero and keeps the others', () => {
    expect(build(1).template).toMatchObject({ version: 0x20000004, versionMask: 0x1fffe000 });
  });

  it('gives miners the times that the network will take', () => {
    expect(build(1).template).toMatchObject({
      time: TEMPLATE_EXTRA.curtime,
      minTime: TEMPLATE_EXTRA.mintime,
      maxTime: TEMPLATE_EXTRA.curtime + 7200,
    });
  });

  it('leaves a gap for the extranonce within a script of at most 100 bytes', () => {
    const { coinbasePrefix } = build(1).template;
    expect(EXTRANONCE_SIZE).toBe(12);
    // version, input count, outpoint; then the length of the script
    expect(coinbasePrefix[41]).toBeLessThanOrEqual(100);
  });

  it('hands the verifier flat buffers', () => {
    const { verifierJob: job } = build(1);
    if (!('coinbasePrefix' in job)) throw new Error('no coinbase');
    expect(job.merkleBranch).toHaveLength(2 * 32);
    expect(job.prevHash.toString('hex')).toBe('ab'.repeat(32));
    expect(job.networkTarget).toHaveLength(32);
  });
});

describe('job keys', () => {
  it('never repeat within a process, wrap at 32 bits, and differ in their coinbases between processes', () => {
    const keys = createJobKeys((size) => Buffer.alloc(size, 0xff));
    expect([keys.next().jobKey, keys.next().jobKey]).toEqual([0, 1]);
    const other = createJobKeys((size) => Buffer.from([1, 0xff, 0xff, 0xff].slice(0, size)));
    const [mine, theirs] = [keys.next(), other.next()];
    expect(Buffer.from(mine.uniqueTag)).not.toEqual(Buffer.from(theirs.uniqueTag));
    const coinbases = [build(1, false, mine.uniqueTag), build(1, false, theirs.uniqueTag)];
    expect(coinbases[0]?.template.coinbasePrefix).not.toEqual(coinbases[1]?.template.coinbasePrefix);
  });
});

describe('job store', () => {
  const limits = { maxCurrent: 3, maxStale: 2, staleForMs: 1_000 };

  it('keeps the newest jobs of the tip, and older tips for a while', () => {
    const verifier = new JsVerifier();
    const store = createJobStore(verifier, limits);
    const keys = (): number[] => [...store.snapshot().keys()];
    for (let key = 1; key <= 4; key++) store.add(build(key), 0);
    expect(keys()).toEqual([2, 3, 4]);
    store.add(build(5, true), 10);
    expect(keys()).toEqual([3, 4, 5]);
    store.add(build(6, true), 500);
    expect(keys()).toEqual([4, 5, 6]);
    store.expire(1_009);
    expect(keys()).toEqual([4, 5, 6]);
    store.expire(1_010);
    expect(keys()).toEqual([5, 6]);
    store.expire(1_500);
    expect(keys()).toEqual([6]);
    expect([...verifier.jobs.keys()]).toEqual([6]);
  });

  it('makes one that it has the newest again, and leaves it to the verifier as it was', () => {
    const verifier = new JsVerifier();
    const store = createJobStore(verifier, limits);
    const own = build(1);
    store.add(own, 0);
    const known = verifier.jobs.get(1);
    store.add(build(2, true), 0);
    store.add(own, 0);
    expect([...store.snapshot().keys()]).toEqual([2, 1]);
    store.expire(1_000);
    expect([...store.snapshot().keys()]).toEqual([2, 1]);
    expect(verifier.jobs.get(1)).toBe(known);
  });

  it('tells when a job arrives, and lets nobody wait for one that has gone', async () => {
    const store = createJobStore(new JsVerifier(), limits);
    const arrival = store.arrivalOf(1);
    expect(store.arrivalOf(1)).toBe(arrival);
    store.add(build(1), 0);
    await arrival;
    expect(store.arrivalOf(1)).toBeUndefined();
    store.add(build(2, true), 0);
    store.expire(1_000);
    expect([...store.snapshot().keys()]).toEqual([2]);
    expect(store.arrivalOf(1)).toBeUndefined();
  });

  it('a snapshot is not touched by what comes later', () => {
    const store = createJobStore(new JsVerifier(), limits);
    store.add(build(1), 0);
    const before = store.snapshot();
    store.add(build(2, true), 0);
    store.expire(5_000);
    expect([...before.keys()]).toEqual([1]);
  });
});
