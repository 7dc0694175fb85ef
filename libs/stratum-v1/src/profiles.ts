/**
 * What is known of the software that connects, chosen by the name it gives itself. Data only: the session
 * reads the profile and knows no vendor. An operator's rows come before these.
 *
 * Two known quirks need no row, because what we do for everybody covers them: ids come back as the very text
 * that was sent, and the version bits of ESP-Miner (rolled XOR job, main/tasks/asic_result_task.c) are the
 * rolled bits, since templates have zeros inside the mask.
 */
import type { Algorithm } from '@otedama/chain-params';
import { fitsAgent } from '@otedama/stratum';

type ByAlgorithm = Readonly<Partial<Record<Algorithm, number>>>;

/** What a row does not say is left to later rows, and then to the defaults. */
export interface ProfileRow {
  readonly name: string;
  /** A pattern as `fitsAgent` reads it. */
  readonly agent: string;
  /** A longer coinbase is cut off, or worse. Legacy serialisation with both extranonces. */
  readonly maxCoinbaseBytes?: number;
  /** Longest user name of mining.authorize that survives the firmware. */
  readonly maxUserChars?: number;
  /** Version bits it rolls well; 0 turns version rolling off. */
  readonly versionMask?: number;
  /** Follows mining.set_extranonce without having subscribed to it. */
  readonly takesExtranonce?: boolean;
  /** Never less than this, whatever the miner asks for. */
  readonly minimumDifficulty?: ByAlgorithm;
  /** Hashes per second of the slowest device of that name: where difficulty starts. */
  readonly hashrateHs?: ByAlgorithm;
}

export type Profile = Required<ProfileRow>;

const DEFAULTS: Profile = {
  name: 'unknown',
  agent: '',
  // Nobody is refused work for what is not known of it.
  maxCoinbaseBytes: Number.POSITIVE_INFINITY,
  maxUserChars: Number.POSITIVE_INFINITY,
  versionMask: 0xffffffff,
  takesExtranonce: false,
  minimumDifficulty: {},
  hashrateHs: {},
};

/**
 * The version field of BM13xx chips has 16 bits that begin at bit 13 (bm13xx.json: version_bits = field << 13),
 * fewer than BIP323 lets them roll.
 */
const BM13XX_BITS = 0x1fffe000;

/**
 * The first row that fits is taken, so the particular stands before the general. Sizes: OCEAN-xyz/datum_gateway,
 * src/datum_stratum.c (datum_stratum_fingerprint_by_UA) and src/datum_coinbaser.c, unless another source is
 * named. User agents as public pools see them; hash rates from the class table of SpiralPool/Spiral-Pool's
 * router tests and the models that share a name.
 */
export const PROFILES: readonly ProfileRow[] = [
  {
    // 500 bytes and 524288: datum_stratum.c. Scrypt: `minimalPoolDifficulty` of NiceHash API v2 mining/algorithms.
    name: 'NiceHash',
    agent: 'nicehash/',
    maxCoinbaseBytes: 500,
    minimumDifficulty: { sha256d: 524_288, scrypt: 500_000 },
  },
  {
    // One machine at least, often many behind a connection. Scrypt: the service wants 81,635 to 490k for an
    // Antminer L3+ of 504 MH/s (bonesoul/CoiniumServ issue 1027).
    name: 'Mining Rig Rentals',
    agent: 'MiningRigRentals',
    maxCoinbaseBytes: 750,
    hashrateHs: { sha256d: 1e14, scrypt: 5.35e8 },
  },
  {
    name: 'Mining Rig Rentals',
    agent: 'MRR-Hash',
    maxCoinbaseBytes: 750,
    hashrateHs: { sha256d: 1e14, scrypt: 5.35e8 },
  },
  {
    // All versions of the plain S21 were tested with this much; the Pro was not, hence the slash.
    name: 'Antminer S21',
    agent: 'Antminer S21/',
    maxCoinbaseBytes: 2250,
    hashrateHs: { sha256d: 2e14 },
  },
  {
    // Stock firmware that names itself by model: S19 and later, L7 and L9.
    name: 'Antminer',
    agent: 'Antminer',
    maxCoinbaseBytes: 750,
    hashrateHs: { sha256d: 9e13, scrypt: 9e9 },
  },
  {
    // Stock firmware of older models, the S9 (`bmminer/2.0.0/Antminer S9/14000`) and L3+ among them.
    name: 'bmminer',
    agent: 'bmminer/',
    maxCoinbaseBytes: 750,
    hashrateHs: { sha256d: 1.3e13, scrypt: 5e8 },
  },
  { name: 'vnish', agent: 'xminer-1.', maxCoinbaseBytes: 16_000, hashrateHs: { sha256d: 8e13 } },
  {
    // Not tested with more; runs on the S9 as well (`...;bosminer-plus-am1-s9 0.9.0`).
    name: 'Braiins OS',
    agent: '*bosminer',
    maxCoinbaseBytes: 2250,
    hashrateHs: { sha256d: 1.3e13 },
  },
  {
    name: 'ePIC PowerPlay',
    agent: 'PowerPlay-BM/',
    maxCoinbaseBytes: 16_000,
    hashrateHs: { sha256d: 8e13 },
  },
  {
    // More than 127 characters overrun a buffer and may damage the machine (datum_gateway doc/usernames.md).
    name: 'Whatsminer',
    agent: 'whatsminer/v1',
    maxCoinbaseBytes: 6500,
    maxUserChars: 127,
    hashrateHs: { sha256d: 6.8e13 },
  },
  {
    // Cuts user names off (datum_gateway doc/usernames.md). The Nano is the slowest. Most Avalons call
    // themselves `cgminer/4.11.1`, like others that take longer names: nothing can be done for those.
    name: 'Avalon',
    agent: '*avalon',
    maxCoinbaseBytes: 750,
    maxUserChars: 63,
    hashrateHs: { sha256d: 4e12 },
  },
  {
    // A development version of August 2026 cut the coinbase off at 384 bytes (review of bitaxeorg/ESP-Miner
    // PR 1897); the name does not tell it from the others.
    name: 'Bitaxe',
    agent: 'bitaxe',
    maxCoinbaseBytes: 6500,
    versionMask: BM13XX_BITS,
    hashrateHs: { sha256d: 4e11 },
  },
  {
    // Four chips; it suggests 4000 itself (shufps/qaxe issue 33).
    name: 'NerdQAxe',
    agent: 'NerdQAxe',
    versionMask: BM13XX_BITS,
    hashrateHs: { sha256d: 1.8e12 },
  },
  { name: 'NerdAxe', agent: 'NerdAxe', versionMask: BM13XX_BITS, hashrateHs: { sha256d: 4e11 } },
  {
    // A buffer of 512 characters of hex, ended by a zero (BitMaker-hub/NerdMiner_v2 issue 809). An ESP32.
    name: 'NerdMiner',
    agent: 'NerdMinerV2',
    maxCoinbaseBytes: 255,
    hashrateHs: { sha256d: 5e4 },
  },
  {
    // One core without special instructions.
    name: 'cpuminer',
    agent: 'cpuminer',
    hashrateHs: { sha256d: 1e6, scrypt: 5e3 },
  },
];

/** `own` are the operator's rows; what they do not say is taken from the row that we know. */
export const findProfile = (userAgent: string, own: readonly ProfileRow[] = []): Profile => {
  if (userAgent === '') return DEFAULTS;
  const find = (rows: readonly ProfileRow[]): ProfileRow | undefined =>
    rows.find(({ agent }) => fitsAgent(agent, userAgent));
  return { ...DEFAULTS, ...find(PROFILES), ...find(own) };
};
