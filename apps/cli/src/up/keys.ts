/**
 * Addresses for the playground: the pool's wallet and the local miner. The keys are kept in the data
 * directory (mode 0600) and never leave it; a configured pool always names its own address instead.
 */
import { createECDH, createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type BitcoinCoin, encodeWitnessAddress } from '@otedama/chain-params';
import { z } from 'zod';
import { CommandFailure } from '../failure.ts';

const hexKey = z.string().regex(/^[0-9a-f]{64}$/);
const keysSchema = z.strictObject({ poolKey: hexKey, minerKey: hexKey });
type Keys = z.infer<typeof keysSchema>;

export interface PlaygroundAddresses {
  readonly pool: string;
  readonly miner: string;
}

const newKey = (): string => {
  const ecdh = createECDH('secp256k1');
  ecdh.generateKeys();
  return ecdh.getPrivateKey('hex').padStart(64, '0');
};

/** P2WPKH address of a private key. */
const addressOf = (coin: BitcoinCoin, privateKey: string): string => {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(privateKey, 'hex');
  const sha = createHash('sha256').update(ecdh.getPublicKey(null, 'compressed')).digest();
  return encodeWitnessAddress(coin, 0, createHash('ripemd160').update(sha).digest());
};

const readKeys = (file: string): Keys | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return keysSchema.parse(JSON.parse(text));
  } catch (cause) {
    // Writing new keys over unreadable ones would strand what they own.
    throw new CommandFailure(
      `${file} does not hold playground keys; move it away to start with new ones`,
      1,
      { cause },
    );
  }
};

export const playgroundAddresses = (file: string, coin: BitcoinCoin): PlaygroundAddresses => {
  let keys = readKeys(file);
  if (keys === undefined) {
    keys = { poolKey: newKey(), minerKey: newKey() };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
  }
  return { pool: addressOf(coin, keys.poolKey), miner: addressOf(coin, keys.minerKey) };
};
