import fc from 'fast-check';
import { MAX_JOBS_PER_SESSION, MAX_REMEMBERED_SHARES, MAX_WORKERS_PER_SESSION } from '@otedama/stratum';
import { vectors } from '../testing/vectors.ts';
import {
  type Driver,
  NOW,
  type Sent,
  errorOf,
  lease,
  offer,
  sentBy,
  startDriver,
} from './session.fixture.ts';

describe('the rest', () => {
  it('fetches transactions of a known job, now and then', () => {
    const driver = startDriver();
    driver.ready();
    expect(errorOf(driver.call(1, 'mining.get_transactions', ['9900']))).toBe(21);
    expect(driver.call(2, 'mining.get_transactions', ['1a00'])).toEqual([]);
    const [asked] = driver.of('transactions');
    expect(asked?.jobKey).toBe(0x1a);
    const reply = (list: string[] | undefined): Sent[] =>
      sentBy(driver.event({ kind: 'transactions', ticket: asked?.ticket ?? -1, list }));
    expect(reply(['00ff'])).toEqual([{ id: 2, result: ['00ff'], error: null }]);
    expect(reply(['00ff'])).toEqual([]);
    expect(errorOf(driver.call(3, 'mining.get_transactions', ['1a00']))).toBe(20);
    for (const list of [undefined, ['f'.repeat(600_000)]]) {
      driver.now += 30_000;
      driver.call(4, 'mining.get_transactions', ['1a00']);
      const ticket = driver.of('transactions').at(-1)?.ticket ?? -1;
      expect(sentBy(driver.event({ kind: 'transactions', ticket, list }))[0]?.result).toBeNull();
    }
  });

  it('speaks to the miner: notice, reconnect, version', () => {
    const driver = startDriver();
    driver.ready();
    expect(sentBy(driver.event({ kind: 'notice', text: 'hi "there"' }))[0]?.params).toEqual(['hi "there"']);
    const target = { host: 'pool.example', port: 3333 };
    expect(sentBy(driver.event({ kind: 'reconnect', target, waitSeconds: 5 }))[0]).toEqual({
      id: null,
      method: 'client.reconnect',
      params: ['pool.example', 3333, 5],
    });
    expect(sentBy(driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 5 }))[0]?.params).toEqual(
      [],
    );
    expect(driver.call(3, 'client.get_version', [])[0]?.result).toBe('otedama/test');
  });

  it('plays the recorded sessions of real miners without a fault', () => {
    const sessions = vectors<{ messages: { dir: string; msg: { method?: string; params?: unknown[] } }[] }>(
      'session',
    );
    for (const { messages } of sessions) {
      const driver = startDriver({ parseAddress: (text) => ({ ok: true, canonical: text }) });
      for (const { dir, msg } of messages) {
        if (dir !== 'c2s' || msg.method === 'mining.submit') continue;
        driver.line(JSON.stringify(msg));
        if (msg.method === 'mining.subscribe') driver.event({ kind: 'leased', lease: lease() });
      }
      expect(driver.of('fault')).toEqual([]);
    }
    expect(sessions.length).toBe(5);
  });

  it('answers every recorded request, whatever the session id or the numbers in it', () => {
    for (const { line } of vectors<{ line: string }>('request')) {
      const driver = startDriver();
      driver.line(line);
      driver.event({ kind: 'leased', lease: lease() });
      expect(driver.sent.length).toBe(1);
    }
  });

  it('uses the codes that miners know', () => {
    const [codes] = vectors<{ codes: Record<string, string> }>('error-codes');
    expect(Object.keys(codes?.codes ?? {})).toEqual(['20', '21', '22', '23', '24', '25']);
  });
});

describe('any input', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'addr1.rig',
      '1a00',
      '1a01',
      '00000001',
      '6553f100',
      'd=5',
      'version-rolling',
      'ffffffff',
      '',
    ),
    fc.string({ maxLength: 12 }),
  );
  const leaf = fc.oneof(text, fc.double(), fc.integer(), fc.constant(null), fc.boolean());
  const params = fc.oneof(
    fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 4 })), { maxLength: 7 }),
    fc.jsonValue(),
  );
  const method = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('mining.submit', 'mining.authorize', 'mining.configure') },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        'mining.subscribe',
        'mining.suggest_difficulty',
        'mining.suggest_target',
        'mining.extranonce.subscribe',
        'mining.get_transactions',
        'client.get_version',
      ),
    },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')) },
  );
  const message = fc.record({ id: leaf, method, params });
  const action = fc.oneof(
    { weight: 10, arbitrary: fc.tuple(fc.constant('message' as const), message) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('json' as const), fc.jsonValue()) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('lease', 'judge', 'work', 'tick', 'stop'), fc.nat(40_000)),
    },
  );

  const perform = (driver: Driver, kind: string, value: unknown): void => {
    if (kind === 'message' || kind === 'json') driver.line(JSON.stringify(value));
    else if (kind === 'lease') driver.event({ kind: 'leased', lease: lease() });
    else if (kind === 'work')
      offer(driver, { jobKey: Number(value) % 50, cleanJobs: Number(value) % 3 === 0 });
    else if (kind === 'stop') driver.event({ kind: 'work-stopped', reason: 'fuzz' });
    else if (kind === 'judge')
      driver.event({ kind: 'verdict', ticket: Number(value) % 50, outcome: 'accepted' });
    else {
      driver.now += Number(value);
      driver.event({ kind: 'tick' });
    }
  };

  it('never throws, is answered in JSON, and leaves the session within its bounds', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(action, { maxLength: 60 }), (ready, actions) => {
        const driver = startDriver();
        if (ready) driver.ready();
        for (const [kind, value] of actions) perform(driver, kind, value);
        const { jobs, accounts, history, replies } = driver.session;
        expect(jobs.length).toBeLessThanOrEqual(MAX_JOBS_PER_SESSION);
        expect(accounts.size).toBeLessThanOrEqual(MAX_WORKERS_PER_SESSION);
        expect(replies.awaited).toBeLessThanOrEqual(replies.size);
        expect(history.size).toBeLessThanOrEqual(MAX_REMEMBERED_SHARES);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same effects for the same events', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const [one, two] = [startDriver(), startDriver()];
        for (const driver of [one, two]) {
          driver.ready();
          for (const [kind, value] of actions) perform(driver, kind, value);
        }
        expect(one.sent).toEqual(two.sent);
        expect(one.now).toBeGreaterThanOrEqual(NOW);
      }),
      { numRuns: 50 },
    );
  });
});
