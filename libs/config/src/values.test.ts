import fc from 'fast-check';
import {
  parseBasisPoints,
  parseDaemonUrl,
  parseDatabaseUrl,
  parseDurationMs,
  parseHashrateHs,
  parseListenAddress,
  parsePriority,
  parseRatePerSecond,
  parseRewardWindow,
  parseStratumUrl,
  parseVersionMask,
  parseZmqUrl,
} from './values.ts';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '5', 's', '5 s', '-5s', '0s', '5x', '5s!', '1e3s', '0.0001ms', '99999999d', 'h'.repeat(5000)])(
    'refuses %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('refuses a number, which has no unit', () => {
    expect(parseDurationMs(5)).toBeUndefined();
    expect(parseDurationMs(true)).toBeUndefined();
  });
});

describe('percentages', () => {
  it('are exact for every basis point, as number and as text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (basisPoints) => {
        const text = `${Math.floor(basisPoints / 100)}.${String(basisPoints % 100).padStart(2, '0')}`;
        expect(parseBasisPoints(text)).toBe(basisPoints);
        expect(parseBasisPoints(`${text}%`)).toBe(basisPoints);
        expect(parseBasisPoints(Number(text))).toBe(basisPoints);
      }),
    );
  });

  it.each(['', '-1', '100.01', '0.333', '1,5', '1e1', 'one', '.5'])('refuses %j', (text) => {
    expect(parseBasisPoints(text)).toBeUndefined();
  });
});

describe('listen addresses', () => {
  it.each([
    [':3333', { host: '0.0.0.0', port: 3333 }],
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['pool.example:0', { host: 'pool.example', port: 0 }],
  ])('%s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['', '3333', 'localhost', 'a:b', 'a:70000', '::1:80', 'a b:1', 'http://a:1', ':', ':-1'])(
    'refuses %j',
    (text) => {
      expect(parseListenAddress(text)).toBeUndefined();
    },
  );

  it('refuses a number', () => {
    expect(parseListenAddress(8080)).toBeUndefined();
  });
});

describe('the other values', () => {
  it('reads windows', () => {
    expect(parseRewardWindow('2h')).toEqual({ kind: 'time', durationMs: 7_200_000 });
    expect(parseRewardWindow(3)).toEqual({ kind: 'work', networkBlocks: 3 });
    expect(parseRewardWindow('3')).toEqual({ kind: 'work', networkBlocks: 3 });
    for (const bad of [0, 0.5, 10_001, 'soon', true]) expect(parseRewardWindow(bad)).toBeUndefined();
  });

  it('reads rates per minute, per second and per hour', () => {
    expect(parseRatePerSecond(120)).toBe(2);
    expect(parseRatePerSecond('120/m')).toBe(2);
    expect(parseRatePerSecond('20/s')).toBe(20);
    expect(parseRatePerSecond('3600 / h')).toBe(1);
    expect(parseRatePerSecond(0)).toBe(0);
    for (const bad of [-1, 1.5, '5/d', 'x', true]) expect(parseRatePerSecond(bad)).toBeUndefined();
  });

  it('reads hash rates', () => {
    expect(parseHashrateHs('50kH/s')).toBe(50_000);
    expect(parseHashrateHs('13.5 TH/s')).toBe(13.5e12);
    expect(parseHashrateHs('1H/s')).toBe(1);
    for (const bad of [50, '50', '0H/s', '1TH', '1KH/s', '-1H/s', '1e3H/s', true]) {
      expect(parseHashrateHs(bad)).toBeUndefined();
    }
  });

  it('reads version masks, not numbers that only look like one', () => {
    expect(parseVersionMask('1FFFe000')).toBe(0x1fffe000);
    expect(parseVersionMask('ffffffff')).toBe(0xffffffff);
    for (const bad of [20_000_000, '1fffe00', '0x1fffe0', '', true]) {
      expect(parseVersionMask(bad)).toBeUndefined();
    }
  });

  it('reads priorities', () => {
    expect(parsePriority('Normal')).toBe(0);
    expect(parsePriority(19)).toBe(19);
    for (const bad of [20, 1.5, 'urgent', 'constructor', true]) expect(parsePriority(bad)).toBeUndefined();
  });

  it('reads URLs of daemons without credentials', () => {
    expect(parseDaemonUrl('http://127.0.0.1:8332/')).toBe('http://127.0.0.1:8332');
    expect(parseDaemonUrl('https://node.example/wallet/pool')).toBe('https://node.example/wallet/pool');
    for (const bad of ['127.0.0.1:8332', 'ftp://a', 'http://u:p@a', 'http://a/?x', 5]) {
      expect(parseDaemonUrl(bad)).toBeUndefined();
    }
  });

  it('reads addresses of publishers, pools and databases', () => {
    expect(parseZmqUrl('tcp://127.0.0.1:28332')).toBe('tcp://127.0.0.1:28332');
    expect(parseZmqUrl('ipc:///tmp/x')).toBeUndefined();
    expect(parseStratumUrl('stratum+tcp://[::1]:3333')).toBe('stratum+tcp://[::1]:3333');
    for (const bad of ['pool.example:3333', 'stratum+tcp://pool.example', 'stratum+udp://a:1']) {
      expect(parseStratumUrl(bad)).toBeUndefined();
    }
    expect(parseDatabaseUrl('postgres://pool@db:5432/otedama')).toBe('postgres://pool@db:5432/otedama');
    for (const bad of ['postgres://db', 'mysql://db/x', 'db', 5])
      expect(parseDatabaseUrl(bad)).toBeUndefined();
  });
});
