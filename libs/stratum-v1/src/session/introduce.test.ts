import { ShareTargets } from '@otedama/stratum';
import { type Driver, errorOf, lease, methodsOf, offer, ok, sentBy, startDriver } from './session.fixture.ts';
import type { SessionEnv } from './types.ts';

const START = 1024;
const difficultyOf = (driver: Driver): number => driver.session.vardiff.difficulty;

/** Subscribed under that name and logged in. */
const miner = (agent: string, over: Partial<SessionEnv> = {}, password = 'x'): Driver => {
  const driver = startDriver(over);
  driver.subscribe(lease(), [agent]);
  driver.call(2, 'mining.authorize', ['addr1.rig', password]);
  return driver;
};

describe('the difficulty of a profile', () => {
  it('is where a device of that name begins: one share per interval', () => {
    // 400 GH/s for 5 s, over the 4295032833 hashes of difficulty 1.
    expect(difficultyOf(miner('bitaxe/BM1366/v2.13.1'))).toBe(466);
    expect(difficultyOf(miner('Antminer S21/Fri'))).toBe(232_827);
    expect(difficultyOf(miner('cgminer/4.12'))).toBe(START);
  });

  it('depends on the algorithm', () => {
    const scrypt = { targets: new ShareTargets('scrypt') };
    expect(difficultyOf(miner('bmminer/2.0.0', scrypt))).toBeCloseTo(38_147, -1);
    expect(difficultyOf(miner('bitaxe/BM1366', scrypt))).toBe(START);
    expect(difficultyOf(miner('NiceHash/1.0', scrypt))).toBe(500_000);
  });

  it('gives way to what the miner wishes, and to what it had', () => {
    expect(difficultyOf(miner('bitaxe/BM1366', {}, 'd=2000'))).toBe(2000);
    const early = startDriver();
    early.call(0, 'mining.suggest_difficulty', [77]);
    early.subscribe(lease(), ['bitaxe/BM1366']);
    expect(difficultyOf(early)).toBe(77);
    const { history } = early.session;
    const back = startDriver();
    back.subscribe(lease({ estate: { difficulty: 88, history } }), ['bitaxe/BM1366', 'cafe']);
    expect(difficultyOf(back)).toBe(88);
  });

  it('never falls below the minimum of a marketplace', () => {
    const driver = miner('NiceHash/1.0.0', {}, 'd=5');
    expect(difficultyOf(driver)).toBe(524_288);
    driver.call(3, 'mining.suggest_difficulty', [1]);
    driver.call(4, 'mining.configure', [['minimum-difficulty'], { 'minimum-difficulty.value': 0 }]);
    expect(difficultyOf(driver)).toBe(524_288);
    for (let second = 0; second < 300; second++) {
      driver.now += 1000;
      driver.event({ kind: 'tick' });
    }
    expect(difficultyOf(driver)).toBe(524_288);
    expect(driver.of('submit')).toEqual([]);
  });

  it('holds at once for who names itself when asked', () => {
    const driver = miner('');
    const asked = driver.sent.find(({ method }) => method === 'client.get_version');
    const sent = driver.line(`{"id":${String(asked?.id)},"result":"NiceHash/1.0.0","error":null}`);
    expect(methodsOf(sent)).toEqual(['mining.set_difficulty', 'mining.notify']);
    expect(sent[0]?.params).toEqual([524_288]);
    // Not the start: by now its own rate has a say.
    const slow = miner('');
    slow.line(`{"id":${String(asked?.id)},"result":"bitaxe/BM1366","error":null}`);
    expect([difficultyOf(slow), slow.session.profile.name]).toEqual([START, 'Bitaxe']);
  });

  it('can come with mining.configure, and nothing said takes nothing back', () => {
    const driver = startDriver();
    driver.call(0, 'mining.configure', [['info'], { 'info.sw-version': 'whatsminer/v1.1' }]);
    driver.subscribe(lease(), []);
    expect([driver.session.agent, driver.session.profile.name]).toEqual(['whatsminer/v1.1', 'Whatsminer']);
  });
});

describe('what a firmware does not survive', () => {
  const large = { coinbaseSuffix: new Uint8Array(600) };

  it('is not sent to it, and its owner is told once', () => {
    const driver = startDriver({}, large);
    driver.subscribe(lease(), ['NiceHash/1.0.0']);
    const sent = driver.call(2, 'mining.authorize', ['addr1.rig', 'x']);
    expect(sent).toEqual([
      ok(2),
      {
        id: null,
        method: 'client.show_message',
        params: ['No work: the coinbase has 611 bytes, and NiceHash firmware takes 500'],
      },
    ]);
    expect(driver.session.profile.maxCoinbaseBytes).toBe(500);
    expect(offer(driver, { ...large, jobKey: 0x1b })).toEqual([]);
    expect(methodsOf(offer(driver, { jobKey: 0x1c }))).toEqual(['mining.set_difficulty', 'mining.notify']);
    expect(methodsOf(offer(driver, { ...large, jobKey: 0x1d }))).toEqual(['client.show_message']);
  });

  it('is fine for another', () => {
    const driver = startDriver({}, large);
    driver.subscribe(lease(), ['whatsminer/v1.0']);
    expect(methodsOf(driver.call(2, 'mining.authorize', ['addr1.rig', 'x']))).toContain('mining.notify');
  });

  it('refuses user names beyond its limit, and doubts those that fill it', () => {
    const driver = startDriver();
    driver.subscribe(lease(), ['AvalonMiner 1246']);
    const cut = `addr1.${'w'.repeat(57)}`;
    expect(driver.call(2, 'mining.authorize', [`${cut}w`, 'x'])[0]?.error).toEqual([
      24,
      expect.stringContaining('Avalon firmware takes user names of at most 63'),
      null,
    ]);
    const [reply, notice] = driver.call(3, 'mining.authorize', [cut, 'x']);
    expect([reply, notice?.method]).toEqual([ok(3), 'client.show_message']);
    expect(driver.call(4, 'mining.authorize', ['addr1.short', 'x'])).toEqual([ok(4)]);
  });
});

describe('what a firmware can do', () => {
  const wide = { versionMask: 0x1fffffe0 };

  it('limits the mask that it is granted, also when it names itself afterwards', () => {
    const driver = startDriver(wide, wide);
    const [granted] = driver.call(0, 'mining.configure', [
      ['version-rolling'],
      { 'version-rolling.mask': 'ffffffff' },
    ]);
    expect(granted?.result).toMatchObject({ 'version-rolling.mask': '1fffffe0' });
    const [mask] = driver.call(1, 'mining.subscribe', ['bitaxe/BM1370/v2.13.1']);
    expect(mask).toEqual({ id: null, method: 'mining.set_version_mask', params: ['1fffe000'] });
    driver.event({ kind: 'leased', lease: lease() });
    driver.call(2, 'mining.authorize', ['addr1.rig', 'x']);
    expect(errorOf(driver.submit(3, { bits: '00000020' }))).toBe(20);
    expect(driver.submit(4, { bits: '00002000' })).toEqual([]);
  });

  it('includes following its extranonce where the operator knows that it does', () => {
    const profiles = [{ name: 'farm', agent: 'farm', takesExtranonce: true }];
    const next = lease({ extranonce1: Uint8Array.of(0xb0, 0, 0, 2) });
    const driver = miner('farm/1', { profiles });
    expect(methodsOf(sentBy(driver.event({ kind: 're-leased', lease: next })))).toEqual([
      'mining.set_extranonce',
      'mining.notify',
    ]);
  });
});
