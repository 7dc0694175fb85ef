import { findCoin } from '@otedama/chain-params';
import { createSecret } from '@otedama/config';
import {
  type BlockTemplate,
  blockIdOf,
  describeTemplate,
  fromHex,
  hashingBlobOf,
  parseBlock,
  serializeTxExtra,
  toHex,
} from '@otedama/cryptonote';
import { RECORDED, TEST_WALLET } from '@otedama/cryptonote/testing';
import { silentLogger } from '@otedama/contracts';
import { createJobSharing } from '../fellows/job-sharing.ts';
import type { ShareVerifier } from '../shares/share-verifier.ts';
import type { CompletingShare, Job } from '../templates/job.ts';
import { createJobStore } from '../templates/job-store.ts';
import { MemoryOffice } from '../testing/memory-fellows.ts';
import { until } from '../testing/until.ts';
import { RESERVED_BYTES, cryptonoteFamily } from './cryptonote.ts';

const coin = findCoin('monero', 'regtest');
if (coin?.family !== 'cryptonote') throw new Error('no coin');

const minersBlob = fromHex(RECORDED.blocktemplate_blob);
const extraNonce = fromHex(RECORDED.extra_nonce);
const { minerTx, header } = parseBlock(minersBlob);

/** What the pool's own daemon would have given: the miner's template with more room in its nonce field. */
const own: BlockTemplate = (() => {
  const room = { kind: 'nonce', bytes: new Uint8Array(RESERVED_BYTES) } as const;
  const extra = serializeTxExtra([{ kind: 'public-key', key: minerTx.extra.subarray(1, 33) }, room]);
  const before = minersBlob.subarray(0, minerTx.span.extra - 1);
  const blob = Buffer.concat([
    before,
    Uint8Array.of(extra.length),
    extra,
    minersBlob.subarray(minerTx.span.prefixEnd),
  ]);
  const reservedOffset = before.length + 1 + extra.length - RESERVED_BYTES;
  const seedHash = fromHex(RECORDED.prev_hash);
  const parts = describeTemplate({ blob, reservedOffset, extraNonceBytes: RESERVED_BYTES });
  return { parts, difficulty: 1n, seedHeight: 0, seedHash, nextSeedHash: undefined };
})();

const family = (viewKey: string) =>
  cryptonoteFamily({
    id: 'xmr',
    coin,
    payoutAddress: TEST_WALLET.address,
    viewKey: viewKey === '' ? undefined : createSecret(viewKey),
  });

const options = { body: own, jobKey: 7, uniqueTag: new Uint8Array(8), cleanJobs: true, nowMs: 0 };

const buildJob = (viewKey: string = TEST_WALLET.viewKey): Job => family(viewKey).buildJob(options);

const share = (extranonce: Uint8Array, blockHash: Uint8Array = new Uint8Array(32)): CompletingShare => ({
  extranonce,
  nonce: 0x04030201,
  nTime: 0,
  version: 0,
  powHash: new Uint8Array(32),
  blockHash,
});

describe('a share of the pool’s own template', () => {
  it('completes the daemon’s block with the session’s bytes and the nonce', () => {
    const reserved = Uint8Array.from({ length: RESERVED_BYTES }, (_, i) => i + 1);
    const [block] = buildJob().completions(share(reserved));
    expect(block?.submission).toContain(`0210${toHex(reserved)}`);
    expect(block?.submission.slice(2 * header.nonceOffset, 2 * header.nonceOffset + 8)).toBe('01020304');
    const whole = parseBlock(fromHex(block?.submission ?? ''));
    expect(block).toMatchObject({
      height: 1,
      hash: toHex(blockIdOf(hashingBlobOf(whole))),
      prevHash: RECORDED.prev_hash,
      rewardAtomic: BigInt(RECORDED.expected_reward),
      verifiedHash: undefined,
    });
  });
});

describe('a share of a miner’s template', () => {
  it('completes the miner’s block, once the template is adopted', () => {
    const job = buildJob();
    expect(job.completions(share(extraNonce))).toEqual([]);
    const adoption = job.adopt?.(extraNonce, minersBlob);
    if (adoption?.ok !== true) throw new Error(adoption?.reason);
    expect(adoption.template).toMatchObject({
      extraNonceBytes: 8,
      nonceOffset: header.nonceOffset,
      txCount: 1,
    });
    const mined = minersBlob.slice();
    mined.set([1, 2, 3, 4], header.nonceOffset);
    const hash = blockIdOf(hashingBlobOf(parseBlock(mined)));
    expect(job.completions(share(extraNonce, hash))).toEqual([
      {
        coin: 'monero',
        height: 1,
        networkTarget: 2n ** 256n - 1n,
        submission: toHex(mined),
        hash: toHex(hash),
        prevHash: RECORDED.prev_hash,
        coinbaseTxid: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        rewardAtomic: BigInt(RECORDED.expected_reward),
        verifiedHash: toHex(hash),
      },
    ]);
  });

  it('is judged by bytes of its own: those that came may change', () => {
    const job = buildJob();
    const sent = minersBlob.slice();
    expect(job.adopt?.(extraNonce, sent).ok).toBe(true);
    sent.fill(0);
    expect(job.completions(share(extraNonce))[0]?.rewardAtomic).toBe(BigInt(RECORDED.expected_reward));
  });

  it('is judged by every validator of the pool: one tells the others', async () => {
    const { jobs } = new MemoryOffice();
    const open = () => {
      const adopted: unknown[][] = [];
      const verifier: ShareVerifier = {
        addJob: () => undefined,
        removeJob: () => undefined,
        adoptTemplate: (...args) => adopted.push(args),
        prepare: () => Promise.resolve(),
        verifyBatch: () => Promise.resolve({ candidates: 0 }),
      };
      const store = createJobStore(verifier);
      const deps = { jobs, store, clock: () => 0, logger: silentLogger };
      const sharing = createJobSharing(deps, 'xmr', family(TEST_WALLET.viewKey));
      sharing.start();
      return { adopted, store, sharing };
    };
    const [one, other] = [open(), open()];
    one.store.add(buildJob(), 0);
    one.sharing.give(options);
    const template = { jobKey: 7, extraNonce, blob: minersBlob };
    expect(one.store.adopt(template)).toEqual({ ok: true });
    one.sharing.giveTemplate(template);
    await until('the other has it', () => other.adopted.length === 1);
    expect(other.adopted).toEqual(one.adopted.slice(0, 1));
    const [job] = other.store.snapshot().values();
    expect(job?.completions(share(extraNonce))).toHaveLength(1);
  });

  it('is refused with a reason, and where the pool has no view key', () => {
    const refusal = (job: Job, nonce: Uint8Array, blob: Uint8Array): string => {
      const adoption = job.adopt?.(nonce, blob);
      return adoption?.ok === false ? adoption.reason : 'adopted';
    };
    expect(refusal(buildJob(''), extraNonce, minersBlob)).toBe('this pool takes none');
    expect(refusal(buildJob(), new Uint8Array(8), minersBlob)).toMatch(/extra nonce of the job is not/);
    expect(refusal(buildJob(), extraNonce, minersBlob.slice(1))).toMatch(/not a whole block/);
    const other = minersBlob.slice();
    other.fill(0, minerTx.span.start + 14, minerTx.span.start + 46);
    expect(refusal(buildJob(), extraNonce, other)).toMatch(/does not go to the pool's wallet/);
  });

  it('finds room up to a cap, and its own place again beyond it', () => {
    const job = buildJob();
    // The largest template that a line has room for, with transactions that nobody knows.
    const count = 2000;
    const big = Buffer.concat([
      minersBlob.subarray(0, -1),
      Uint8Array.of(0xd0, 0x0f),
      Buffer.alloc(32 * count, 7),
    ]);
    const at = minerTx.span.extra + minerTx.extra.length - 8;
    let adopted = 0;
    for (; adopted < 4096; adopted++) {
      const nonce = Buffer.alloc(8);
      nonce.writeUInt32BE(adopted);
      big.set(nonce, at);
      const adoption = job.adopt?.(nonce, big);
      if (adoption?.ok === true) continue;
      expect(adoption?.reason).toMatch(/no room for another one/);
      break;
    }
    expect(adopted).toBe(Math.floor((16 * 1024 * 1024) / big.length));
    const first = Buffer.alloc(8);
    big.set(first, at);
    expect(job.adopt?.(first, big).ok).toBe(true);
  });
});
