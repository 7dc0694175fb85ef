import { MAX_WORKERS_PER_SESSION } from '@otedama/stratum';
import { Driver, errorOf, lease, methodsOf, offer, ok, sessionEnv, startDriver } from '../session.fixture.ts';

describe('login', () => {
  it('subscribes, authorizes, then gets difficulty and a first job that replaces everything', () => {
    const driver = startDriver({}, { cleanJobs: false });
    const subscribed = driver.subscribe();
    expect(subscribed).toEqual([
      {
        id: 1,
        result: [
          [
            ['mining.set_difficulty', 'cafebabe00000001'],
            ['mining.notify', 'cafebabe00000001'],
          ],
          'a0000001',
          4,
        ],
        error: null,
      },
    ]);
    const [authorized, difficulty, notify] = driver.call(2, 'mining.authorize', ['addr1.rig', 'x']);
    expect(authorized).toEqual(ok(2));
    expect(difficulty).toEqual({ id: null, method: 'mining.set_difficulty', params: [1024] });
    expect(notify?.method).toBe('mining.notify');
    expect(notify?.params?.[0]).toBe('1a00');
    expect(notify?.params?.[8]).toBe(true);
    expect(driver.of('authorized')).toEqual([
      { kind: 'authorized', account: { address: 'addr1', worker: 'rig' } },
    ]);
    expect(driver.session.agent).toBe('test/1.0');
  });

  it('answers subscribe once the size of extranonce2 is known, and what came after it in order', () => {
    const driver = new Driver(sessionEnv());
    expect(driver.subscribe()).toEqual([]);
    expect(driver.call(2, 'mining.authorize', ['addr1.rig', 'x'])).toEqual([]);
    const sent = offer(driver, {});
    expect(sent.map(({ id, method }) => id ?? method)).toEqual([
      1,
      2,
      'mining.set_difficulty',
      'mining.notify',
    ]);
  });

  it('answers a second subscribe with what the miner has', () => {
    const driver = startDriver();
    const [first] = driver.subscribe();
    expect(driver.call(5, 'mining.subscribe', [])).toEqual([{ ...first, id: 5 }]);
    expect(driver.of('lease').length).toBe(1);
  });

  it('hands on the session id of an earlier connection, if it looks like one', () => {
    for (const [given, expected] of [
      ['abc', 'abc'],
      ['', undefined],
      [7, undefined],
      ['x'.repeat(100), undefined],
      [null, undefined],
    ]) {
      const driver = startDriver();
      driver.subscribe(lease(), ['agent', given]);
      expect(driver.of('lease')[0]?.sessionId).toBe(expected);
    }
  });

  it('takes several workers on one connection, up to a cap', () => {
    const driver = startDriver();
    driver.ready();
    for (let i = 1; i < MAX_WORKERS_PER_SESSION; i++) {
      expect(driver.call(i, 'mining.authorize', [`addr${i}.w`, ''])).toEqual([ok(i)]);
    }
    expect(errorOf(driver.call(1, 'mining.authorize', ['addr9999.w']))).toBe(24);
    expect(driver.call(1, 'mining.authorize', ['addr1.rig'])).toEqual([ok(1)]);
    expect(driver.submit(9, { user: 'addr5.w' })).toEqual([]);
    expect(driver.of('submit')[0]?.share.account).toEqual({ address: 'addr5', worker: 'w' });
  });

  it('says why an address is refused, and that the pool is full', () => {
    const driver = startDriver({ refusesWorker: () => 'pool-full' });
    driver.subscribe();
    expect(driver.call(2, 'mining.authorize', ['bogus', 'x'])[0]?.error).toEqual([
      24,
      'Address is not usable: not an address',
      null,
    ]);
    expect(errorOf(driver.call(3, 'mining.authorize', ['addr1', 'x']))).toBe(24);
    expect(driver.session.accounts.size).toBe(0);
  });

  it('asks for the version only of software that named none', () => {
    const driver = startDriver();
    driver.subscribe(lease(), []);
    const asked = driver
      .call(2, 'mining.authorize', ['addr1'])
      .find(({ method }) => method === 'client.get_version');
    expect(asked?.id).toBe(1_000_000_001);
    driver.line(`{"id":${String(asked?.id)},"result":"cgminer/4.12\\u0007","error":null}`);
    expect(driver.session.agent).toBe('cgminer/4.12');
    expect(methodsOf(startDriver().ready())).not.toContain('client.get_version');
  });

  it('closes who does not log in, and who falls silent', () => {
    const strangers = startDriver();
    strangers.now += 30_001;
    strangers.event({ kind: 'tick' });
    expect(strangers.of('close')).toEqual([{ kind: 'close', reason: 'handshake-timeout' }]);
    const driver = startDriver();
    driver.ready();
    driver.now += 600_000;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([]);
    driver.now += 1;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'idle' }]);
  });
});
