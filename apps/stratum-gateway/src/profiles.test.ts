/** Profiles as an operator writes them, from the file to what miners are told. */
import { formatProblems, loadConfig } from '@otedama/config';
import type { PoolConfig } from '@otedama/config';
import { ADDRESS } from './testing/test-miner.ts';
import { POOL, TestGateway } from './testing/test-gateway.ts';
import { cryptonoteTemplate } from './testing/templates.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const VARDIFF = {
  initialDifficulty: 64,
  minimumDifficulty: 1,
  maximumDifficulty: 1e12,
  targetShareIntervalMs: 10_000,
  retargetIntervalMs: 30_000,
};

/** The one pool of a file. */
const poolOf = (...lines: readonly string[]): PoolConfig => {
  const text = ['pool:', `  id: ${POOL}`, '  stratum: { address: "127.0.0.1:0" }', ...lines].join('\n');
  const result = loadConfig({ text, env: {}, defaults: { dataDir: '/data', cores: 1 } });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  const [pool] = result.config.pools;
  if (pool === undefined) throw new Error('no pool');
  return pool;
};

const bitcoinPool = (...profiles: readonly string[]): PoolConfig =>
  poolOf(
    '  coin: bitcoin',
    '  network: regtest',
    `  payout_address: ${ADDRESS}`,
    '  daemons: [{ url: "http://127.0.0.1:18443", user: rpc, password: secret }]',
    '  profiles:',
    ...profiles.map((profile) => `    - ${profile}`),
  );

describe('profiles of the configuration', () => {
  const difficultyOf = async (agent: string): Promise<unknown> => {
    const miner = gateway.connect();
    await miner.call('mining.subscribe', [agent]);
    await miner.call('mining.authorize', [`${ADDRESS}.rig`, 'd=1']);
    return (await miner.notification('mining.set_difficulty')).params?.[0];
  };

  it('decide before those that are built in, the first that fits before the others', async () => {
    const pool = bitcoinPool(
      '{ agent: NiceHash/2, minimum_difficulty: 1000000 }',
      '{ agent: "*hash/", minimum_difficulty: 2000 }',
      '{ agent: "*cash", minimum_difficulty: 3000 }',
    );
    gateway = await new TestGateway({ pools: [pool], stratum: { vardiff: VARDIFF } }).start();
    expect(await difficultyOf('NiceHash/2.0')).toBe(1_000_000);
    expect(await difficultyOf('NiceHash/1.0')).toBe(2000);
    expect(await difficultyOf('CashHash/1')).toBe(2000);
    expect(await difficultyOf('cash/1')).toBe(3000);
    expect(await difficultyOf('cgminer/4')).toBe(1);
  });

  it('set where difficulty starts, which bits roll and how long a user name may be', async () => {
    const pool = bitcoinPool(
      '{ agent: newminer, hashrate: 1TH/s, version_mask: "00ffe000", max_user_chars: 46, name: The new one }',
    );
    gateway = await new TestGateway({ pools: [pool], stratum: { vardiff: VARDIFF } }).start();
    const miner = gateway.connect();
    await miner.call('mining.subscribe', ['NewMiner/0.1']);
    const rolling = ['version-rolling'];
    expect(
      (await miner.call('mining.configure', [rolling, { 'version-rolling.mask': 'ffffffff' }])).result,
    ).toEqual({
      'version-rolling': true,
      'version-rolling.mask': '00ffe000',
    });
    const refused = await miner.call('mining.authorize', [`${ADDRESS}.rig`, 'x']);
    expect(refused.error?.[1]).toMatch(/The new one firmware takes user names of at most 46/);
    await miner.call('mining.authorize', [ADDRESS, 'x']);
    // 10^12 hashes a second for 10 s, over the 4295032833 of difficulty 1.
    expect((await miner.notification('mining.set_difficulty')).params).toEqual([2328]);
  });

  it('keep a job from firmware that does not survive its coinbase', async () => {
    const pool = bitcoinPool('{ agent: small, max_coinbase_bytes: 100 }');
    gateway = await new TestGateway({ pools: [pool], stratum: { vardiff: VARDIFF } }).listen();
    gateway.offer({ coinbasePrefix: new Uint8Array(120) });
    const miner = gateway.connect();
    await miner.call('mining.subscribe', ['small/1']);
    await miner.call('mining.authorize', [ADDRESS, 'x']);
    expect((await miner.notification('client.show_message')).params?.[0]).toMatch(/small firmware takes 100/);
    expect(miner.inbox.filter(({ method }) => method === 'mining.notify')).toEqual([]);
  });

  it('raise the difficulty of Monero miners, before and after what is built in', async () => {
    const address =
      '59McWTPGc745SRWrSMoh8oTjoXoQq6sPUgKZ66dQWXuKFQ2q19h9gvhJNZcFTizcnT12r63NFgHiGd6gBCjabzmzHAMoyD6';
    const pool = poolOf(
      '  coin: monero',
      '  network: stagenet',
      `  payout_address: ${address}`,
      '  daemons: [{ url: "http://127.0.0.1:38081" }]',
      '  profiles: [{ agent: NiceHash/2, minimum_difficulty: 500000 }]',
    );
    const createBlobTemplate = () => ({ hashingBlob: () => Buffer.alloc(76) });
    gateway = await new TestGateway({
      pools: [pool],
      stratum: { vardiff: VARDIFF },
      createBlobTemplate,
    }).listen();
    gateway.publish(cryptonoteTemplate());
    const targetFor = async (agent: string): Promise<unknown> => {
      const { result } = await gateway.connect().call('login', { login: address, pass: 'x', agent });
      return (result as { job: { target: unknown } }).job.target;
    };
    const target = (difficulty: number): string => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(Math.floor(0xffffffff / difficulty));
      return bytes.toString('hex');
    };
    expect(await targetFor('NiceHash/2.0')).toBe(target(500_000));
    expect(await targetFor('NiceHash/1.0')).toBe(target(280_000));
    expect(await targetFor('XMRig/6')).toBe(target(64));
  });
});
