/** Payout addresses of the test chain, and the addresses of this machine that people connect from. */
import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';

const PROGRAM_BYTES = 20;

export const payoutAddress = (number: number): string => {
  const program = Buffer.alloc(PROGRAM_BYTES, 0x5a);
  program.writeUInt32BE(number);
  return encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, program);
};

/** All of 127.0.0.0/8 is this machine: 127.`block`.x.y, of which no two attacks have the same. */
const ATTACKER_ADDRESSES = 500;
const PER_PREFIX = 250;
const FIRST_ATTACK_BLOCK = 16;

export const attackerAddresses = (attack: number): readonly string[] =>
  Array.from(
    { length: ATTACKER_ADDRESSES },
    (_, at) => `127.${FIRST_ATTACK_BLOCK + attack}.${Math.floor(at / PER_PREFIX)}.${1 + (at % PER_PREFIX)}`,
  );

export const minerAddress = (number: number): string => `127.1.0.${1 + number}`;
export const newcomerAddress = (number: number): string => `127.1.1.${1 + (number % PER_PREFIX)}`;
export const readerAddress = (number: number): string => `127.1.2.${1 + number}`;
export const viewerAddress = (number: number): string => `127.1.3.${1 + number}`;
export const probeAddress = '127.1.4.1';
