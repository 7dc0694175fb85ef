/** What an operator may write of miners' software, and what is refused. */
import { goodPool } from './load.fixtures.ts';
import { type LoadResult, type MinerProfile, formatProblems, loadConfig } from './index.ts';

const load = (text: string): LoadResult =>
  loadConfig({ file: '/etc/otedama/pool.yaml', text, env: {}, defaults: { dataDir: '/data', cores: 8 } });

const profilesOf = (text: string): readonly MinerProfile[] | undefined => {
  const result = load(text);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config.pools[0]?.profiles;
};

const problemsOf = (text: string): string[] => {
  const result = load(text);
  return result.ok ? [] : formatProblems(result.problems, 'pool.yaml').split('\n');
};

const MONERO = `pool:
  coin: monero
  network: stagenet
  payout_address: 59McWTPGc745SRWrSMoh8oTjoXoQq6sPUgKZ66dQWXuKFQ2q19h9gvhJNZcFTizcnT12r63NFgHiGd6gBCjabzmzHAMoyD6
  daemons: [{ url: "http://127.0.0.1:38081" }]
`;

describe('profiles', () => {
  it('may say everything that the pool knows of software, or one thing', () => {
    const text = goodPool(
      '  profiles:',
      '    - agent: "*farm"',
      '      name: Our farm',
      '      minimum_difficulty: 0.5',
      '      hashrate: 13.5TH/s',
      '      max_coinbase_bytes: 750',
      '      max_user_chars: 63',
      '      version_mask: 00ffe000',
      '      takes_extranonce: true',
      '    - { agent: cgminer/4, minimum_difficulty: 1024 }',
    );
    expect(profilesOf(text)).toEqual([
      {
        name: 'Our farm',
        agent: '*farm',
        minimumDifficulty: 0.5,
        hashrateHs: 13.5e12,
        maxCoinbaseBytes: 750,
        maxUserChars: 63,
        versionMask: 0x00ffe000,
        takesExtranonce: true,
      },
      { name: 'cgminer/4', agent: 'cgminer/4', minimumDifficulty: 1024 },
    ]);
    expect(profilesOf(goodPool())).toEqual([]);
  });

  it('belong to one pool each, the playground too', () => {
    expect(profilesOf('pool: { profiles: [{ agent: "*x", max_user_chars: 40 }] }')).toEqual([
      { name: 'x', agent: '*x', maxUserChars: 40 },
    ]);
  });

  it('are refused with the line of what is wrong', () => {
    const text = goodPool(
      '  profiles:',
      '    - agent: bitaxe',
      '      version_mask: 20000000',
      '      hashrate: 400',
      '    - agent: Bitaxe',
      '      max_user_chars: 0',
      '    - minimum_difficulty: 5',
      '    - agent: quiet',
      '    - agent: x',
      '      mask: 1',
    );
    expect(problemsOf(text)).toEqual([
      'pool.yaml:11:21: pool.profiles[0].version_mask: 20000000 is not a version mask ' +
        '(allowed: "1fffe000", "00000000" for none)',
      'pool.yaml:12:17: pool.profiles[0].hashrate: 400 is not a hash rate (allowed: 50kH/s, 13.5TH/s)',
      'pool.yaml:13:14: pool.profiles[1].agent: is that of profiles[0], which comes first',
      'pool.yaml:14:23: pool.profiles[1].max_user_chars: 0 is not a whole number in range (allowed: 1 to 1024)',
      'pool.yaml:15:7: pool.profiles[2].agent: is required: a profile is found by it',
      'pool.yaml:16:7: pool.profiles[3]: says nothing about that software (allowed: minimum_difficulty, ' +
        'hashrate, max_coinbase_bytes, max_user_chars, version_mask, takes_extranonce)',
      'pool.yaml:18:7: pool.profiles[4].mask: unknown key (allowed: agent, name, minimum_difficulty, ' +
        'hashrate, max_coinbase_bytes, max_user_chars, version_mask, takes_extranonce)',
    ]);
  });

  it('say of Monero miners only what their protocol has a use for', () => {
    const text = `${MONERO}  profiles:\n    - { agent: MoneroOcean, minimum_difficulty: 1000 }\n`;
    expect(profilesOf(text)).toEqual([
      { name: 'MoneroOcean', agent: 'MoneroOcean', minimumDifficulty: 1000 },
    ]);
    expect(problemsOf(`${text}    - { agent: x, version_mask: "1fffe000" }\n`)).toEqual([
      'pool.yaml:8:33: pool.profiles[1].version_mask: has no effect on miners of Monero (allowed: minimum_difficulty)',
    ]);
  });

  it('are no more than two hundred', () => {
    const rows = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => `    - { agent: a${index}/, max_user_chars: 40 }`);
    expect(profilesOf(goodPool('  profiles:', ...rows(200)))).toHaveLength(200);
    expect(problemsOf(goodPool('  profiles:', ...rows(201)))).toEqual([
      'pool.yaml:9:3: pool.profiles: lists more than 200 profiles',
    ]);
  });
});
