import { type Config, loadConfig } from '@otedama/config';
import { minerAgentOptions } from './agent-options.ts';

const configOf = (text: string): Config => {
  const result = loadConfig({ text, env: {}, defaults: { dataDir: '/nowhere', cores: 2 } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
};

const urlsOf = (text: string): readonly string[] => {
  const config = configOf(text);
  const listening = config.pools.map(({ id, stratum }) => ({ poolId: id, ...stratum.listen }));
  return minerAgentOptions(config, listening, 'ADDRESS').upstreams.map(({ url, user }) => `${user} ${url}`);
};

describe('what our own devices mine on', () => {
  it('is the gateway of this machine', () => {
    expect(urlsOf('')).toEqual(['ADDRESS.cpu stratum+tcp://127.0.0.1:3333']);
  });

  it('is each of the gateways that are named, in their order', () => {
    expect(urlsOf('mining: {gateways: ["stratum+tcp://b:3433", "stratum+ssl://a:3333"]}\n')).toEqual([
      'ADDRESS.cpu stratum+tcp://b:3433',
      'ADDRESS.cpu stratum+ssl://a:3333',
    ]);
  });

  it('is the pool of others, where there is one', () => {
    const text = `mining: {gateways: "stratum+tcp://a:3333"}
pool: {url: "stratum+tcp://elsewhere:1", user: me}
`;
    expect(urlsOf(text)).toEqual(['me stratum+tcp://elsewhere:1']);
  });
});
