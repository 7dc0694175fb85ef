/**
 * What the nodes of each chain relay, and how they treat fees: custom of the nodes, not consensus. Sources: `policy`
 * and `validation` of Bitcoin Core, Litecoin Core 0.21, Bitcoin Cash Node, Dogecoin Core 1.14, Ravencoin Core 4.
 */
import type { ScriptCoin } from '@otedama/chain-params';

/** Atomic units for 1000 virtual bytes. */
export interface FeeRates {
  /** No less, whatever the node estimates. */
  readonly floorPerKvb: bigint;
  /** No more: payouts wait until the network asks for less. */
  readonly ceilingPerKvb: bigint;
  /** While the node has no estimate. */
  readonly fallbackPerKvb: bigint;
}

export interface RelayPolicy {
  readonly fees: FeeRates;
  /** What spending an output must not cost more than, for the output to be relayed; or one limit for all. */
  readonly dust: { readonly relayPerKvb: bigint } | { readonly atomic: bigint };
  /** Nodes take a transaction that pays more in place of one that says that it may be replaced (BIP125). */
  readonly replaces: boolean;
}

const BITCOIN: RelayPolicy = {
  fees: { floorPerKvb: 1_000n, ceilingPerKvb: 100_000n, fallbackPerKvb: 10_000n },
  dust: { relayPerKvb: 3_000n },
  replaces: true,
};

const POLICIES: Readonly<Record<ScriptCoin['id'], RelayPolicy>> = {
  bitcoin: BITCOIN,
  // Its nodes replace only with -mempoolreplacement, which few of them set.
  litecoin: {
    fees: { floorPerKvb: 1_000n, ceilingPerKvb: 1_000_000n, fallbackPerKvb: 10_000n },
    dust: { relayPerKvb: 30_000n },
    replaces: false,
  },
  'bitcoin-cash': {
    fees: { floorPerKvb: 1_000n, ceilingPerKvb: 100_000n, fallbackPerKvb: 1_100n },
    dust: { relayPerKvb: 3_000n },
    replaces: false,
  },
  // Outputs between 0.001 and 0.01 are relayed for an extra fee; we pay none.
  dogecoin: {
    fees: { floorPerKvb: 1_000_000n, ceilingPerKvb: 100_000_000n, fallbackPerKvb: 1_100_000n },
    dust: { atomic: 1_000_000n },
    replaces: true,
  },
  ravencoin: {
    fees: { floorPerKvb: 1_000_000n, ceilingPerKvb: 100_000_000n, fallbackPerKvb: 1_100_000n },
    dust: { relayPerKvb: 3_000n },
    replaces: false,
  },
};

export const relayPolicy = ({ id }: ScriptCoin): RelayPolicy => POLICIES[id];

/** What a standard transaction weighs at most. Chains without segregated witness say it as 100,000 bytes. */
export const MAX_WEIGHT = 400_000;
const OP_0 = 0x00;
const OP_1 = 0x51;
const OP_16 = 0x60;

/** A script that is paid into by version and program: its spender's signature counts for a quarter. */
const isWitnessProgram = (script: Uint8Array): boolean => {
  const [opcode = 0, length] = script;
  const isVersion = opcode === OP_0 || (opcode >= OP_1 && opcode <= OP_16);
  return isVersion && script.length >= 4 && script.length <= 42 && length === script.length - 2;
};

/** Amount, length of the script, script; no script that has an address is longer than 252 bytes. */
export const outputBytes = (script: Uint8Array): number => 8 + 1 + script.length;

/** What nodes reckon that an input costs which spends such an output. */
const SPEND_BYTES = 148;
const SPEND_WITNESS_BYTES = 67;

export const dustAtomic = ({ dust }: RelayPolicy, script: Uint8Array): bigint => {
  if ('atomic' in dust) return dust.atomic;
  const spend = isWitnessProgram(script) ? SPEND_WITNESS_BYTES : SPEND_BYTES;
  return (dust.relayPerKvb * BigInt(outputBytes(script) + spend)) / 1_000n;
};
