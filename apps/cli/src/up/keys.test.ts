import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND, parseAddress } from '@otedama/chain-params';
import { playgroundAddresses } from './keys.ts';

describe('playground keys', () => {
  const dir = mkdtempSync(join(tmpdir(), 'otedama-keys-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('makes two payable addresses, privately, and gives the same ones after a restart', () => {
    const file = join(dir, 'playground/keys.json');
    const first = playgroundAddresses(file, BITCOIN_PLAYGROUND);
    expect(first.pool).not.toBe(first.miner);
    expect(parseAddress(BITCOIN_PLAYGROUND, first.pool)).toMatchObject({ ok: true });
    expect(parseAddress(BITCOIN_PLAYGROUND, first.miner)).toMatchObject({ ok: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(playgroundAddresses(file, BITCOIN_PLAYGROUND)).toEqual(first);
  });

  it('gives the address that belongs to a known key', () => {
    const file = join(dir, 'known.json');
    // Private key 1: the public key is the generator point (BIP173's example address has the same program).
    writeFileSync(file, JSON.stringify({ poolKey: `${'0'.repeat(63)}1`, minerKey: `${'0'.repeat(63)}2` }));
    const parsed = parseAddress(BITCOIN_PLAYGROUND, playgroundAddresses(file, BITCOIN_PLAYGROUND).pool);
    expect(parsed.ok && Buffer.from(parsed.scriptPubKey).toString('hex')).toBe(
      '0014751e76e8199196d454941c45d1b3a323f1433bd6',
    );
  });

  it('never overwrites keys that it cannot read', () => {
    const file = join(dir, 'broken.json');
    writeFileSync(file, '{"poolKey": 1}');
    expect(() => playgroundAddresses(file, BITCOIN_PLAYGROUND)).toThrow(/move it away/);
    expect(readFileSync(file, 'utf8')).toBe('{"poolKey": 1}');
  });
});
