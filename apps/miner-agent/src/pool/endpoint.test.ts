import { backoffMs } from './backoff.ts';
import { dialectOf } from './dialect.ts';
import { parsePoolUrl } from './endpoint.ts';

const TIMEOUTS = { handshakeTimeoutMs: 1, replyTimeoutMs: 1, silenceTimeoutMs: 1 };

describe('pool URLs', () => {
  it.each([
    ['stratum+tcp://pool.example:3333', { host: 'pool.example', port: 3333, tls: false }],
    ['stratum+ssl://pool.example:443/', { host: 'pool.example', port: 443, tls: true }],
    ['STRATUM+TLS://[::1]:3333', { host: '::1', port: 3333, tls: true }],
    ['stratum+tcp://127.0.0.1:1', { host: '127.0.0.1', port: 1, tls: false }],
    ['http://pool.example:3333', undefined],
    ['stratum+tcp://pool.example', undefined],
    ['stratum+tcp://pool.example:0', undefined],
    ['stratum+tcp://pool.example:65536', undefined],
    ['stratum+tcp://user@pool.example:3333/x', undefined],
  ])('%s', (url, endpoint) => {
    expect(parsePoolUrl(url)).toEqual(endpoint && { scheme: 'stratum', endpoint });
  });

  it('name a dialect of Ethash by their scheme', () => {
    const endpoint = { host: 'pool.example', port: 3333, tls: true };
    expect(parsePoolUrl('stratum1+ssl://pool.example:3333')).toEqual({ scheme: 'stratum1', endpoint });
    expect(parsePoolUrl('Stratum2+TLS://pool.example:3333')).toEqual({ scheme: 'stratum2', endpoint });
    expect(parsePoolUrl('stratum3+tcp://pool.example:3333')).toBeUndefined();
    const handshakes = (['stratum', 'stratum1', 'stratum2'] as const).map((scheme) => {
      const options = { user: 'u', password: 'x', agent: 'a', versionMask: 0, ...TIMEOUTS };
      const effects = dialectOf('etchash', scheme)?.open(options).step({ kind: 'connected' }, 0);
      const [first] = effects ?? [];
      return first?.kind === 'send' ? (JSON.parse(first.line) as { method: string }).method : undefined;
    });
    expect(handshakes).toEqual(['mining.subscribe', 'eth_submitLogin', 'mining.subscribe']);
    for (const algorithm of ['sha256d', 'kawpow', 'randomx'] as const) {
      expect(dialectOf(algorithm, 'stratum')).toBeDefined();
      expect(dialectOf(algorithm, 'stratum1')).toBeUndefined();
    }
  });
});

describe('backoff', () => {
  it('doubles up to its limit, spread over the upper half', () => {
    const limits = { minMs: 1_000, maxMs: 60_000 };
    const waits = [0, 1, 2, 6, 1_000].map((attempt) => [
      backoffMs(attempt, limits, () => 0),
      backoffMs(attempt, limits, () => 1),
    ]);
    expect(waits).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [30_000, 60_000],
      [30_000, 60_000],
    ]);
  });
});
