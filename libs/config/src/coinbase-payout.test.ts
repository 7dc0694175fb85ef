/** Which pools may pay their miners by the coinbase of their blocks. */
import { goodPool } from './load.fixtures.ts';
import { type LoadResult, formatProblems, loadConfig } from './index.ts';

const load = (text: string): LoadResult =>
  loadConfig({ file: '/etc/otedama/pool.yaml', text, env: {}, defaults: { dataDir: '/data', cores: 8 } });

const payoutOf = (text: string) => {
  const result = load(text);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config.pools[0]?.coinbasePayout;
};

const problemOf = (text: string): string => {
  const result = load(text);
  return result.ok ? '' : formatProblems(result.problems, 'pool.yaml');
};

const MONERO = `pool:
  coin: monero
  network: stagenet
  payout_address: 59McWTPGc745SRWrSMoh8oTjoXoQq6sPUgKZ66dQWXuKFQ2q19h9gvhJNZcFTizcnT12r63NFgHiGd6gBCjabzmzHAMoyD6
  daemons: [{ url: "http://127.0.0.1:38081" }]
  payout_in_coinbase: true
`;

describe('payout_in_coinbase', () => {
  it('is off unless it is asked for, and keeps to what most firmware takes', () => {
    expect(payoutOf(goodPool())).toBeUndefined();
    expect(payoutOf(goodPool('  payout_in_coinbase: true'))).toEqual({ maxCoinbaseBytes: 750 });
    expect(payoutOf(goodPool('  payout_in_coinbase: true', '  coinbase_max_bytes: 2250'))).toEqual({
      maxCoinbaseBytes: 2250,
    });
    expect(payoutOf('pool: { payout_in_coinbase: true }')).toEqual({ maxCoinbaseBytes: 750 });
  });

  it('is refused where a coinbase cannot know its payees before the block', () => {
    expect(problemOf(goodPool('  payout_in_coinbase: true', '  scheme: solo'))).toMatch(
      /payout_in_coinbase: needs the scheme pplns/,
    );
    expect(problemOf(goodPool('  payout_in_coinbase: true', '  window: 2h'))).toMatch(
      /payout_in_coinbase: needs a window in network blocks/,
    );
    expect(problemOf(MONERO)).toMatch(/payout_in_coinbase: is for coins of Bitcoin's family: Monero is paid/);
  });

  it('is the one way in which a pool pays its own coin', () => {
    const text = goodPool('  payout_in_coinbase: true', '  payouts: { enable: true }');
    expect(problemOf(text)).toMatch(/payouts: cannot stand beside payout_in_coinbase/);
    expect(problemOf(goodPool('  payout_in_coinbase: true', '  wallet: {}'))).toMatch(
      /wallet: cannot stand beside payout_in_coinbase/,
    );
  });

  it('is not half asked for', () => {
    expect(problemOf(goodPool('  coinbase_max_bytes: 2250'))).toMatch(
      /coinbase_max_bytes: has no effect without payout_in_coinbase: true/,
    );
  });
});
