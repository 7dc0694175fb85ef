import fc from 'fast-check';
import {
  MAX_JOBS_PER_SESSION,
  MAX_REMEMBERED_SHARES,
  MAX_WORKERS_PER_SESSION,
  encodeHex,
} from '@otedama/stratum';
import {
  Driver,
  HEADER,
  MIX,
  NONCE,
  NOW,
  SEED,
  USER,
  coreEnv,
  errorOf,
  lease,
  methodsOf,
  offer,
  sentBy,
  startDriver,
  template,
  textOf,
} from './session.fixture.ts';
import { stratumKawpow } from './step.ts';

const TARGET_1 = `00000000ff${'0'.repeat(54)}`;
const TARGET_16 = `000000000ff${'0'.repeat(53)}`;
const ok = (id: unknown) => ({ id, result: true, error: null });
const nonceOf = (number: number): string => `0xa00001${number.toString(16).padStart(10, '0')}`;
const shares = (driver: Driver) => driver.of('submit').map(({ share }) => share);

describe('work', () => {
  it('comes with its target, in set_target and in the job itself', () => {
    const driver = startDriver().ready();
    expect(driver.sent).toEqual([
      { id: 1, result: [null, 'a00001'], error: null },
      ok(3),
      { id: null, method: 'mining.set_target', params: [TARGET_1] },
      {
        id: null,
        method: 'mining.notify',
        params: ['1a00', HEADER, SEED, TARGET_1, true, 965398, '1b00c7a3'],
      },
    ]);
    expect(methodsOf(offer(driver, { jobKey: 0x1b, cleanJobs: false }))).toEqual(['mining.notify']);
  });

  it('waits for whatever of subscription, authorization and template comes last', () => {
    const driver = new Driver(startDriver().session.env);
    driver.call(3, 'mining.authorize', [USER, 'x']);
    expect(methodsOf(driver.sent)).toEqual([undefined]);
    driver.call(1, 'mining.subscribe', []);
    expect(methodsOf(driver.sent).slice(2)).toEqual(['mining.set_target', 'mining.notify']);
    expect(driver.call(4, 'mining.authorize', [USER, 'x'])).toEqual([ok(4)]);
  });

  it('is given again under another id when the difficulty changes; late shares keep theirs', () => {
    const driver = startDriver().ready();
    for (let i = 0; i < 8; i++) {
      driver.submit(i, { 2: nonceOf(i) });
      driver.judge();
    }
    expect(driver.sent.slice(-2)).toEqual([
      { id: null, method: 'mining.set_target', params: [TARGET_16] },
      expect.objectContaining({
        params: ['1a01', HEADER, SEED, TARGET_16, false, 965398, '1b00c7a3'],
      }),
    ]);
    driver.submit('late', { 2: nonceOf(100) });
    driver.submit('new', { 1: '1A01', 2: nonceOf(101) });
    expect(
      shares(driver)
        .slice(-2)
        .map(({ target }) => target.difficulty),
    ).toEqual([1, 16]);
  });

  it('obeys the password, and stays under the difficulty of the network where that is wanted', () => {
    expect(startDriver().ready('d=16').sent[2]?.params).toEqual([TARGET_16]);
    const driver = startDriver({
      ceilingByNetwork: true,
      vardiff: { ...coreEnv().vardiff, initialDifficulty: 1e6 },
    }).ready();
    expect(driver.session.vardiff.difficulty).toBe(65536);
    offer(driver, { jobKey: 2, networkTarget: 0xffn << 208n });
    expect(driver.session.vardiff.difficulty).toBe(256);
  });

  it('changes the extranonce only under miners that asked to be told; older jobs keep theirs', () => {
    const next = lease({ extranonce1: Uint8Array.of(0xb0, 0, 2) });
    const driver = startDriver().ready();
    expect(driver.call(4, 'mining.extranonce.subscribe', [])).toEqual([ok(4)]);
    const sent = sentBy(driver.event({ kind: 're-leased', lease: next }));
    expect(sent[0]).toEqual({ id: null, method: 'mining.set_extranonce', params: ['b00002'] });
    expect(sent[1]?.method).toBe('mining.notify');
    expect(driver.submit(5)).toEqual([]);
    expect(textOf(driver.submit(6, { 1: '1a01', 2: nonceOf(9) }))).toBeUndefined();
    driver.judge();
    expect(driver.submit(7, { 1: '1a01', 2: '0xb000020000000001' })).toEqual([]);
    const plain = startDriver().ready();
    plain.event({ kind: 're-leased', lease: next });
    expect(plain.of('close')).toEqual([{ kind: 'close', reason: 'extranonce-changed' }]);
  });

  it('stops when the pool stops, and begins again with the next template', () => {
    const driver = startDriver().ready();
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    expect(textOf(driver.submit(1))).toBe('Pool has stopped work');
    expect(methodsOf(offer(driver, { jobKey: 0x1b }))).toEqual(['mining.notify']);
    expect(driver.submit(2, { 1: '1b00' })).toEqual([]);
  });

  it('is bounded in jobs, whatever changes how often', () => {
    const driver = startDriver().ready();
    driver.call(4, 'mining.extranonce.subscribe', []);
    for (let i = 0; i < 300; i++) {
      driver.event({ kind: 're-leased', lease: lease({ extranonce1: Uint8Array.of(1, i >> 8, i & 255) }) });
    }
    expect(driver.session.jobs.length).toBe(MAX_JOBS_PER_SESSION);
    expect(driver.sent.filter(({ method }) => method === 'mining.notify').length).toBe(256);
  });
});

describe('shares', () => {
  it('go out with the whole nonce in its halves and the mix as it is shown', () => {
    const driver = startDriver().ready();
    expect(driver.submit(40)).toEqual([]);
    const [share] = shares(driver);
    expect([share?.version, share?.nonce, share?.nTime, share?.extranonce.length]).toEqual([
      0xa0000117, 0xf87f7a00, 0, 0,
    ]);
    expect(encodeHex(share?.mix ?? new Uint8Array())).toBe(MIX);
    expect(driver.judge()).toEqual([ok(40)]);
  });

  it('are the same with or without 0x, in capitals or not, under either id of the job', () => {
    const driver = startDriver().ready();
    driver.submit(1);
    driver.judge();
    expect(errorOf(driver.submit(2, { 2: NONCE.toUpperCase(), 3: HEADER.toUpperCase(), 4: MIX }))).toBe(22);
    driver.call(5, 'mining.authorize', [`${USER}2`, 'd=4']);
    expect(errorOf(driver.submit(6, { 1: '1a01' }))).toBe(22);
    driver.submit(7, { 2: nonceOf(1) });
    expect(errorOf(driver.judge('low-difficulty'))).toBe(23);
    expect(driver.submit(8, { 2: nonceOf(1) })).toEqual([]);
  });

  it('need the prefix of the session, the header of the job and a mix', () => {
    const driver = startDriver().ready();
    const refused = (over: Record<number, unknown>): unknown => textOf(driver.submit(9, over));
    expect(refused({ 2: '0xa0000217f87f7a00' })).toMatch(/^Nonce does not begin/);
    expect(refused({ 3: `0x${MIX}` })).toMatch(/^Header hash/);
    expect(refused({ 4: '0x12' })).toMatch(/^Mix hash/);
    expect(driver.of('submit')).toEqual([]);
  });

  it('are stale once a block has replaced their job, and unknown when there never was one', () => {
    const driver = startDriver().ready();
    offer(driver, { jobKey: 0x1b, cleanJobs: false });
    expect(driver.submit(1)).toEqual([]);
    driver.judge();
    offer(driver, { jobKey: 0x1c, cleanJobs: true });
    expect(textOf(driver.submit(2))).toMatch(/^Stale/);
    expect(textOf(driver.submit(3, { 1: '9900' }))).toBe('Job not found');
    expect(driver.session.history.size).toBe(0);
    // A clean template that passed the session by counts as well.
    driver.session.env.book.add(template({ jobKey: 0x1d }));
    expect(offer(driver, { jobKey: 0x1e, cleanJobs: false })[0]?.params).toContain(true);
  });

  it('are bounded while they wait and while they are remembered', () => {
    const driver = startDriver({
      vardiff: { ...coreEnv().vardiff, minimumDifficulty: 1, maximumDifficulty: 1 },
    }).ready();
    for (let i = 0; i < MAX_REMEMBERED_SHARES; i++) {
      driver.submit(i, { 2: nonceOf(i) });
      driver.judge();
    }
    expect(textOf(driver.submit('x', { 2: nonceOf(100_000) }))).toMatch(/^Too many shares/);
  });
});

describe('the rest', () => {
  it('is hosted with leases of three bytes', () => {
    const dialect = stratumKawpow(coreEnv());
    expect(dialect.extranonce1Bytes).toBe(3);
    dialect.book.add(template());
    const session = dialect.open(NOW);
    session.step({ kind: 'leased', lease: lease() }, NOW);
    expect(session.core.lease?.sessionId).toBe(lease().sessionId);
  });

  it('keeps a reported hash rate, points elsewhere, and sends silent miners away', () => {
    const driver = startDriver().ready();
    expect(driver.call(9, 'eth_submitHashrate', ['0x16e7a6d', '0x1'])).toEqual([ok(9)]);
    expect(driver.session.hashrateHs).toBe(24_017_517);
    const target = { host: 'pool.example', port: 3333 };
    expect(sentBy(driver.event({ kind: 'reconnect', target, waitSeconds: 5 }))[0]?.params).toEqual([
      'pool.example',
      3333,
      5,
    ]);
    expect(sentBy(driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 5 }))[0]?.params).toEqual(
      [],
    );
    for (driver.now = NOW; driver.now < NOW + 100_000; driver.now += 1000) driver.event({ kind: 'tick' });
    expect(driver.session.vardiff.difficulty).toBeLessThan(1);
    driver.now += 200_000;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'idle' }]);
  });

  it('settles the history of a peer that is gone, without a word', () => {
    const driver = startDriver().ready();
    driver.submit(1);
    driver.event({ kind: 'disconnected' });
    expect(driver.judge()).toEqual([]);
    expect([driver.session.history.size, driver.of('counted').length]).toEqual([1, 1]);
  });
});

describe('any input', () => {
  const word = fc.oneof(
    fc.constantFrom(USER, '1a00', '1a01', `0x${NONCE}`, `0x${HEADER}`, HEADER, `0x${MIX}`, 'd=5', ''),
    fc.string({ maxLength: 12 }),
  );
  const leaf = fc.oneof(word, fc.double(), fc.integer(), fc.constant(null), fc.boolean());
  const submission = fc.tuple(
    fc.constantFrom(USER, 'nobody'),
    fc.constantFrom('1a00', '1a01', '1b00', 'zz'),
    fc.oneof(fc.nat(20).map(nonceOf), word),
    fc.constantFrom(HEADER, `0x${HEADER}`, MIX, ''),
    fc.constantFrom(MIX, `0x${MIX}`, '0x'),
  );
  const message = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ id: leaf, method: fc.constant('mining.submit'), params: submission }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        id: leaf,
        method: fc.oneof(
          fc.constantFrom(
            'mining.subscribe',
            'mining.authorize',
            'mining.submit',
            'mining.extranonce.subscribe',
            'eth_submitHashrate',
            '__proto__',
          ),
          fc.string(),
        ),
        params: fc.oneof(fc.array(leaf, { maxLength: 6 }), fc.jsonValue()),
      }),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const action = fc.oneof(
    { weight: 8, arbitrary: message.map((value) => ['message', JSON.stringify(value)] as const) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('judge', 'work', 'tick', 'stop', 'lease'), fc.nat(40_000)),
    },
  );

  const perform = (driver: Driver, kind: string, value: string | number): void => {
    const number = Number(value);
    if (kind === 'message') driver.line(String(value));
    else if (kind === 'judge') {
      const outcome = (['accepted', 'low-difficulty', 'unverifiable'] as const)[number % 3] ?? 'accepted';
      driver.event({ kind: 'verdict', ticket: number % 8, outcome });
    } else if (kind === 'work') offer(driver, { jobKey: 0x1a + (number % 5), cleanJobs: number % 2 === 0 });
    else if (kind === 'stop') driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    else if (kind === 'lease') {
      driver.event({ kind: 're-leased', lease: lease({ extranonce1: Uint8Array.of(1, 2, number & 255) }) });
    } else {
      driver.now += number;
      driver.event({ kind: 'tick' });
    }
  };
  const story = fc.tuple(fc.boolean(), fc.array(action, { maxLength: 40 }));
  const tell = ([begun, actions]: [boolean, (readonly [string, string | number])[]]): Driver => {
    const driver = startDriver();
    if (begun) driver.ready();
    for (const [kind, value] of actions) perform(driver, kind, value);
    return driver;
  };

  it('never throws, and grows nothing without bounds', () => {
    fc.assert(
      fc.property(story, (parts) => {
        const { session } = tell(parts);
        expect(session.jobs.length).toBeLessThanOrEqual(MAX_JOBS_PER_SESSION);
        expect(session.accounts.size).toBeLessThanOrEqual(MAX_WORKERS_PER_SESSION);
        expect(session.replies.awaited).toBeLessThanOrEqual(session.replies.size);
        expect(session.history.size).toBeLessThanOrEqual(MAX_REMEMBERED_SHARES);
      }),
      { numRuns: 400 },
    );
  });

  it('has the same effects each time', () => {
    fc.assert(
      fc.property(story, (parts) => {
        expect(tell(parts).effects).toEqual(tell(parts).effects);
      }),
      { numRuns: 60 },
    );
  });
});
