import fc from 'fast-check';
import { parseBlock, hashingBlobOf } from '@otedama/cryptonote';
import { MAX_JOBS_PER_SESSION, encodeHex } from '@otedama/stratum';
import { type ProxyNonces, extraNonceOf } from '../jobs/work.ts';
import { blobOf, template } from '../testing/template.ts';
import { Driver, type Sent, lease, offer, sentBy, sessionEnv, startDriver } from './session.fixture.ts';

const jobIds = (sent: readonly Sent[]): unknown[] => sent.map(({ params }) => params?.job_id);

/** Eight shares at once: the difficulty goes up. */
const flood = (driver: Driver): void => {
  for (let i = 0; i < 8; i++) {
    driver.now += 10;
    driver.submit(i, { nonce: i.toString(16).padStart(8, '0') });
    driver.judge();
  }
};

const leaseOf = (index: number) => {
  const extranonce1 = Buffer.alloc(4);
  extranonce1.writeUInt32BE(0x5a00_0000 + index);
  return lease({ sessionId: `session${index}`, extranonce1 });
};

describe('blobs', () => {
  it('are never the same for two of 10,000 sessions, on two templates and after changes of difficulty', () => {
    const env = sessionEnv();
    env.book.add(template());
    const blobs = new Set<unknown>();
    let given = 0;
    const drivers = Array.from({ length: 10_000 }, (_, index) => {
      const driver = new Driver(env);
      driver.login({}, leaseOf(index));
      return driver;
    });
    const header = template().header.slice();
    header.fill(9, 7, 39);
    const next = env.book.add(template({ jobKey: 0x1b, cleanJobs: false, header }));
    drivers.forEach((driver, index) => {
      if (index % 100 === 0) flood(driver);
      driver.event({ kind: 'work', work: next });
      for (const { params, result } of driver.sent) {
        const job = params ?? result?.job;
        if (job === undefined) continue;
        given += 1;
        blobs.add(job.blob);
      }
    });
    expect(given).toBe(20_100);
    expect(blobs.size).toBe(20_100);
    expect(drivers.every((driver) => driver.job.job_id.startsWith('1b'))).toBe(true);
  });

  it('differ whenever session, variant or a nonce of a proxy does', () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const place = fc.record({
      session: u32,
      variant: fc.integer({ min: 0, max: 255 }),
      proxy: fc.record({ pool: u32, worker: u32 }),
    });
    const bytes = (at: { session: number; variant: number; proxy: ProxyNonces }): string =>
      encodeHex(extraNonceOf(at.session, at.variant, at.proxy));
    fc.assert(
      fc.property(place, place, (one, two) => {
        const same = JSON.stringify(one) === JSON.stringify(two);
        expect(bytes(one) === bytes(two)).toBe(same);
      }),
    );
  });

  it('are what the share’s reserved bytes make of the template', () => {
    const driver = startDriver();
    driver.login({}, lease({ extranonce1: Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc) }));
    driver.submit(1);
    const extranonce = driver.of('submit')[0]?.share.extranonce ?? new Uint8Array();
    expect(encodeHex(blobOf(template(), extranonce))).toBe(driver.job.blob);
  });
});

describe('work', () => {
  it('goes out as a job with every template, with the seed and the next one', () => {
    const driver = startDriver();
    driver.login();
    const seedHash = new Uint8Array(32).fill(7);
    const nextSeedHash = new Uint8Array(32).fill(8);
    const [job] = offer(driver, { jobKey: 0x1b, height: 3_195_019, seedHash, nextSeedHash });
    expect(job).toEqual({
      jsonrpc: '2.0',
      method: 'job',
      params: {
        blob: expect.any(String) as string,
        job_id: '1b00',
        target: 'b88d0600',
        height: 3_195_019,
        seed_hash: '07'.repeat(32),
        algo: 'rx/0',
        next_seed_hash: '08'.repeat(32),
      },
    });
  });

  it('names the algorithm of each block version', () => {
    const driver = startDriver();
    driver.login();
    expect(offer(driver, { jobKey: 0x1b, majorVersion: 17 })[0]?.params?.['algo']).toBe('rx/2');
  });

  it('stays from who has not logged in', () => {
    const driver = startDriver();
    expect(offer(driver, { jobKey: 0x1b })).toEqual([]);
    driver.call(1, 'login', { login: 'nobody' });
    expect(offer(driver, { jobKey: 0x1c })).toEqual([]);
  });

  it('comes again as another blob with a wider target form when the difficulty changes', () => {
    const driver = startDriver();
    driver.login({ pass: 'sd=3999999' });
    const first = driver.job;
    expect(first.target).toHaveLength(8);
    flood(driver);
    expect(driver.job.job_id).toBe('1a01');
    expect(driver.job.target).toHaveLength(16);
    expect(driver.job.blob).not.toBe(first.blob);
  });

  it('comes down for a silent miner, but not while its verdicts are late or the work is stopped', () => {
    const run = (prepare: (driver: Driver) => void): number => {
      const driver = startDriver();
      driver.login();
      prepare(driver);
      for (let i = 0; i < 40; i++) {
        driver.now += 1000;
        driver.event({ kind: 'tick' });
      }
      return driver.session.vardiff.difficulty;
    };
    expect(run(() => undefined)).toBe(2500);
    expect(run((driver) => driver.submit(1))).toBe(10_000);
    expect(run((driver) => driver.event({ kind: 'work-stopped', reason: 'no daemon' }))).toBe(10_000);
  });

  it('stays under the difficulty of the network where that is wanted', () => {
    const driver = startDriver({ ceilingByNetwork: true }, { networkTarget: (1n << 256n) / 5000n });
    driver.login();
    expect(driver.session.vardiff.difficulty).toBe(5000);
    offer(driver, { jobKey: 2, networkTarget: (1n << 256n) / 3000n });
    expect(driver.session.vardiff.difficulty).toBe(3000);
    expect(driver.job.target).toBe('67d81500');
  });

  it('gives one template in at most 256 variants, and keeps a bounded number of jobs', () => {
    const driver = startDriver();
    driver.login();
    for (let i = 0; i < 300; i++) driver.event({ kind: 're-leased', lease: leaseOf(i) });
    expect(driver.session.jobs.length).toBe(MAX_JOBS_PER_SESSION);
    expect(driver.job.job_id).toBe('1aff');
    expect(driver.sent).toHaveLength(256);
    expect(jobIds(offer(driver, { jobKey: 0x1b }))).toEqual(['1b00']);
  });

  it('follows another lease without a word, and the session id stays good', () => {
    const driver = startDriver();
    driver.login();
    const next = lease({ sessionId: 'other', extranonce1: Uint8Array.of(0xb0, 0, 0, 2) });
    expect(jobIds(sentBy(driver.event({ kind: 're-leased', lease: next })))).toEqual(['1a01']);
    driver.submit(1);
    driver.submit(2, { job_id: '1a00' });
    expect(driver.of('submit').map(({ share }) => share.extranonce[0])).toEqual([0xb0, 0xa0]);
  });

  it('stops and begins again with the pool', () => {
    const driver = startDriver();
    driver.login();
    expect(driver.event({ kind: 'work-stopped', reason: 'daemon is syncing' })).toEqual([]);
    expect(driver.event({ kind: 're-leased', lease: leaseOf(1) })).toEqual([]);
    expect(driver.call(2, 'getjob')[0]?.error?.message).toBe('Pool has stopped work: daemon is syncing');
    expect(jobIds(offer(driver, { jobKey: 0x1b }))).toEqual(['1b00']);
  });

  it('replaces jobs also when the clean template passed a session by', () => {
    const driver = startDriver();
    driver.login();
    driver.session.env.book.add(template({ jobKey: 0x1b, cleanJobs: true }));
    offer(driver, { jobKey: 0x1c, cleanJobs: false });
    expect(driver.submit(1, { job_id: '1a00' })[0]?.error?.message).toMatch(/^Stale/);
  });
});

describe('an xmr-node-proxy', () => {
  it('gets the block with the places for its nonces, which then make the blob of its share', () => {
    const driver = startDriver();
    driver.login({ agent: 'xmr-node-proxy/0.0.3' });
    const { job } = driver;
    expect(job).toMatchObject({
      job_id: '1a00',
      difficulty: 68_719_476_736,
      reserved_offset: 131,
      client_pool_offset: 139,
      client_nonce_offset: 143,
      target_diff: 10_000,
      target_diff_hex: 'b88d0600',
      height: 3_195_018,
      algo: 'rx/0',
    });
    const block = Buffer.from(String(job['blocktemplate_blob']), 'hex');
    block.writeUInt32BE(5, 139);
    block.writeUInt32BE(6, 143);
    driver.submit(1, { poolNonce: 5, workerNonce: 6 });
    const extranonce = driver.of('submit')[0]?.share.extranonce ?? new Uint8Array();
    expect(encodeHex(blobOf(template(), extranonce))).toBe(encodeHex(hashingBlobOf(parseBlock(block))));
  });

  it('gets another block when the same template comes again', () => {
    const driver = startDriver();
    driver.login({ agent: 'xmr-node-proxy/0.0.3' });
    const first = driver.job['blocktemplate_blob'];
    driver.event({ kind: 're-leased', lease: lease() });
    expect(driver.job['blocktemplate_blob']).not.toBe(first);
  });
});
