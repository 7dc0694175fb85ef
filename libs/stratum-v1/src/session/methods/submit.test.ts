import { MAX_PENDING_REPLIES, MAX_REMEMBERED_SHARES } from '@otedama/stratum';
import {
  Driver,
  errorOf,
  lease,
  methodsOf,
  offer,
  ok,
  sentBy,
  sessionEnv,
  startDriver,
} from '../session.fixture.ts';
import { estateOf } from '@otedama/stratum';

describe('submit', () => {
  it('hands out a share with the terms of its job, and says true only after the verdict', () => {
    const driver = startDriver();
    driver.ready();
    expect(driver.submit(7, { en2: '0000abCD', nonce: 'DEADBEEF' })).toEqual([]);
    const [effect] = driver.of('submit');
    expect(effect?.share).toMatchObject({
      jobKey: 0x1a,
      account: { address: 'addr1', worker: 'rig' },
      nTime: 0x6553f100,
      nonce: 0xdeadbeef,
      version: 0x20000000,
      extranonce: Uint8Array.of(0xa0, 0, 0, 1, 0, 0, 0xab, 0xcd),
      target: { difficulty: 1024 },
    });
    expect(driver.judge()).toEqual([ok(7)]);
    expect(driver.of('counted')).toMatchObject([{ outcome: 'accepted', account: { worker: 'rig' } }]);
  });

  it('keeps the order of replies when verdicts come out of order', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(10, { nonce: '00000001' });
    driver.submit(11, { nonce: '00000002' });
    expect(driver.call(12, 'mining.ping', [])).toEqual([]);
    const [first, second] = driver.of('submit');
    expect(
      driver.event({ kind: 'verdict', ticket: second?.share.ticket ?? -1, outcome: 'accepted' }),
    ).toHaveLength(1);
    const rest = sentBy(
      driver.event({ kind: 'verdict', ticket: first?.share.ticket ?? -1, outcome: 'low-difficulty' }),
    );
    expect(rest.map(({ id }) => id)).toEqual([10, 11, 12]);
    expect(errorOf(rest)).toBe(23);
  });

  it('wants a subscription first, and an authorization second', () => {
    const driver = startDriver();
    expect(errorOf(driver.submit(1))).toBe(25);
    driver.subscribe();
    expect(errorOf(driver.submit(2))).toBe(24);
    expect(driver.of('counted').map(({ outcome }) => outcome)).toEqual([
      'not-subscribed',
      'unauthorized-worker',
    ]);
  });

  it('knows a duplicate by its bytes: case, variant and absent version bits make no new share', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1, { nonce: 'abcdef01' });
    expect(errorOf(driver.submit(2, { nonce: 'ABCDEF01' }))).toBeUndefined();
    // The verdict of the first is still out, and the duplicate waits behind it.
    expect(driver.judge().map(({ id, error }) => [id, (error as unknown[] | null)?.[0]])).toEqual([
      [1, undefined],
      [2, 22],
    ]);
    driver.call(3, 'mining.suggest_difficulty', [2048]);
    expect(errorOf(driver.submit(4, { nonce: 'abcdef01', job: '1a01' }))).toBe(22);
    expect(errorOf(driver.submit(5, { nonce: 'abcdef01', bits: '00000000' }))).toBe(22);
    expect(driver.of('submit').length).toBe(1);
  });

  it('remembers a share only once it has met its target', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1);
    expect(errorOf(driver.judge('low-difficulty'))).toBe(23);
    expect(driver.session.history.size).toBe(0);
    driver.submit(2);
    expect(driver.judge()).toEqual([ok(2)]);
    expect(errorOf(driver.submit(3))).toBe(22);
  });

  it('tells a stale job from one that never was', () => {
    const driver = startDriver();
    driver.ready();
    offer(driver, { jobKey: 0x1b, cleanJobs: false });
    expect(driver.submit(1, { job: '1a00' })).toEqual([]);
    driver.judge();
    offer(driver, { jobKey: 0x1c, cleanJobs: true });
    expect(driver.submit(2, { job: '1a00' })[0]?.error).toEqual([21, expect.stringContaining('Stale'), null]);
    expect(driver.submit(3, { job: '9900' })[0]?.error).toEqual([21, 'Job not found', null]);
    expect(driver.submit(4, { job: '1c01' })[0]?.error).toEqual([21, 'Job not found', null]);
  });

  it('calls a share stale whose job the verifier has already dropped', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1);
    expect(errorOf(driver.judge('unknown-job'))).toBe(21);
    driver.submit(2);
    expect(errorOf(driver.judge('unverifiable'))).toBe(20);
    expect(driver.of('counted').map(({ outcome }) => outcome)).toEqual(['stale', 'unverifiable']);
  });

  it('judges a share by the difficulty its job was given under', () => {
    const driver = startDriver();
    driver.ready();
    expect(methodsOf(driver.call(3, 'mining.suggest_difficulty', [4096]))).toEqual([
      undefined,
      'mining.set_difficulty',
      'mining.notify',
    ]);
    driver.submit(4, { job: '1a00' });
    driver.submit(5, { job: '1a01' });
    expect(driver.of('submit').map(({ share }) => share.target.difficulty)).toEqual([1024]);
    driver.submit(6, { job: '1a01', nonce: '00000009' });
    expect(driver.of('submit').map(({ share }) => share.target.difficulty)).toEqual([1024, 4096]);
  });

  it('neither acknowledges nor forgets a share that could not be decided', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1);
    expect(driver.judge('undecided')).toEqual([]);
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'not-durable' }]);
    expect(driver.session.history.size).toBe(1);
  });

  it('is bounded in shares that wait and in shares it remembers', () => {
    const waiting = startDriver();
    waiting.ready();
    for (let i = 0; i <= MAX_PENDING_REPLIES; i++)
      waiting.submit(i, { nonce: i.toString(16).padStart(8, '0') });
    expect(waiting.of('close')).toEqual([{ kind: 'close', reason: 'too-many-pending' }]);
    const driver = startDriver({
      vardiff: { ...sessionEnv().vardiff, initialDifficulty: 1, maximumDifficulty: 1 },
    });
    driver.ready();
    for (let i = 0; i < MAX_REMEMBERED_SHARES; i++) {
      driver.submit(i, { nonce: i.toString(16).padStart(8, '0') });
      driver.judge();
    }
    expect(errorOf(driver.submit('x', { nonce: 'ffffffff' }))).toBe(20);
    offer(driver, { jobKey: 0x1b, cleanJobs: true });
    expect(driver.submit('y', { nonce: 'ffffffff' })).toEqual([]);
  });

  it('settles the history of a peer that is gone, without a word', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1);
    driver.event({ kind: 'disconnected' });
    expect(driver.judge()).toEqual([]);
    expect(driver.of('counted')).toMatchObject([{ outcome: 'accepted' }]);
    const heir = new Driver(driver.session.env);
    heir.subscribe(lease({ estate: estateOf(driver.session) }));
    heir.call(2, 'mining.authorize', ['addr1.rig']);
    expect(errorOf(heir.submit(3))).toBe(22);
    expect(heir.submit(4, { nonce: '00000005' })).toEqual([]);
  });
});
