import { MAX_JOBS_PER_SESSION } from '@otedama/stratum';
import {
  type Driver,
  type Sent,
  errorOf,
  lease,
  methodsOf,
  offer,
  ok,
  sentBy,
  startDriver,
  template,
} from './session.fixture.ts';

describe('difficulty', () => {
  it('is announced together with a job under a new id, not clean, while the old job stays good', () => {
    const driver = startDriver();
    driver.ready();
    for (let i = 0; i < 8; i++) {
      driver.now += 10;
      driver.submit(i, { nonce: i.toString(16).padStart(8, '0') });
      driver.judge();
    }
    const [difficulty, notify] = driver.sent.slice(-2);
    expect(difficulty).toMatchObject({ method: 'mining.set_difficulty', params: [16384] });
    expect(notify?.params?.[0]).toBe('1a01');
    expect(notify?.params?.[8]).toBe(false);
    driver.submit('old', { job: '1a00', nonce: 'aaaaaaaa' });
    expect(driver.of('submit').at(-1)?.share.target.difficulty).toBe(1024);
  });

  it('comes down for a silent miner, but not while its verdicts are late or the work is stopped', () => {
    const run = (prepare: (driver: Driver) => void): number => {
      const driver = startDriver();
      driver.ready();
      prepare(driver);
      for (let i = 0; i < 40; i++) {
        driver.now += 1000;
        driver.event({ kind: 'tick' });
      }
      return driver.session.vardiff.difficulty;
    };
    expect(run(() => undefined)).toBe(256);
    expect(run((driver) => driver.submit(1))).toBe(1024);
    expect(run((driver) => driver.event({ kind: 'work-stopped', reason: 'no daemon' }))).toBe(1024);
  });

  it('obeys suggestions both ways, targets too, and the options of the password', () => {
    const driver = startDriver();
    driver.ready();
    const told = (sent: Sent[]): unknown =>
      sent.find(({ method }) => method === 'mining.set_difficulty')?.params?.[0];
    expect(told(driver.call(3, 'mining.suggest_difficulty', [0.5]))).toBe(0.5);
    expect(told(driver.call(4, 'mining.suggest_difficulty', ['65536']))).toBe(65536);
    expect(told(driver.call(5, 'mining.suggest_target', [`00000000007fff80${'0'.repeat(48)}`]))).toBe(512);
    expect(told(driver.call(6, 'mining.suggest_difficulty', [1e-9]))).toBe(0.001);
    expect(errorOf(driver.call(7, 'mining.suggest_target', ['zz']))).toBe(20);
    expect(told(startDriver().ready('addr1', 'd=77'))).toBe(77);
    expect(told(startDriver().ready('addr1', 'sd=99'))).toBe(99);
    expect(told(startDriver().ready('addr1', 'md=5000'))).toBe(5000);
  });

  it('respects minimum-difficulty, at once and against later wishes', () => {
    const driver = startDriver();
    driver.ready();
    const configure = (value: number): Sent[] =>
      driver.call(3, 'mining.configure', [['minimum-difficulty'], { 'minimum-difficulty.value': value }]);
    expect(methodsOf(configure(2048))).toEqual([undefined, 'mining.set_difficulty', 'mining.notify']);
    driver.call(4, 'mining.suggest_difficulty', [1]);
    expect(driver.session.vardiff.difficulty).toBe(2048);
    configure(0);
    driver.call(5, 'mining.suggest_difficulty', [1]);
    expect(driver.session.vardiff.difficulty).toBe(1);
    expect(configure(1e15)[0]?.result).toEqual({ 'minimum-difficulty': 'above the maximum of this pool' });
  });

  it('stays under the difficulty of the network where that is wanted', () => {
    const driver = startDriver({ ceilingByNetwork: true });
    driver.ready();
    expect(driver.session.vardiff.difficulty).toBe(1);
    offer(driver, { jobKey: 2, networkTarget: (0xffffn << 208n) / 5n });
    driver.call(3, 'mining.suggest_difficulty', [100]);
    expect(driver.session.vardiff.difficulty).toBe(5);
  });

  it('gives one template under at most 256 terms', () => {
    const driver = startDriver();
    driver.ready();
    for (let i = 0; i < 300; i++) driver.call(i, 'mining.suggest_difficulty', [1000 + i]);
    expect(driver.session.jobs.length).toBe(MAX_JOBS_PER_SESSION);
    const notified = driver.sent.filter(({ method }) => method === 'mining.notify');
    expect(notified.length).toBe(256);
    const [difficulty] = offer(driver, { jobKey: 0x1b });
    expect(difficulty?.params).toEqual([1299]);
  });
});

describe('work', () => {
  it('keeps shares of a template when the next one is not clean', () => {
    const driver = startDriver();
    driver.ready();
    driver.submit(1);
    driver.judge();
    const [notify] = offer(driver, { jobKey: 0x1b, cleanJobs: false });
    expect(notify?.params?.[8]).toBe(false);
    expect(errorOf(driver.submit(2, { job: '1a00' }))).toBe(22);
    offer(driver, { jobKey: 0x1c, cleanJobs: true });
    expect(driver.session.history.size).toBe(0);
  });

  it('replaces jobs also when the clean template passed a session by', () => {
    const driver = startDriver();
    driver.ready();
    driver.session.env.book.add(template({ jobKey: 0x1b, cleanJobs: true }));
    const [notify] = offer(driver, { jobKey: 0x1c, cleanJobs: false });
    expect(notify?.params?.[8]).toBe(true);
    expect(driver.submit(1, { job: '1a00' })[0]?.error).toEqual([21, expect.stringContaining('Stale'), null]);
  });

  it('sends nothing about jobs to a peer that has not authorized', () => {
    const driver = startDriver();
    driver.subscribe();
    expect(offer(driver, { jobKey: 0x1b })).toEqual([]);
  });

  it('stops when the pool stops, and begins again with the next template', () => {
    const driver = startDriver();
    driver.ready();
    const [message] = sentBy(driver.event({ kind: 'work-stopped', reason: 'daemon is syncing' }));
    expect(message).toMatchObject({
      method: 'client.show_message',
      params: ['Pool has stopped work: daemon is syncing'],
    });
    expect(driver.submit(1)[0]?.error).toEqual([20, 'Pool has stopped work', null]);
    expect(driver.call(2, 'mining.suggest_difficulty', [64])).toEqual([ok(2)]);
    expect(methodsOf(offer(driver, { jobKey: 0x1b }))).toEqual(['mining.set_difficulty', 'mining.notify']);
    expect(driver.submit(3)).toEqual([]);
  });

  it('changes the extranonce only under peers that subscribed to it', () => {
    const next = lease({ extranonce1: Uint8Array.of(0xb0, 0, 0, 2) });
    const driver = startDriver();
    driver.ready();
    expect(driver.call(3, 'mining.extranonce.subscribe', [])).toEqual([ok(3)]);
    const sent = sentBy(driver.event({ kind: 're-leased', lease: next }));
    expect(sent[0]).toEqual({ id: null, method: 'mining.set_extranonce', params: ['b0000002', 4] });
    expect(sent[1]?.params?.[0]).toBe('1a01');
    driver.submit(4, { job: '1a01' });
    driver.submit(5, { job: '1a00' });
    expect(driver.of('submit').map(({ share }) => share.extranonce[0])).toEqual([0xb0, 0xa0]);
    const plain = startDriver();
    plain.ready();
    plain.event({ kind: 're-leased', lease: next });
    expect(plain.of('close')).toEqual([{ kind: 'close', reason: 'extranonce-changed' }]);
  });

  it('follows a change of the size of extranonce2', () => {
    const driver = startDriver();
    driver.ready();
    driver.call(3, 'mining.extranonce.subscribe', []);
    expect(offer(driver, { jobKey: 0x1b, extranonceSize: 12 })[0]?.params).toEqual(['a0000001', 8]);
    expect(driver.submit(4, { en2: '0011223344556677' })).toEqual([]);
    const plain = startDriver();
    plain.ready();
    offer(plain, { jobKey: 0x1b, extranonceSize: 12 });
    expect(plain.of('close')).toEqual([{ kind: 'close', reason: 'extranonce-changed' }]);
  });
});
