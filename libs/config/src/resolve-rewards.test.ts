import { goodPool } from './load.fixtures.ts';
import { formatProblems, type LoadResult, loadConfig, type PoolConfig } from './index.ts';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

const load = (text: string): LoadResult =>
  loadConfig({
    file: 'pool.yaml',
    text,
    env: {},
    defaults: { dataDir: '/data', cores: 1 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });

const poolOf = (text: string): PoolConfig | undefined => {
  const result = load(text);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config.pools[0];
};

describe('rewards', () => {
  it.each(['pplns', 'prop', 'solo', 'pps', 'fpps'])('can be shared by %s', (scheme) => {
    expect(poolOf(goodPool(`  scheme: ${scheme.toUpperCase()}`))?.scheme).toBe(scheme);
  });

  it('have parts of the fee given away, and a bankroll in coins', () => {
    const pool = poolOf(
      goodPool(
        '  scheme: pps',
        '  fee_percentage: 2',
        '  splits:',
        `    - { address: ${ADDRESS.toUpperCase()}, basis_points: 25 }`,
        '  bankroll: { floor: 0.5, ruin_probability: 0.01 }',
      ),
    );
    expect(pool?.splits).toEqual([{ address: ADDRESS, basisPoints: 25 }]);
    expect(pool?.bankroll).toEqual({ floorAtomic: 50_000_000n, ruinProbability: 0.01 });
  });

  it('have no part given away and a bankroll without a floor when nothing is said', () => {
    expect(poolOf(goodPool())).toMatchObject({
      splits: [],
      bankroll: { floorAtomic: 0n, ruinProbability: 0.001 },
    });
  });

  it('by share that leave the operator nothing are warned of', () => {
    const result = load(goodPool('  scheme: pps', '  fee_percentage: 0'));
    expect(result.ok && formatProblems(result.warnings, 'pool.yaml')).toBe(
      'pool.yaml:10:19: pool.fee_percentage: leaves the operator nothing: pps then ends in ruin with any bankroll',
    );
  });

  it('with fees are refused where no template tells the fees', () => {
    const text = [
      'pool:',
      '  coin: ethereum-classic',
      '  payout_address: "0x52908400098527886E0F7030069857D2E4169EE7"',
      '  scheme: fpps',
      '  daemons:',
      '    - url: http://127.0.0.1:8545',
      '',
    ].join('\n');
    const result = load(text);
    expect(!result.ok && formatProblems(result.problems, 'pool.yaml')).toBe(
      "pool.yaml:4:11: pool.scheme: cannot be fpps: Ethereum Classic's nodes do not tell a block's fees before it is found (allowed: pps)",
    );
  });
});
