/**
 * What a coin is to this system: facts of its chain, fixed by its consensus rules or by the custom of its
 * wallets, never an operator's setting. The family says how its blocks are built and how its miners are
 * spoken to, and with that which facts there are.
 */
import type { EmissionSubsidy, EraSubsidy, HalvingSubsidy } from './subsidy.ts';

/** Proofs of an 80-byte header with a 32-bit nonce. */
export type HeaderAlgorithm = 'sha256d' | 'scrypt';

/** Names as the native core has them. */
export type Algorithm = HeaderAlgorithm | 'ethash' | 'etchash' | 'kawpow' | 'randomx';

/**
 * `testnet` is the only one of a coin or its oldest (testnet3 of Bitcoin and Bitcoin Cash); `playground` a
 * private chain to try the pool on.
 */
export type NetworkName =
  | 'mainnet'
  | 'testnet'
  | 'testnet4'
  | 'signet'
  | 'chipnet'
  | 'scalenet'
  | 'stagenet'
  | 'mordor'
  | 'regtest'
  | 'playground';

/** Version bytes and prefixes. Of several version bytes the first is written, all are read. */
export interface ScriptAddressFormats {
  readonly p2pkh: readonly number[];
  readonly p2sh: readonly number[];
  /** Human-readable part of segwit addresses; absent where wallets have none. */
  readonly hrp?: string;
  /** Human-readable part of MimbleWimble addresses, which a coinbase cannot pay. */
  readonly mwebHrp?: string;
  /** Prefix of CashAddr, which is then the form that is written. */
  readonly cashPrefix?: string;
}

/** Leading bytes of the three kinds of Monero address. */
export interface CryptonoteAddressFormats {
  readonly standard: number;
  readonly integrated: number;
  readonly subaddress: number;
}

/** Merged mining below another chain's proof of work. */
export interface AuxPow {
  /** Decides the slot in the tree of auxiliary chains, and stands in the upper half of the version. */
  readonly chainId: number;
  readonly fromHeight: number;
  /**
   * Blocks must carry `chainId`, and the parent's version must not. Without it a parent with the same id is
   * taken as well. Blocks with a proof of their own stay valid either way.
   */
  readonly strictChainId: boolean;
}

/**
 * What nodes call dust: an output that costs more to spend than it is worth, at a fee rate (atomic units per thousand
 * bytes) that is a custom of the chain; or simply a sum. Nodes do not judge a coinbase by it, but its payees would.
 */
export type DustRule =
  | { readonly kind: 'rate'; readonly atomicPerKilobyte: bigint }
  | { readonly kind: 'sum'; readonly atomic: bigint };

interface CoinFacts {
  readonly network: NetworkName;
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  /** Name of the smallest unit, in which amounts are kept. */
  readonly atomicUnit: string;
  /** Blocks, its own included, after which we book a coinbase as spendable. */
  readonly coinbaseMaturity: number;
  readonly targetSpacingSeconds: number;
  /** As the daemon prints the hash of block 0, without `0x`. */
  readonly genesisHash: string;
}

export interface BitcoinCoin extends CoinFacts {
  readonly family: 'bitcoin';
  readonly id: 'bitcoin' | 'bitcoin-cash' | 'litecoin' | 'dogecoin';
  readonly algorithm: HeaderAlgorithm;
  readonly addresses: ScriptAddressFormats;
  /** Rules that getblocktemplate wants named before it answers; `segwit` only where the chain has it. */
  readonly gbtRules: readonly string[];
  /** Blocks end in an extension block, and the last transaction belongs to it. */
  readonly mweb: boolean;
  /** Header version bits that miners may roll. */
  readonly versionRollingMask: number;
  readonly subsidy: HalvingSubsidy;
  readonly dust: DustRule;
  /**
   * Target, active rules and signalled version can change only at heights divisible by this; absent where
   * they can change at any block. Lets a block be offered before the daemon's template for it is there.
   */
  readonly parameterPeriod?: number;
  readonly auxPow?: AuxPow;
}

/** Bitcoin's blocks and addresses below a header that carries height, 64-bit nonce and mix. */
export interface KawpowCoin extends CoinFacts {
  readonly family: 'kawpow';
  readonly id: 'ravencoin';
  readonly algorithm: 'kawpow';
  readonly addresses: ScriptAddressFormats;
  readonly gbtRules: readonly string[];
  readonly subsidy: HalvingSubsidy;
  readonly epochBlocks: number;
  /** Blocks that share one random program. */
  readonly programBlocks: number;
  /** Unix seconds in the header from which KawPow is the proof of work; the 80-byte header ruled before. */
  readonly kawpowFromTime: number;
}

export interface CryptonoteCoin extends CoinFacts {
  readonly family: 'cryptonote';
  readonly id: 'monero';
  readonly algorithm: 'randomx';
  readonly addresses: CryptonoteAddressFormats;
  readonly subsidy: EmissionSubsidy;
  /** The RandomX key is a block hash; it moves by so many blocks, ... */
  readonly seedEpochBlocks: number;
  /** ... and that block is at least so much older, to leave time for building the dataset. */
  readonly seedLagBlocks: number;
}

export interface EthashCoin extends CoinFacts {
  readonly family: 'ethash';
  readonly id: 'ethereum-classic';
  readonly algorithm: 'ethash' | 'etchash';
  /** EIP-155. Tells chains apart that share a genesis block. */
  readonly chainId: number;
  readonly epochBlocks: number;
  /** ECIP-1099: epochs are twice as long from this height. */
  readonly epochDoublesAt?: number;
  /** An uncle is at most so many blocks below the block that names it. */
  readonly maxUncleDepth: number;
  readonly subsidy: EraSubsidy;
}

export type Coin = BitcoinCoin | KawpowCoin | CryptonoteCoin | EthashCoin;
export type CoinId = Coin['id'];
/** Coins whose rewards are paid to output scripts. */
export type ScriptCoin = BitcoinCoin | KawpowCoin;
