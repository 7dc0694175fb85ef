import fc from 'fast-check';
import { MAX_JOBS_PER_SESSION, MAX_REMEMBERED_SHARES, estateOf } from '@otedama/stratum';
import { stratumMonero } from './step.ts';
import {
  type Driver,
  NO_HASH,
  NOW,
  errorOf,
  lease,
  offer,
  sentBy,
  sessionEnv,
  startDriver,
} from './session.fixture.ts';
import { template } from '../testing/template.ts';

const ready = (): Driver => {
  const driver = startDriver();
  driver.login();
  return driver;
};

describe('the rest', () => {
  it('gives the job once more when asked, and keeps the connection alive by either name', () => {
    const driver = ready();
    const { id } = driver.session;
    expect(driver.call(2, 'getjob', { id })).toEqual([
      { id: 2, jsonrpc: '2.0', error: null, result: driver.job },
    ]);
    expect(driver.call(3, 'getjob', { id, algo: ['rx/wow'] })[0]?.error?.message).toMatch(/rx\/0$/);
    for (const method of ['keepalived', 'keepalive']) {
      expect(driver.call(4, method, { id })[0]?.result).toEqual({ status: 'KEEPALIVED' });
      expect(driver.call(5, method)[0]?.result).toEqual({ status: 'KEEPALIVED' });
      expect(errorOf(driver.call(6, method, { id: 'other' }))).toMatch(/^Unauthenticated/);
    }
    expect(errorOf(driver.call(7, 'getjob', { id: 'other' }))).toMatch(/^Unauthenticated/);
  });

  it('sends a miner elsewhere in the form that xmrig takes, and says nothing when there is no place', () => {
    const driver = ready();
    const target = { host: 'pool.example', port: 3333 };
    expect(sentBy(driver.event({ kind: 'reconnect', target, waitSeconds: 5 }))).toEqual([
      { jsonrpc: '2.0', method: 'client.reconnect', params: ['pool.example', '3333'] },
    ]);
    expect(driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 5 })).toEqual([]);
    expect(driver.event({ kind: 'notice', text: 'hi' })).toEqual([]);
  });

  it('ends an idle connection, which a keepalive prevents', () => {
    const driver = ready();
    driver.now += 599_999;
    driver.call(2, 'keepalived');
    driver.now += 599_999;
    driver.event({ kind: 'tick' });
    expect(driver.session.closed).toBe(false);
    driver.now += 2;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'idle' }]);
    expect(driver.call(3, 'keepalived')).toEqual([]);
  });

  it('settles a verdict that comes after the peer has gone', () => {
    const driver = ready();
    driver.submit(1);
    driver.event({ kind: 'disconnected' });
    expect(driver.judge()).toEqual([]);
    expect(estateOf(driver.session).history.size).toBe(1);
  });

  it('is hosted as a dialect that leases four bytes', () => {
    const dialect = stratumMonero(sessionEnv());
    dialect.book.add(template());
    expect(dialect.extranonce1Bytes).toBe(4);
    const session = dialect.open(NOW);
    const params = { login: 'addr1', agent: 'test' };
    session.step({ kind: 'message', message: { kind: 'request', id: '1', method: 'login', params } }, NOW);
    expect(sentBy(session.step({ kind: 'leased', lease: lease() }, NOW))[0]?.result?.status).toBe('OK');
    expect(session.core.agent).toBe('test');
  });
});

describe('any input', () => {
  const text = fc.oneof(
    fc.constantFrom('addr1', 'addr1+5.rig', '1a00', '1a01', '00000001', 'DEADBEEF', NO_HASH, 'ff'.repeat(32)),
    fc.constantFrom('d=5', 'rx/0', 'cafebabe00000001', 'self-select', 'xmr-node-proxy/1', 'NiceHash/1', ''),
    fc.string({ maxLength: 12 }),
  );
  const leaf = fc.oneof(text, fc.double(), fc.integer(), fc.constant(null), fc.boolean());
  const value = fc.oneof({ weight: 4, arbitrary: leaf }, fc.array(leaf, { maxLength: 4 }));
  const member = fc.constantFrom(
    'id',
    'job_id',
    'nonce',
    'result',
    'poolNonce',
    'workerNonce',
    'commitment',
    'login',
    'pass',
    'agent',
    'rigid',
    'algo',
    'mode',
    '__proto__',
    'constructor',
  );
  const share = fc.record({
    id: fc.constantFrom('cafebabe00000001', undefined, 'other'),
    job_id: text,
    nonce: text,
    result: fc.constantFrom(NO_HASH, 'ff'.repeat(32), 'zz'),
  });
  const params = fc.oneof(share, fc.dictionary(member, value, { maxKeys: 8 }), fc.jsonValue());
  const method = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('submit', 'login', 'getjob', 'keepalived', 'keepalive') },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')) },
  );
  const message = fc.record({ id: leaf, method, params });
  const action = fc.oneof(
    { weight: 10, arbitrary: fc.tuple(fc.constant('message' as const), message) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('json' as const), fc.jsonValue()) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('lease', 'judge', 'work', 'tick', 'stop'), fc.nat(40_000)),
    },
  );

  const perform = (driver: Driver, kind: string, given: unknown): void => {
    if (kind === 'message' || kind === 'json') driver.line(JSON.stringify(given));
    else if (kind === 'lease') driver.event({ kind: 'leased', lease: lease() });
    else if (kind === 'work')
      offer(driver, { jobKey: Number(given) % 50, cleanJobs: Number(given) % 3 === 0 });
    else if (kind === 'stop') driver.event({ kind: 'work-stopped', reason: 'fuzz' });
    else if (kind === 'judge')
      driver.event({ kind: 'verdict', ticket: Number(given) % 50, outcome: 'accepted' });
    else {
      driver.now += Number(given);
      driver.event({ kind: 'tick' });
    }
  };

  it('never throws, is answered in JSON, and leaves the session within its bounds', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(action, { maxLength: 60 }), (loggedIn, actions) => {
        const driver = startDriver();
        if (loggedIn) driver.login();
        for (const [kind, given] of actions) perform(driver, kind, given);
        const { jobs, accounts, history, replies } = driver.session;
        expect(jobs.length).toBeLessThanOrEqual(MAX_JOBS_PER_SESSION);
        expect(accounts.size).toBeLessThanOrEqual(1);
        expect(replies.awaited).toBeLessThanOrEqual(replies.size);
        expect(history.size).toBeLessThanOrEqual(MAX_REMEMBERED_SHARES);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same effects for the same events', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const [one, two] = [ready(), ready()];
        for (const driver of [one, two]) for (const [kind, given] of actions) perform(driver, kind, given);
        expect(one.sent).toEqual(two.sent);
        expect(one.effects).toEqual(two.effects);
      }),
      { numRuns: 50 },
    );
  });
});
