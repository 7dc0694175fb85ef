import { createHash } from 'node:crypto';
import { difficultyToTarget, targetToDifficulty } from '@otedama/chain-params';
import {
  formatHex32,
  formatJobId,
  MAX_LIVE_WORKS,
  MAX_RETIRED_WORKS,
  parseHex32,
  parseJobId,
  ShareTargets,
  WorkBook,
} from '@otedama/stratum';
import { template } from '../session/session.fixture.ts';
import { vectors } from '../testing/vectors.ts';
import { rollVersion } from '../version-rolling.ts';
import { Work, type WorkTemplate, stratumPrevHash } from './work.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sha256d = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
const number = (text: string): number => parseHex32(text) ?? Number.NaN;

type NotifyParams = [string, string, string, string, string[], string, string, string, boolean];

/** The template that a recorded notify was made from. */
const templateOf = (params: NotifyParams, extranonceSize: number): WorkTemplate => ({
  ...template(),
  prevHash: hex(params[1]).swap32(),
  coinbasePrefix: hex(params[2]),
  coinbaseSuffix: hex(params[3]),
  merkleBranch: params[4].map(hex),
  version: number(params[5]),
  bits: number(params[6]),
  time: number(params[7]),
  cleanJobs: params[8],
  extranonceSize,
});

const notifyParams = (line: Buffer): unknown[] =>
  (JSON.parse(line.toString()) as { params: unknown[] }).params;

const headerOf = (
  work: Work,
  extranonce: Buffer,
  share: { version: number; time: number; nonce: number },
): Buffer => {
  const { coinbasePrefix, coinbaseSuffix, merkleBranch, prevHash, bits } = work.template;
  const leaf = sha256d(Buffer.concat([coinbasePrefix, extranonce, coinbaseSuffix]));
  const root = merkleBranch.reduce<Buffer>((hash, branch) => sha256d(Buffer.concat([hash, branch])), leaf);
  const header = Buffer.alloc(80);
  header.writeUInt32LE(share.version, 0);
  header.set(prevHash, 4);
  header.set(root, 36);
  header.writeUInt32LE(share.time, 68);
  header.writeUInt32LE(bits, 72);
  header.writeUInt32LE(share.nonce, 76);
  return header;
};

describe('Work', () => {
  it('writes the previous hash as the recorded pools do', () => {
    for (const { stratum, header_bytes: bytes } of vectors<{ stratum: string; header_bytes: string }>(
      'prevhash',
    )) {
      expect(stratumPrevHash(hex(bytes))).toBe(stratum);
    }
  });

  it('writes notify lines equal to those of seven recorded pools', () => {
    const jobs = vectors<{ notify_params: NotifyParams; extranonce2_size: number }>('pool-job');
    for (const { notify_params: params, extranonce2_size: size } of jobs) {
      const work = new Work('sha256d', templateOf(params, 4 + size));
      expect(notifyParams(work.notify(0, params[8])).slice(1)).toEqual(params.slice(1));
      expect(work.extranonce2Size).toBe(size);
    }
    expect(jobs.length).toBe(7);
  });

  it('gives the same bytes to everybody', () => {
    const work = new Work('sha256d', template());
    expect(work.notify(3, false)).toBe(work.notify(3, false));
    expect(notifyParams(work.notify(3, false))[0]).toBe('1a03');
    for (let variant = 0; variant < 256; variant++) {
      expect(notifyParams(work.notify(variant, true))[0]).toBe(formatJobId(0x1a, variant));
    }
  });

  it('leads from notify and submit to the recorded header and hash', () => {
    type Share = {
      notify: { params: NotifyParams };
      extranonce1: string;
      extranonce2_size: number;
      version_mask?: string;
      submit: { params: [string, string, string, string, string, string?] };
      expect: { version: string; header: string; hash: string; difficulty: number };
    };
    for (const share of vectors<Share>('share')) {
      const work = new Work('sha256d', templateOf(share.notify.params, 4 + share.extranonce2_size));
      const [, , extranonce2, time, nonce, bits] = share.submit.params;
      const mask = number(share.version_mask ?? '00000000');
      const version =
        bits === undefined ? work.template.version : rollVersion(work.template.version, mask, number(bits));
      expect(formatHex32(version ?? 0)).toBe(share.expect.version);
      const header = headerOf(work, hex(share.extranonce1 + extranonce2), {
        version: version ?? 0,
        time: number(time),
        nonce: number(nonce),
      });
      expect(header.toString('hex')).toBe(share.expect.header);
      const hash = sha256d(header).reverse().toString('hex');
      expect(hash).toBe(share.expect.hash);
      expect(targetToDifficulty('sha256d', BigInt(`0x${hash}`))).toBeCloseTo(share.expect.difficulty, 6);
    }
  });

  it('rolls versions by the formula of BIP310', () => {
    type Case = {
      job_version: string;
      mask: string;
      version_bits: string;
      valid: boolean;
      final_version?: string;
    };
    for (const { job_version: job, mask, version_bits: bits, valid, final_version: final } of vectors<Case>(
      'version-bits',
    )) {
      const rolled = rollVersion(number(job), number(mask), number(bits));
      expect(rolled === undefined ? undefined : formatHex32(rolled)).toBe(valid ? final : undefined);
    }
  });

  it('reads its own job ids, in either case, and nothing else', () => {
    for (const [key, variant] of [
      [0, 0],
      [1, 255],
      [0xffffffff, 16],
    ] as const) {
      const id = formatJobId(key, variant);
      expect(parseJobId(id)).toEqual({ jobKey: key, variant });
      expect(parseJobId(id.toUpperCase())).toEqual({ jobKey: key, variant });
    }
    for (const wrong of ['', '1', 'zz', '1'.repeat(11), 26, null, ' 1a00', '1a00\n']) {
      expect(parseJobId(wrong)).toBeUndefined();
    }
  });
});

describe('WorkBook', () => {
  it('knows live, retired and never seen keys, and forgets within its bounds', () => {
    const book = new WorkBook((template: WorkTemplate) => new Work('sha256d', template));
    for (let key = 1; key <= MAX_LIVE_WORKS + 1; key++) book.add(template({ jobKey: key, cleanJobs: false }));
    expect([book.isLive(1), book.isRetired(1), book.isLive(2), book.isRetired(999)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    book.add(template({ jobKey: 1000, cleanJobs: true }));
    expect([book.isLive(2), book.isRetired(2), book.isLive(1000)]).toEqual([false, true, true]);
    for (let key = 2000; key < 2001 + MAX_RETIRED_WORKS; key++)
      book.add(template({ jobKey: key, cleanJobs: true }));
    expect(book.isRetired(2)).toBe(false);
  });

  it('holds the reason for a stop until there is work again', () => {
    const book = new WorkBook((template: WorkTemplate) => new Work('sha256d', template));
    book.stop('daemon is syncing');
    expect(book.stoppedReason).toBe('daemon is syncing');
    book.add(template());
    expect(book.stoppedReason).toBeUndefined();
  });
});

describe('ShareTargets', () => {
  it('gives the target of exactly the difficulty that the miner was told', () => {
    const targets = new ShareTargets('sha256d');
    for (const { difficulty, target } of vectors<{ difficulty: number; target: string }>(
      'difficulty-target',
    )) {
      const share = targets.of(difficulty);
      expect(Buffer.from(share.targetLe).reverse().toString('hex')).toBe(target);
      expect(share.work).toBe((1n << 256n) / (difficultyToTarget('sha256d', difficulty) + 1n));
    }
    expect(targets.of(1)).toBe(targets.of(1));
  });
});
