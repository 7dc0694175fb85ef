/** What the chaos of payouts needs of a chain, real or double. */
export interface PayoutTestChain {
  readonly coin: string;
  /** URL of a module whose `openWallet(options)` gives a PayoutWallet in the process that will be killed. */
  readonly walletModule: string;
  /** Survives JSON. */
  readonly walletOptions: unknown;
  /** Addresses that nothing has paid yet. */
  addresses(count: number): Promise<readonly string[]>;
  /** Adds a block. */
  advance(): Promise<void>;
  /** Every single payment that the chain itself shows to these addresses, in atomic units. */
  payments(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>>;
  /** All that the wallet owns in the chain; undefined: the chain cannot say. */
  walletTotalAtomic?(): Promise<bigint>;
}
