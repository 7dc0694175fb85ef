import fc from 'fast-check';
import { MAX_REMEMBERED_SHARES, ShareTargets, estateOf } from '@otedama/stratum';
import { shareTerms } from '../../jobs/share-terms.ts';
import { type Driver, NO_HASH, errorOf, offer, ok, sentBy, startDriver } from '../session.fixture.ts';

const HIGH = 'ff'.repeat(32);

const ready = (...args: Parameters<typeof startDriver>): Driver => {
  const driver = startDriver(...args);
  driver.login();
  return driver;
};

const readyProxy = (): Driver => {
  const driver = startDriver();
  driver.login({ agent: 'xmr-node-proxy/0.0.3' });
  return driver;
};

describe('submit', () => {
  it('hands out a share with the terms of its job, and says OK only after the verdict', () => {
    const driver = ready();
    expect(driver.submit(7, { nonce: 'DEADbeef', result: NO_HASH.toUpperCase() })).toEqual([]);
    expect(driver.of('submit')[0]?.share).toEqual({
      ticket: expect.any(Number) as number,
      jobKey: 0x1a,
      account: { address: 'addr1', worker: 'default' },
      nTime: 0,
      // de ad be ef as they stand in the blob.
      nonce: 0xefbeadde,
      version: 0,
      extranonce: Uint8Array.of(0xa0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      target: driver.session.env.targets.of(10_000),
      unproven: true,
    });
    expect(driver.judge()).toEqual([ok(7)]);
  });

  it('keeps the order of replies when verdicts come out of order', () => {
    const driver = ready();
    driver.submit(10, { nonce: '00000001' });
    driver.submit(11, { nonce: '00000002' });
    expect(driver.call(12, 'keepalived')).toEqual([]);
    const [first, second] = driver.of('submit').map(({ share }) => share.ticket);
    expect(driver.event({ kind: 'verdict', ticket: second ?? -1, outcome: 'accepted' })).toHaveLength(1);
    const rest = sentBy(driver.event({ kind: 'verdict', ticket: first ?? -1, outcome: 'low-difficulty' }));
    expect(rest.map(({ id }) => id)).toEqual([10, 11, 12]);
    expect(rest[0]).toEqual({
      id: 10,
      jsonrpc: '2.0',
      error: { code: -1, message: 'Hash is not the one that was claimed' },
    });
  });

  it('wants a login, and the session id if there is one', () => {
    const driver = startDriver();
    expect(errorOf(driver.submit(1))).toBe('Unauthenticated');
    driver.login();
    expect(errorOf(driver.submit(2, { id: 'other' }))).toBe('Unauthenticated: unknown session id');
    expect(driver.submit(3, { id: undefined })).toEqual([]);
    expect(driver.of('counted').map(({ outcome }) => outcome)).toEqual(['not-subscribed', 'unknown-session']);
  });

  it('throws away a share whose own claim misses, without a verification', () => {
    const driver = ready();
    expect(errorOf(driver.submit(1, { result: HIGH }))).toBe('Low difficulty share');
    expect(errorOf(driver.submit(2, { result: HIGH.slice(2) }))).toBe('Result is not 64 hex digits');
    expect(driver.of('submit')).toEqual([]);
    // A claim proves nothing: the verdict does.
    driver.submit(3, { result: NO_HASH });
    expect(errorOf(driver.judge('low-difficulty'))).toBe('Hash is not the one that was claimed');
  });

  it('lets a claim pass that is a block, where blocks are easier than shares', () => {
    const driver = ready({}, { networkTarget: (1n << 256n) - 1n });
    expect(driver.submit(1, { result: HIGH })).toEqual([]);
    expect(driver.of('submit')).toHaveLength(1);
  });

  it('holds the commitment of RandomX v2 against the target, and only its', () => {
    const v2 = ready({}, { majorVersion: 17 });
    expect(errorOf(v2.submit(1, { commitment: HIGH }))).toBe('Low difficulty share');
    expect(errorOf(v2.submit(2, { commitment: 'zz' }))).toBe('Result is not 64 hex digits');
    expect(v2.submit(3, { result: HIGH, commitment: NO_HASH })).toEqual([]);
    expect(errorOf(ready().submit(4, { result: HIGH, commitment: NO_HASH }))).toBe('Low difficulty share');
  });

  it('counts a nonce once for each job, however it is written', () => {
    const driver = ready();
    driver.submit(1, { nonce: 'abcdef01' });
    expect(errorOf(driver.submit(2, { nonce: 'ABCDEF01' }))).toBeUndefined();
    const [, second] = driver.judge();
    expect(second?.error?.message).toBe('Duplicate share');
    expect(errorOf(driver.submit(3, { nonce: 'ABCDEF01' }))).toBe('Duplicate share');
    driver.submit(4, { nonce: 'abcdef02' });
    driver.judge('unverifiable');
    expect(driver.submit(5, { nonce: 'abcdef02' })).toEqual([]);
  });

  it('calls a share stale when a block has replaced its job, and unknown when there never was such a job', () => {
    const driver = ready();
    offer(driver, { jobKey: 0x1b, cleanJobs: false });
    expect(driver.submit(1, { job_id: '1a00' })).toEqual([]);
    driver.judge();
    offer(driver, { jobKey: 0x1c, cleanJobs: true });
    expect(errorOf(driver.submit(2, { job_id: '1b00' }))).toMatch(/^Stale/);
    for (const job of ['ffff00', '1c01', '', 'zz', 5, '1c000000000000']) {
      expect(errorOf(driver.submit(3, { job_id: job }))).toBe('Job not found');
    }
  });

  it('takes no share while the pool has stopped work', () => {
    const driver = ready();
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    expect(errorOf(driver.submit(1))).toBe('Pool has stopped work');
    offer(driver, { jobKey: 0x1b });
    expect(driver.submit(2)).toEqual([]);
  });

  it('wants the two nonces of a proxy from a proxy, and puts them where it wrote them', () => {
    const driver = readyProxy();
    for (const bad of [
      {},
      { poolNonce: 1 },
      { poolNonce: -1, workerNonce: 0 },
      { poolNonce: 1, workerNonce: 2 ** 32 },
    ]) {
      expect(errorOf(driver.submit(1, bad))).toBe('Pool nonce and worker nonce must be 32-bit numbers');
    }
    expect(driver.submit(2, { poolNonce: 5, workerNonce: 0xfffffffe })).toEqual([]);
    expect(driver.submit(3, { poolNonce: 5, workerNonce: 0xfffffffd })).toEqual([]);
    const [first, second] = driver
      .of('submit')
      .map(({ share }) => Buffer.from(share.extranonce).toString('hex'));
    expect(first).toBe('a00000010000000000000005fffffffe');
    expect(second).toBe('a00000010000000000000005fffffffd');
    const plain = ready();
    plain.submit(4, { poolNonce: 5, workerNonce: 6 });
    expect(plain.of('submit')[0]?.share.extranonce.slice(8)).toEqual(new Uint8Array(8));
  });

  it('judges a late share by the difficulty of its own job', () => {
    const driver = ready();
    for (let i = 0; i < 8; i++) {
      driver.now += 10;
      driver.submit(i, { nonce: i.toString(16).padStart(8, '0') });
      driver.judge();
    }
    expect(driver.job).toMatchObject({ job_id: '1a01' });
    driver.submit('old', { job_id: '1a00', nonce: 'aaaaaaaa' });
    driver.submit('new', { nonce: 'aaaaaaaa' });
    const [old, fresh] = driver.of('submit').slice(-2);
    expect(old?.share.target.difficulty).toBe(10_000);
    expect(fresh?.share.target.difficulty).toBeGreaterThan(100_000);
    expect(old?.share.extranonce).not.toEqual(fresh?.share.extranonce);
  });

  it('remembers no more than it may, and closes when a share may not be durable', () => {
    const driver = ready();
    for (let i = 0; i <= MAX_REMEMBERED_SHARES; i++) {
      driver.session.history.hold(0x1a, `other ${i}`);
    }
    expect(errorOf(driver.submit(1))).toMatch(/^Too many shares/);
    expect(estateOf(driver.session).history.size).toBe(MAX_REMEMBERED_SHARES);
    const other = ready();
    other.submit(1);
    expect(other.judge('undecided')).toEqual([]);
    expect(other.of('close')).toEqual([{ kind: 'close', reason: 'not-durable' }]);
  });
});

describe('terms of a share', () => {
  const targets = new ShareTargets('randomx');
  /** As xmrig reads the wire. */
  const xmrigTarget = (wire: string): bigint => {
    const bytes = Buffer.from(wire, 'hex');
    if (bytes.length === 8) return bytes.readBigUInt64LE();
    return 0xffffffffffffffffn / (0xffffffffn / BigInt(bytes.readUInt32LE()));
  };

  it('credit what the wire asks for, and take every hash that a miner takes by it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e16, noNaN: true }), (difficulty) => {
        const { wire, target } = shareTerms(targets, difficulty);
        const least = xmrigTarget(wire);
        const highest = (least << 192n) - 1n;
        const limit = BigInt(`0x${Buffer.from(target.targetLe).reverse().toString('hex')}`);
        expect(highest <= limit).toBe(true);
        // Less than a millionth lies between what is asked and what is credited.
        expect(Number(limit - highest) / Number(limit)).toBeLessThan(1e-6);
        expect(wire.length).toBe(Math.round(Math.max(difficulty, 1)) <= 4_000_000 ? 8 : 16);
      }),
    );
  });
});
