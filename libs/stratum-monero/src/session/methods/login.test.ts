import { encodeHex } from '@otedama/stratum';
import { daemonBlob, template } from '../../testing/template.ts';
import {
  Driver,
  NOW,
  type Sent,
  errorOf,
  lease,
  offer,
  sentBy,
  sessionEnv,
  startDriver,
} from '../session.fixture.ts';

const difficultyAfter = (login: Record<string, unknown>): number => {
  const driver = startDriver();
  driver.login(login);
  return driver.session.vardiff.difficulty;
};

const workerAfter = (login: Record<string, unknown>): unknown => {
  const driver = startDriver();
  driver.login(login);
  return driver.of('authorized')[0]?.account;
};

describe('login', () => {
  it('is answered with the session id and a first job, whose blob is the one of the daemon', () => {
    const driver = startDriver();
    const sent = driver.login({}, lease({ extranonce1: new Uint8Array(4) }));
    expect(sent).toEqual([
      {
        id: 1,
        jsonrpc: '2.0',
        error: null,
        result: {
          id: 'cafebabe00000001',
          job: {
            blob: daemonBlob,
            job_id: '1a00',
            target: 'b88d0600',
            height: 3_195_018,
            seed_hash: encodeHex(template().seedHash),
            algo: 'rx/0',
          },
          extensions: ['algo', 'keepalive'],
          status: 'OK',
        },
      },
    ]);
  });

  it('waits for its lease and for a template, in whichever order they come', () => {
    const early = new Driver(sessionEnv());
    early.call(1, 'login', { login: 'addr1' });
    expect(early.of('lease')).toEqual([{ kind: 'lease', sessionId: undefined }]);
    early.event({ kind: 'leased', lease: lease() });
    expect(early.sent).toEqual([]);
    expect(offer(early, {})[0]?.result?.job?.job_id).toBe('1a00');
    const late = new Driver(sessionEnv());
    late.call(1, 'login', { login: 'addr1' });
    expect(offer(late, {})).toEqual([]);
    expect(sentBy(late.event({ kind: 'leased', lease: lease() }))[0]?.result?.status).toBe('OK');
  });

  it('holds back what is asked after it', () => {
    const driver = startDriver();
    driver.call(1, 'login', { login: 'addr1' });
    expect(driver.call(2, 'keepalived', {})).toEqual([]);
    expect(errorOf(driver.call(3, 'login', { login: 'addr1' }))).toBeUndefined();
    driver.event({ kind: 'leased', lease: lease() });
    expect(driver.sent.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(errorOf(driver.sent.slice(2))).toBe('Asked too often');
  });

  it('is refused while the pool has stopped work, so that the miner goes to its next pool', () => {
    const driver = startDriver();
    driver.call(1, 'login', { login: 'addr1' });
    const stop = { kind: 'work-stopped', reason: 'daemon is syncing' } as const;
    expect(errorOf(sentBy(driver.event(stop)))).toBe('Pool has stopped work: daemon is syncing');
    expect(errorOf(driver.call(2, 'login', { login: 'addr1' }))).toMatch(/^Pool has stopped work/);
    driver.event({ kind: 'leased', lease: lease() });
    offer(driver, { jobKey: 0x1b });
    expect(driver.call(3, 'login', { login: 'addr1' })[0]?.result?.job?.job_id).toBe('1b00');
    expect(driver.of('lease')).toHaveLength(1);
  });

  it('names the worker in the login, or else by rigid', () => {
    const account = (worker: string) => ({ address: 'addr1', worker });
    expect(workerAfter({ login: 'addr1.rig' })).toEqual(account('rig'));
    expect(workerAfter({ login: 'addr1', rigid: 'r1' })).toEqual(account('r1'));
    expect(workerAfter({ login: 'addr1.rig', rigid: 'r1' })).toEqual(account('rig'));
    expect(workerAfter({ login: 'addr1', rigid: '' })).toEqual(account('default'));
    expect(workerAfter({ login: 'addr1', rigid: 7 })).toEqual(account('default'));
    expect(workerAfter({ login: 'addr1+5000', rigid: 'r1' })).toEqual(account('r1'));
    expect(workerAfter({ login: 'addr1+5000.rig' })).toEqual(account('rig'));
    expect(workerAfter({ login: 'addr1.rig+5000' })).toEqual(account('rig'));
    expect(errorOf(startDriver().login({ rigid: 'r\u0000' }))).toMatch(/^Worker name/);
  });

  it('takes a difficulty behind a plus or in the password, and never goes below it', () => {
    expect(difficultyAfter({ login: 'addr1+5000' })).toBe(5000);
    expect(difficultyAfter({ login: 'addr1.rig+70000' })).toBe(70_000);
    expect(difficultyAfter({ login: 'addr1+70000.rig' })).toBe(70_000);
    expect(difficultyAfter({ login: 'addr1+0' })).toBe(10_000);
    expect(difficultyAfter({ pass: 'd=777' })).toBe(777);
    expect(difficultyAfter({ pass: undefined })).toBe(10_000);
    const driver = startDriver();
    driver.login({ login: 'addr1+5000' });
    for (let i = 0; i < 100; i++) {
      driver.now += 10_000;
      driver.event({ kind: 'tick' });
    }
    expect(driver.session.vardiff.difficulty).toBe(5000);
  });

  it('gives a marketplace no less than it wants, whatever it asks for', () => {
    expect(difficultyAfter({ agent: 'NiceHash/1.0.0' })).toBe(280_000);
    expect(difficultyAfter({ agent: 'nicehash/1.0.0', login: 'addr1+5' })).toBe(280_000);
    expect(difficultyAfter({ agent: 'NiceHash/1.0.0', pass: 'd=500000' })).toBe(500_000);
    expect(difficultyAfter({ agent: 'Not NiceHash/1.0.0' })).toBe(10_000);
  });

  it('takes the first minimum that fits', () => {
    const agentMinimums = [
      { agent: 'NiceHash/2', difficulty: 500_000 },
      { agent: '*hash/', difficulty: 300_000 },
    ];
    const after = (agent: string): number => {
      const driver = startDriver({ agentMinimums });
      driver.login({ agent });
      return driver.session.vardiff.difficulty;
    };
    expect([after('nicehash/2.1'), after('NiceHash/1.0'), after('XMRig/6')]).toEqual([
      500_000, 300_000, 10_000,
    ]);
  });

  it('refuses a miner that does not list the algorithm, now or when the first template is there', () => {
    const lacking = { algo: ['cn/r', 'rx/wow', 5] };
    expect(errorOf(startDriver().login(lacking))).toBe(
      'The miner does not list the algorithm of this pool: rx/0',
    );
    const early = new Driver(sessionEnv());
    early.login(lacking);
    expect(errorOf(offer(early, {}))).toMatch(/rx\/0$/);
    for (const algo of [['rx/0'], ['RandomX'], ['cn', 'randomx/0'], [], 'rx/0', undefined]) {
      expect(startDriver().login({ algo })[0]?.result?.status).toBe('OK');
    }
    const fork: Sent[] = startDriver({}, { majorVersion: 17 }).login({ algo: ['rx/0'] });
    expect(errorOf(fork)).toMatch(/rx\/2$/);
    expect(startDriver({}, { majorVersion: 17 }).login({ algo: ['rx/2'] })[0]?.result?.job?.['algo']).toBe(
      'rx/2',
    );
  });

  it('lists TLS among the extensions where the port takes it', () => {
    expect(startDriver({ tls: true }).login()[0]?.result?.['extensions']).toEqual([
      'algo',
      'keepalive',
      'tls',
    ]);
  });

  it('is one miner per connection, who hears the same job when it logs in again', () => {
    const driver = startDriver();
    const [first] = driver.login();
    expect(driver.login()).toEqual([first]);
    expect(errorOf(driver.login({ login: 'addr2' }))).toBe('Too many workers on one connection');
    expect(driver.of('authorized')).toHaveLength(1);
  });

  it('says what is wrong with it', () => {
    expect(errorOf(startDriver().login({ login: 'nobody' }))).toBe('Address is not usable: not an address');
    expect(errorOf(startDriver().login({ login: undefined }))).toMatch(/login expected$/);
    expect(errorOf(startDriver().login({ mode: 'self-select' }))).toMatch(/self-select is not offered/);
    expect(errorOf(startDriver({ refusesWorker: () => 'pool-full' }).login())).toBe(
      'The pool takes no further workers',
    );
  });

  it('sends away who does not log in', () => {
    const driver = startDriver();
    driver.now = NOW + 30_001;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'handshake-timeout' }]);
  });
});
