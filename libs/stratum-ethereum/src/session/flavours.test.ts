import { MAX_JOBS_PER_SESSION, decodeMessage, encodeHex, estateOf } from '@otedama/stratum';
import {
  Driver,
  HEADER,
  MIX,
  NONCE,
  NOW,
  SEED,
  type Sent,
  WALLET,
  coreEnv,
  errorOf,
  headerOf,
  lease,
  linesOf,
  methodsOf,
  offer,
  ready,
  sentBy,
  startDriver,
  startPool,
  template,
} from './session.fixture.ts';
import { stratumEthereum } from './step.ts';

const TARGET_1 = `00000000ffff${'0'.repeat(52)}`;
const work = (header = HEADER, target = TARGET_1): unknown[] => [
  `0x${header}`,
  `0x${SEED}`,
  `0x${target}`,
  '0xb28720',
];
const submitWork = (driver: Driver, id: unknown, nonce = NONCE, header = HEADER): Sent[] =>
  driver.call(id, 'eth_submitWork', [`0x${nonce}`, `0x${header}`, `0x${MIX}`]);
const submitV1 = (driver: Driver, id: unknown, job: string, rest = '00094a7c09'): Sent[] =>
  driver.call(id, 'mining.submit', [`${WALLET}.rig`, job, rest]);
const shares = (driver: Driver) => driver.of('submit').map(({ share }) => share);

describe('the dialect as a gateway hosts it', () => {
  it('gives sessions of one pool the same book, and leases of three bytes', () => {
    const dialect = stratumEthereum(coreEnv());
    expect(dialect.extranonce1Bytes).toBe(3);
    dialect.book.add(template());
    const session = dialect.open(NOW);
    const message = decodeMessage(Buffer.from(`{"id":1,"method":"eth_submitLogin","params":["${WALLET}"]}`));
    expect(linesOf(session.step({ kind: 'message', message }, NOW))).toEqual([
      '{"id":1,"jsonrpc":"2.0","result":true}',
    ]);
    expect(session.core.accounts.size).toBe(1);
  });
});

describe('which dialect it is', () => {
  it('is told by the first request', () => {
    const named = (method: string, params: unknown): string | undefined => {
      const driver = startDriver();
      driver.call(1, method, params);
      return driver.session.flavour?.name;
    };
    expect(named('eth_submitLogin', [WALLET])).toBe('eth-proxy');
    expect(named('eth_getWork', [])).toBe('eth-proxy');
    expect(named('mining.subscribe', ['miner', 'EthereumStratum/1.0.0'])).toBe('EthereumStratum/1.0.0');
    expect(named('mining.subscribe', [])).toBe('stratum1');
    expect(named('mining.subscribe', undefined)).toBe('stratum1');
    expect(named('mining.hello', { proto: 'EthereumStratum/2.0.0' })).toBe('EthereumStratum/2.0.0');
    expect(named('mining.hello', { proto: 'EthereumStratum/3.0.0' })).toBeUndefined();
    expect(named('mining.authorize', [WALLET, 'x'])).toBeUndefined();
  });

  it('stays open to a miner that tries one after the other, and stays as it is afterwards', () => {
    const driver = startDriver();
    expect(errorOf(driver.call(0, 'mining.hello', { proto: 'EthereumStratum/9.0.0' }))).toBe(400);
    expect(errorOf(driver.call(1, 'mining.submit', [1, 2, 3]))).toBe(25);
    expect(errorOf(driver.call(2, 'mining.authorize', [WALLET, 'x']))).toBe(25);
    expect(errorOf(driver.call(3, 'eth_submitLogin', [WALLET, 'x']))).toBeUndefined();
    expect(errorOf(driver.call(4, 'mining.subscribe', ['m', 'EthereumStratum/1.0.0']))).toBe(-3);
    expect(driver.call(5, 'eth_getWork', [])[0]?.result).toEqual(work());
  });
});

describe('eth-proxy', () => {
  it('gives work when asked, and pushes what comes later as a reply with id 0', () => {
    const driver = startDriver();
    expect(linesOf(driver.event({ kind: 'tick' }))).toEqual([]);
    expect(driver.call(1, 'eth_submitLogin', [WALLET, 'x'])).toEqual([
      { id: 1, jsonrpc: '2.0', result: true },
    ]);
    expect(driver.call(2, 'eth_getWork', [])).toEqual([{ id: 2, jsonrpc: '2.0', result: work() }]);
    expect(driver.call(3, 'eth_getWork', [])).toEqual([{ id: 3, jsonrpc: '2.0', result: work() }]);
    expect(driver.session.jobs.length).toBe(1);
    const next = encodeHex(headerOf(9));
    expect(offer(driver, { jobKey: 0x1b, headerHash: headerOf(9) })).toEqual([
      { id: 0, jsonrpc: '2.0', result: work(next) },
    ]);
  });

  it('takes shares with their mix, and counts a nonce once in the whole pool', () => {
    const env = startPool();
    const [one, two, three] = [new Driver(env), new Driver(env), new Driver(env)];
    ready.ethProxy(one);
    ready.ethProxy(two);
    ready.v1(three, 'x', lease({ extranonce1: Uint8Array.of(0x77, 0x53, 0) }));
    expect(submitWork(one, 4)).toEqual([]);
    expect(shares(one)[0]).toMatchObject({ jobKey: 0x1a, version: 0x77530000, nonce: 0x094a7c09 });
    expect(encodeHex(shares(one)[0]?.mix ?? new Uint8Array())).toBe(MIX);
    // Already while the verdict is out, and in other letters.
    expect(errorOf(submitWork(two, 5, NONCE.toUpperCase()))).toBe(22);
    expect(one.judge()).toEqual([{ id: 4, jsonrpc: '2.0', result: true }]);
    expect(errorOf(submitWork(two, 6))).toBe(22);
    expect(errorOf(submitV1(three, 7, '1a00', '00094a7c09'))).toBe(22);
    // The daemon gives the same header again under another key.
    offer(two, { jobKey: 0x1c, cleanJobs: false });
    expect(errorOf(submitWork(two, 8))).toBe(22);
    expect(submitWork(two, 9, '0000000000000001')).toEqual([]);
    expect(env.book.shares.size).toBe(2);
    two.judge('low-difficulty');
    expect(env.book.shares.size).toBe(1);
  });

  it('gives a header under one target only: a new difficulty waits for the next', () => {
    const driver = ready.ethProxy(startDriver());
    for (let i = 0; i < 8; i++) {
      driver.now += 10;
      submitWork(driver, i, `000000000000000${i}`);
      driver.judge();
    }
    expect(driver.session.vardiff.difficulty).toBeGreaterThan(1);
    expect(driver.call(20, 'eth_getWork', [])[0]?.result).toEqual(work());
    submitWork(driver, 21);
    expect(shares(driver).at(-1)?.target.difficulty).toBe(1);
    const [pushed] = offer(driver, { jobKey: 0x1b, headerHash: headerOf(9), cleanJobs: false });
    expect((pushed?.result as string[] | undefined)?.[2]).toBe(`0x000000000ffff0${'0'.repeat(50)}`);
    // A late one is judged by what its own header was given under.
    submitWork(driver, 22, '00000000000000aa');
    submitWork(driver, 23, '00000000000000aa', encodeHex(headerOf(9)));
    expect(
      shares(driver)
        .slice(-2)
        .map(({ target }) => target.difficulty),
    ).toEqual([1, 16]);
  });

  it('tells stale headers from unknown ones', () => {
    const driver = ready.ethProxy(startDriver());
    offer(driver, { jobKey: 0x1b, headerHash: headerOf(9) });
    expect(submitWork(driver, 1)[0]?.error).toEqual({ code: 21, message: expect.stringMatching(/^Stale/) });
    expect(submitWork(driver, 2, NONCE, 'ab'.repeat(32))[0]?.error).toMatchObject({
      message: 'Job not found',
    });
    // The block is the pool's already, but its news has not reached this session.
    driver.session.env.book.add(template({ jobKey: 0x1c, headerHash: headerOf(10) }));
    expect(submitWork(driver, 3, NONCE, encodeHex(headerOf(9)))[0]?.error).toMatchObject({
      message: expect.stringMatching(/^Stale/),
    });
  });

  it('knows the rig from the user name, from beside the parameters, or from each share', () => {
    const worker = (driver: Driver): unknown => shares(driver).at(-1)?.account.worker;
    const params = [`0x${NONCE}`, `0x${HEADER}`, `0x${MIX}`];
    const dotted = startDriver();
    dotted.callAs('field', 1, 'eth_submitLogin', [`${WALLET}.RIG05`, 'x']);
    dotted.call(2, 'eth_getWork');
    dotted.callAs('other', 3, 'eth_submitWork', params);
    expect(worker(dotted)).toBe('RIG05');
    const farm = startDriver();
    farm.callAs('eth1.0', 1, 'eth_submitLogin', [WALLET, 'x']);
    farm.call(2, 'eth_getWork');
    farm.callAs('', 3, 'eth_submitWork', params);
    expect(worker(farm)).toBe('eth1.0');
    farm.callAs('rig-2', 4, 'eth_submitWork', [`0x${'1'.repeat(16)}`, params[1], params[2]]);
    expect(worker(farm)).toBe('rig-2');
    farm.callAs('\u0007', 5, 'eth_submitWork', [`0x${'2'.repeat(16)}`, params[1], params[2]]);
    expect(worker(farm)).toBe('default');
    expect(farm.of('authorized').map(({ account }) => account.worker)).toEqual([
      'eth1.0',
      'rig-2',
      'default',
    ]);
  });

  it('says so while there is no work, and pushes the first as soon as there is', () => {
    const driver = startDriver();
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    driver.call(1, 'eth_login', [WALLET]);
    expect(errorOf(driver.call(2, 'eth_getWork'))).toBe(-1);
    expect(offer(driver, { jobKey: 2 })[0]).toMatchObject({ id: 0, result: work() });
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    expect(submitWork(driver, 3)[0]?.error).toMatchObject({ message: 'Pool has stopped work' });
    expect(sentBy(driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 1 }))).toEqual([]);
    driver.event({ kind: 're-leased', lease: lease() });
    expect(driver.of('close')).toEqual([]);
  });

  it('obeys the password from the first work on', () => {
    const driver = ready.ethProxy(startDriver(), 'd=0.5');
    expect((driver.sent[1]?.result as string[] | undefined)?.[2]).toBe(`0x00000001fffe${'0'.repeat(52)}`);
  });
});

describe('EthereumStratum/1.0.0', () => {
  it('tells the difficulty before a job, and again only when it is another', () => {
    const driver = ready.v1(startDriver());
    expect(methodsOf(driver.sent)).toEqual([undefined, undefined, 'mining.set_difficulty', 'mining.notify']);
    expect(driver.sent[3]?.params).toEqual(['1a00', SEED, HEADER, true]);
    expect(methodsOf(offer(driver, { jobKey: 0x1b, cleanJobs: false }))).toEqual(['mining.notify']);
    for (let i = 0; i < 8; i++) {
      submitV1(driver, i, '1b00', `000000000${i}`);
      driver.judge();
    }
    expect(driver.sent.slice(-2)).toEqual([
      { id: null, method: 'mining.set_difficulty', params: [16] },
      { id: null, method: 'mining.notify', params: ['1b01', SEED, HEADER, false] },
    ]);
    submitV1(driver, 'late', '1b00', '00000000aa');
    submitV1(driver, 'new', '1B01', '00000000bb');
    expect(
      shares(driver)
        .slice(-2)
        .map(({ target }) => target.difficulty),
    ).toEqual([1, 16]);
  });

  it('puts its own bytes before the nonce, and has the mix computed', () => {
    const driver = ready.v1(startDriver());
    expect(submitV1(driver, 4, '1a00')).toEqual([]);
    const [share] = shares(driver);
    expect([share?.version, share?.nonce, share?.mix]).toEqual([0xa0000100, 0x094a7c09, undefined]);
    expect(driver.judge()).toEqual([{ id: 4, result: true, error: null }]);
    expect(errorOf(submitV1(driver, 5, '1a00', '0x00094A7C09'))).toBe(22);
    expect(submitV1(driver, 6, '1a00', '094a7c09')[0]).toMatchObject({ result: false });
    expect(errorOf(submitV1(driver, 7, '9900'))).toBe(21);
  });

  it('changes the extranonce only under miners that asked to be told; older jobs keep theirs', () => {
    const next = lease({ extranonce1: Uint8Array.of(0xb0, 0, 2) });
    const driver = ready.v1(startDriver());
    driver.call(3, 'mining.extranonce.subscribe', []);
    expect(sentBy(driver.event({ kind: 're-leased', lease: next }))).toEqual([
      { id: null, method: 'mining.set_extranonce', params: ['b00002'] },
      { id: null, method: 'mining.notify', params: ['1a01', SEED, HEADER, false] },
    ]);
    submitV1(driver, 4, '1a00');
    submitV1(driver, 5, '1a01');
    expect(shares(driver).map(({ version }) => version >>> 24)).toEqual([0xa0, 0xb0]);
    const plain = ready.v1(startDriver());
    plain.event({ kind: 're-leased', lease: next });
    expect(plain.of('close')).toEqual([{ kind: 'close', reason: 'extranonce-changed' }]);
  });

  it('says the same again to a second subscribe, and takes hash rates', () => {
    const driver = ready.v1(startDriver());
    const [again] = driver.call(9, 'mining.subscribe', ['miner/1.0', 'EthereumStratum/1.0.0']);
    expect(again?.result).toEqual(driver.sent[0]?.result);
    expect(driver.call(10, 'eth_submitHashrate', ['0x500000', '0x1'])[0]?.result).toBe(true);
    expect(driver.session.hashrateHs).toBe(0x500000);
    expect(errorOf(driver.call(11, 'eth_submitHashrate', ['fast']))).toBe(20);
  });

  it('sends silent and speechless miners away, and says where else to go', () => {
    const driver = startDriver();
    driver.now += 30_001;
    driver.event({ kind: 'tick' });
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'handshake-timeout' }]);
    const other = ready.v1(startDriver());
    expect(
      sentBy(other.event({ kind: 'reconnect', target: { host: 'h', port: 1 }, waitSeconds: 2 })),
    ).toEqual([{ id: null, method: 'client.reconnect', params: ['h', 1, 2] }]);
    for (other.now = NOW; other.now < NOW + 100_000; other.now += 1000) other.event({ kind: 'tick' });
    expect(other.session.vardiff.difficulty).toBeLessThan(1);
    other.now += 200_000;
    other.event({ kind: 'tick' });
    expect(other.of('close')).toEqual([{ kind: 'close', reason: 'idle' }]);
  });

  it('stays under the difficulty of the network where that is wanted', () => {
    const driver = ready.v1(
      startDriver({ ceilingByNetwork: true, vardiff: { ...coreEnv().vardiff, initialDifficulty: 1e6 } }),
    );
    expect(driver.session.vardiff.difficulty).toBe(65536);
    offer(driver, { jobKey: 2, networkTarget: 0xffffn << 200n });
    expect(driver.session.vardiff.difficulty).toBe(256);
  });

  it('gives one header under at most 256 terms, and keeps as many jobs as it may', () => {
    const driver = ready.v1(startDriver());
    driver.call(3, 'mining.extranonce.subscribe', []);
    for (let i = 0; i < 300; i++) {
      driver.event({ kind: 're-leased', lease: lease({ extranonce1: Uint8Array.of(1, i >> 8, i & 255) }) });
    }
    expect(driver.session.jobs.length).toBe(MAX_JOBS_PER_SESSION);
    expect(driver.sent.filter(({ method }) => method === 'mining.notify').length).toBe(256);
  });
});

describe('stratum1', () => {
  it('tells header, seed and target with 0x, and takes the whole nonce with the mix', () => {
    const driver = ready.stratum1(startDriver());
    expect(driver.sent).toEqual([
      { id: 1, result: true, error: null },
      { id: 2, result: true, error: null },
      {
        id: null,
        method: 'mining.notify',
        params: ['1a00', `0x${HEADER}`, `0x${SEED}`, `0x${TARGET_1}`, true],
      },
    ]);
    const submit = (id: number, over: Record<number, unknown> = {}): Sent[] => {
      const params = [`${WALLET}.rig`, '1a00', `0x${NONCE}`, `0x${HEADER}`, `0x${MIX}`];
      return driver.call(id, 'mining.submit', Object.assign(params, over));
    };
    expect(submit(4)).toEqual([]);
    expect(shares(driver)[0]).toMatchObject({
      version: 0x77530000,
      nonce: 0x094a7c09,
      extranonce: new Uint8Array(),
    });
    driver.judge();
    const refused = (over: Record<number, unknown>): unknown =>
      (submit(5, over)[0]?.error as unknown[] | undefined)?.[1];
    expect(refused({})).toBe('Duplicate share');
    expect(refused({ 2: '0x1' })).toBe('Nonce has the wrong length or is not hex');
    expect(refused({ 3: `0x${MIX}` })).toBe('Header hash is not that of the job');
    expect(refused({ 2: `0x${'1'.repeat(16)}`, 4: '0x00' })).toBe('Mix hash is not 64 hex digits');
    expect(refused({ 0: 'nobody' })).toBe('Worker is not authorized on this connection');
    expect(sentBy(driver.event({ kind: 're-leased', lease: lease() }))).toEqual([]);
  });
});

describe('EthereumStratum/2.0.0', () => {
  const lines = (driver: Driver): string[] => linesOf(driver.effects);

  it('greets, settles and gives work in the words of the proposal', () => {
    expect(lines(ready.v2(startDriver()))).toEqual([
      '{"id":0,"result":{"proto":"EthereumStratum/2.0.0","encoding":"plain","resume":"1","timeout":"b4","maxerrors":"a","node":"otedama/test"}}',
      '{"id":1,"result":"cafebabe00000001"}',
      '{"id":2,"result":"w-1"}',
      `{"method":"mining.set","params":{"epoch":"c3","target":"${TARGET_1}","algo":"etchash","extranonce":"a00001"}}`,
      `{"method":"mining.notify","params":["1a00","b28720","${HEADER}","1"]}`,
    ]);
  });

  it('tells only what has changed', () => {
    const driver = ready.v2(startDriver());
    expect(offer(driver, { jobKey: 0x1b, headerHash: headerOf(9), cleanJobs: false })).toEqual([
      { method: 'mining.notify', params: ['1b00', 'b28720', encodeHex(headerOf(9)), '0'] },
    ]);
    expect(offer(driver, { jobKey: 0x1c, epoch: 196 })[0]?.params).toEqual({ epoch: 'c4' });
    const next = lease({ extranonce1: Uint8Array.of(0, 0, 2) });
    expect(sentBy(driver.event({ kind: 're-leased', lease: next }))[0]?.params).toEqual({
      extranonce: '000002',
    });
  });

  it('takes shares by token, fills up the zeros of the nonce, and answers in few words', () => {
    const driver = ready.v2(startDriver());
    const submit = (id: number, rest: string, token = 'w-1', job = '1a00'): string[] =>
      driver.call(id, 'mining.submit', [job, rest, token]).map((sent) => JSON.stringify(sent));
    expect(submit(31, '94a7c09')).toEqual([]);
    expect([shares(driver)[0]?.version, shares(driver)[0]?.nonce]).toEqual([0xa0000100, 0x094a7c09]);
    expect(driver.judge()).toEqual([{ id: 31 }]);
    expect(submit(32, '00094a7c09')).toEqual(['{"id":32,"error":{"code":409,"message":"Duplicate share"}}']);
    submit(33, '1');
    expect(errorOf(driver.judge('low-difficulty'))).toBe(406);
    expect(submit(34, '2', 'w-1', 'ff00')).toEqual([
      '{"id":34,"error":{"code":404,"message":"Job not found"}}',
    ]);
    expect(submit(35, '2', 'w-2')[0]).toContain('"code":301');
    expect(submit(36, '111111111111')[0]).toContain('"code":400');
    offer(driver, { jobKey: 0x1b, headerHash: headerOf(9) });
    expect(submit(37, '3')[0]).toContain('"code":202');
  });

  it('gives the same token to the same worker, and another to another', () => {
    const driver = ready.v2(startDriver());
    const token = (user: string): unknown => driver.call(5, 'mining.authorize', [user, 'x'])[0]?.result;
    expect([token(`${WALLET}.two`), token(`${WALLET}.rig`), token(`${WALLET}.two`)]).toEqual([
      'w-2',
      'w-1',
      'w-2',
    ]);
    expect(errorOf(driver.call(6, 'mining.authorize', ['nobody', 'x']))).toBe(301);
    driver.call(7, 'mining.submit', ['1a00', '5', 'w-2']);
    expect(shares(driver)[0]?.account.worker).toBe('two');
    driver.judge();
    expect(driver.call(16, 'mining.hashrate', ['500000', 'w-1'])).toEqual([{ id: 16 }]);
    expect(driver.call(50, 'mining.noop')).toEqual([{ id: 50 }]);
    expect(driver.session.hashrateHs).toBe(0x500000);
  });

  it('resumes a session with its workers, difficulty and shares, without a word about them', () => {
    const env = startPool();
    const before = ready.v2(new Driver(env), 'sd=8');
    before.call(3, 'mining.submit', ['1a00', '5', 'w-1']);
    before.judge();
    before.event({ kind: 'disconnected' });
    const after = new Driver(env);
    after.call(0, 'mining.hello', { proto: 'EthereumStratum/2.0.0' });
    const kept = lease({ estate: estateOf(before.session) });
    const sent = after.call(1, 'mining.subscribe', kept.sessionId, kept);
    expect(after.of('lease')).toEqual([{ kind: 'lease', sessionId: kept.sessionId }]);
    expect(methodsOf(sent)).toEqual([undefined, 'mining.set', 'mining.notify']);
    expect(after.session.vardiff.difficulty).toBe(8);
    expect(errorOf(after.call(2, 'mining.submit', ['1a00', '5', 'w-1']))).toBe(409);
    expect(after.call(3, 'mining.submit', ['1a00', '6', 'w-1'])).toEqual([]);
    // Another session id is another session: nothing comes back.
    const stranger = new Driver(env);
    stranger.call(0, 'mining.hello', { proto: 'EthereumStratum/2.0.0' });
    stranger.call(1, 'mining.subscribe', 'gone', lease({ sessionId: 'other' }));
    expect(errorOf(stranger.call(2, 'mining.submit', ['1a00', '7', 'w-1']))).toBe(301);
  });

  it('gives a session up when its miner says goodbye', () => {
    const driver = ready.v2(startDriver());
    expect(driver.session.env.roster.names).toBe(1);
    expect(driver.line('{"method":"mining.bye"}')).toEqual([]);
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'left' }]);
    expect(driver.session.env.roster.names).toBe(0);
  });

  it('says where else to go when there is such a place', () => {
    const driver = ready.v2(startDriver());
    const target = { host: 'pool.example', port: 0xd80 };
    expect(linesOf(driver.event({ kind: 'reconnect', target, waitSeconds: 1 }))).toEqual([
      '{"method":"mining.reconnect","params":{"host":"pool.example","port":"d80","resume":"1"}}',
    ]);
    expect(linesOf(driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 1 }))).toEqual([]);
  });

  it('wants a subscription before workers', () => {
    const driver = startDriver();
    driver.call(0, 'mining.hello', { proto: 'EthereumStratum/2.0.0' });
    expect(errorOf(driver.call(1, 'mining.authorize', [WALLET, 'x']))).toBe(300);
    expect(errorOf(driver.call(2, 'mining.submit', ['1a00', '5', 'w-1']))).toBe(300);
  });
});
