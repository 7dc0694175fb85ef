import { PROFILES, findProfile } from './profiles.ts';

const ANY = Number.POSITIVE_INFINITY;

describe('profiles', () => {
  it.each([
    ['NiceHash/1.0.0', 'NiceHash', 500],
    ['nicehash/2', 'NiceHash', 500],
    ['MiningRigRentals/Test/1.0', 'Mining Rig Rentals', 750],
    ['MRR-Hash/1.0.0', 'Mining Rig Rentals', 750],
    ['Antminer S21/Fri Feb  2 17:03:40 CST 2024', 'Antminer S21', 2250],
    ['Antminer S21 Pro/Fri Aug 30 19:35:17 CST 2024', 'Antminer', 750],
    ['Antminer S21|LUXminer 2026.3.2.193145-42668da4d|BHB68606|', 'Antminer', 750],
    ['Antminer', 'Antminer', 750],
    ['bmminer/2.0.0/Antminer S9/14000', 'bmminer', 750],
    ['xminer-1.2.7', 'vnish', 16_000],
    ['2026-04-14-0-912d084c-26.04-plus;bosminer-plus-tuner 0.9.0-912d084c', 'Braiins OS', 2250],
    ['2022-09-27-0-26ba61b9-22.08.1-plus;bosminer-plus-am1-s9 0.9.0-26ba61b9', 'Braiins OS', 2250],
    ['PowerPlay-BM/1.0', 'ePIC PowerPlay', 16_000],
    ['whatsminer/v1.1', 'Whatsminer', 6500],
    ['cgminer 4.11.1 AvalonMiner', 'Avalon', 750],
    ['bitaxe/BM1370/v2.13.1', 'Bitaxe', 6500],
    ['Bitaxe', 'Bitaxe', 6500],
    ['NerdQAxe++/BM1370/v1.0.36', 'NerdQAxe', ANY],
    ['NerdAxe/BM1366/v1.0.36', 'NerdAxe', ANY],
    ['NerdMinerV2/V1.8.3', 'NerdMiner', 255],
    ['cpuminer-opt-26.1-x64L', 'cpuminer', ANY],
    ['cgminer/4.11.1', 'unknown', ANY],
    // Software that only has a marketplace in its name.
    ['cgminer/3.7.3-nicehash-3', 'unknown', ANY],
    ['', 'unknown', ANY],
  ])('%j is %s', (agent, name, maxCoinbaseBytes) => {
    expect(findProfile(agent)).toMatchObject({ name, maxCoinbaseBytes });
  });

  it('has no row that an earlier one hides', () => {
    for (const row of PROFILES) expect(findProfile(row.agent.replace('*', '')).name).toBe(row.name);
  });

  it('lets the rows of the operator win, and keeps what they do not say', () => {
    const own = [
      { name: 'our NiceHash', agent: 'NiceHash', minimumDifficulty: { sha256d: 1e6 } },
      { name: 'farm', agent: '*farm', maxUserChars: 40 },
    ];
    expect(findProfile('NiceHash/1.0.0', own)).toMatchObject({
      name: 'our NiceHash',
      maxCoinbaseBytes: 500,
      minimumDifficulty: { sha256d: 1e6 },
    });
    expect(findProfile('my Farm/3', own)).toMatchObject({ name: 'farm', maxUserChars: 40 });
    expect(findProfile('bitaxe/1', own).name).toBe('Bitaxe');
  });
});
