/**
 * The door to bcoin, a CommonJS package of 2018 without types: the few parts of it that the playground
 * touches, and the switches that must be set before it is loaded. Nothing else imports bcoin.
 */
import { createRequire } from 'node:module';

export interface ChainEntry {
  readonly hash: string;
  readonly height: number;
  readonly time: number;
  readonly bits: number;
}

export interface Chain {
  readonly tip: ChainEntry;
  readonly height: number;
  getPrevious(entry: ChainEntry): Promise<ChainEntry | null>;
  getTarget(time: number, prev: ChainEntry | null): Promise<number>;
  verify(block: { readonly bits: number }, prev: ChainEntry, flags: number): Promise<unknown>;
}

export interface BlockTemplateReply {
  mintime: number;
  readonly bits: string;
}

export interface FullNode {
  readonly chain: Chain;
  readonly rpc: {
    /** Forgets the cached template and answers all long polls. */
    refreshBlock(): void;
    createTemplate(maxVersion: number, coinbase: boolean, rules: string[]): Promise<BlockTemplateReply>;
  };
  readonly pool: { forceSync(): void };
  readonly http: { address(): { readonly port: number } };
  ensure(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): void;
  on(event: 'disconnect' | 'reorganize' | 'reset', listener: () => void): void;
}

interface Network {
  halvingInterval: number;
  readonly keyPrefix: { privkey: number };
  readonly addressPrefix: { pubkeyhash: number; scripthash: number; bech32: string };
}

export interface Bcoin {
  readonly network: Network;
  readonly consensus: { COINBASE_MATURITY: number };
  createNode(options: Record<string, unknown>): FullNode;
}

export const loadBcoin = (): Bcoin => {
  // No compiler is needed for the playground, so bcoin's own native helpers are never built.
  process.env['NODE_BACKEND'] = 'js';
  process.env['BCOIN_NETWORK'] = 'regtest';
  // It uses calls that Node has deprecated since; a newcomer's terminal is not the place to say so.
  process.noDeprecation = true;
  const load = createRequire(import.meta.url);
  const Node = load('bcoin/lib/node/fullnode') as new (options: Record<string, unknown>) => FullNode;
  const networks = load('bcoin/lib/protocol/network') as { get(name: string): Network };
  return {
    network: networks.get('regtest'),
    consensus: load('bcoin/lib/protocol/consensus') as { COINBASE_MATURITY: number },
    createNode: (options) => new Node(options),
  };
};
