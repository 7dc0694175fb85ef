import { loadConfig } from '@otedama/config';
import { scratchDirectory } from '@otedama/test-harness';
import { planServices } from './services.ts';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const MONERO_ADDRESS =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';

describe('the services of a fleet', () => {
  const scratch = scratchDirectory('services');
  afterAll(() => scratch.remove());

  const gatewaysOfMiner = async (more = ''): Promise<string | undefined> => {
    const result = loadConfig({
      text: `
pools:
  - id: xmr
    coin: monero
    payout_address: ${MONERO_ADDRESS}
    stratum: {address: ':4000'}
    daemons: [{url: 'http://127.0.0.1:1'}]
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: ${ADDRESS}
    stratum: {address: ':3333'}
    daemons: [{url: 'http://127.0.0.1:1', user: u, password: p}]
mining: {enable: true, algorithm: sha256d}
${more}`,
      env: {},
      defaults: { dataDir: scratch.path, cores: 2 },
    });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { config } = result;
    const options = { dir: scratch.path, config, configFile: undefined, env: {}, gateways: 3, validators: 1 };
    const { specs } = await planServices(options);
    return specs.find(({ name }) => name === 'miner-agent')?.env['OTEDAMA_MINING_GATEWAYS'];
  };

  it('have a miner that knows every gateway of its pool, the first one first', async () => {
    expect(await gatewaysOfMiner()).toBe(
      'stratum+tcp://127.0.0.1:3333,stratum+tcp://127.0.0.1:3433,stratum+tcp://127.0.0.1:3533',
    );
  });

  it('have one address for all gateways that share their ports', async () => {
    expect(await gatewaysOfMiner('stratum: {reuse_port: true}')).toBe('stratum+tcp://127.0.0.1:3333');
  });
});
