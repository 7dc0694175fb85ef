import { formatPrefix } from '@otedama/edge';
import { type Config, type LoadResult, formatProblems, loadConfig } from './index.ts';

const load = (text: string, env: Readonly<Record<string, string>> = {}): LoadResult =>
  loadConfig({
    file: '/etc/otedama/pool.yaml',
    text,
    env,
    defaults: { dataDir: '/var/lib/otedama', cores: 2 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });

const loaded = (text: string, env: Readonly<Record<string, string>> = {}): Config => {
  const result = load(text, env);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
};

const problemsOf = (text: string): string[] => {
  const result = load(text);
  return result.ok ? ['was accepted'] : formatProblems(result.problems, 'pool.yaml').split('\n');
};

describe('defence', () => {
  it('needs no thought: nobody is believed about addresses, and everybody has a budget', () => {
    expect(loaded('').defence).toEqual({
      allow: [],
      deny: [],
      onlyAllowed: false,
      proxyProtocol: { trusted: [], required: true },
      address: {
        connections: 512,
        connectionsPerSecond: 50,
        workers: 1024,
        accounts: 256,
        messagesPerSecond: 1_000,
        bytesPerSecond: 1_048_576,
      },
      network: { connections: 4_096, connectionsPerSecond: 200 },
      session: { messagesPerSecond: 20, bytesPerSecond: 16_384 },
      handshakeShare: 0.8,
      reserveShare: 0.1,
      lineTimeMs: 30_000,
      sendTimeMs: 60_000,
      memoryBytes: 256 * 1024 * 1024,
      bans: { enabled: true, invalidShares: 1_000, shortestMs: 60_000, longestMs: 3_600_000 },
    });
  });

  it('takes ranges as a list and as a text, which a variable can hold', () => {
    const text = 'defence:\n  allow: [127.0.0.0/8, "::1"]\n  deny: "192.0.2.7, 2001:db8::/32"\n';
    const variables = { OTEDAMA_DEFENCE_PROXY_PROTOCOL_TRUSTED: '10.0.0.1, 10.0.1.0/24' };
    const { allow, deny, proxyProtocol } = loaded(text, variables).defence;
    expect([allow, deny, proxyProtocol.trusted].map((list) => list.map(formatPrefix))).toEqual([
      ['127.0.0.0/8', '::1'],
      ['192.0.2.7', '2001:db8::/32'],
      ['10.0.0.1', '10.0.1.0/24'],
    ]);
  });

  it('bans no longer than the longest, and no shorter than the shortest', () => {
    const { bans } = loaded('defence: { bans: { shortest: 2h } }').defence;
    expect([bans.shortestMs, bans.longestMs]).toEqual([7_200_000, 7_200_000]);
    expect(problemsOf('defence: { bans: { longest: 30s } }').join()).toContain('is below "shortest"');
  });

  it('gives a network no less than its address where only that is said', () => {
    const { network } = loaded(
      'defence: {address: {connections: 9000, connections_per_second: 900}}',
    ).defence;
    expect(network).toEqual({ connections: 9_000, connectionsPerSecond: 900 });
  });

  it.each([
    ['deny: 10.0.0.1/8', /defence\.deny: "10\.0\.0\.1\/8" is not a list of addresses or ranges/],
    ['deny: [10.0.0.0/8, farm.example.com]', /defence\.deny/],
    ['only_allowed: true', /defence\.only_allowed: lets in nobody, since "allow" is empty/],
    [
      'proxy_protocol: {trusted: 0.0.0.0/0}',
      /defence\.proxy_protocol\.trusted: lets anybody pass for anybody/,
    ],
    ['proxy_protocol: {trusted: "::/0"}', /lets anybody pass for anybody/],
    ['network: {connections: 100}', /defence\.network\.connections: is below that of one address/],
    ['network: {connections_per_second: 10}', /connections_per_second: is below that of one address/],
    ['reserve_percentage: 95', /defence\.reserve_percentage/],
  ])('does not take %s', (section, problem) => {
    expect(problemsOf(`defence: {${section}}`).join('\n')).toMatch(problem);
  });
});
