/**
 * What a coin is to this system: facts of its chain, fixed by its consensus rules or by the custom of its
 * wallets, never an operator's setting.
 */

export type Algorithm = 'sha256d' | 'scrypt';

/** `testnet` is Bitcoin's testnet3 and Litecoin's only one; `playground` a private chain to try the pool on. */
export type NetworkName = 'mainnet' | 'testnet' | 'testnet4' | 'signet' | 'regtest' | 'playground';

/** Version bytes and prefixes. Of several version bytes the first is written, all are read. */
export interface AddressFormats {
  readonly p2pkh: readonly number[];
  readonly p2sh: readonly number[];
  /** Human-readable part of segwit addresses. */
  readonly hrp: string;
  /** Human-readable part of MimbleWimble addresses, which a coinbase cannot pay. */
  readonly mwebHrp?: string;
}

export interface Subsidy {
  readonly initialAtomic: bigint;
  readonly halvingInterval: number;
}

export interface Coin {
  readonly id: 'bitcoin' | 'litecoin';
  readonly network: NetworkName;
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly algorithm: Algorithm;
  readonly family: 'bitcoin';
  readonly addresses: AddressFormats;
  /** Blocks, its own included, after which we book a coinbase as spendable. */
  readonly coinbaseMaturity: number;
  readonly targetSpacingSeconds: number;
  /** Rules that getblocktemplate wants named before it answers. */
  readonly gbtRules: readonly string[];
  /** Blocks end in an extension block, and the last transaction belongs to it. */
  readonly mweb: boolean;
  /** Header version bits that miners may roll. */
  readonly versionRollingMask: number;
  readonly subsidy: Subsidy;
  /**
   * Target, active rules and signalled version can change only at heights divisible by this; absent where
   * they can change at any block. Lets a block be offered before the daemon's template for it is there.
   */
  readonly parameterPeriod?: number;
  /** Display order; `getblockhash 0` of a daemon of this chain. */
  readonly genesisHash: string;
}
