/** The dialects that can be fuzzed, by the name that `--codec` takes. */
import type { FuzzedCodec } from './codec.ts';
import { stratumEthereum } from './stratum-ethereum.ts';
import { stratumKawpow } from './stratum-kawpow.ts';
import { stratumMonero } from './stratum-monero.ts';
import { stratumV1 } from './stratum-v1.ts';

export const codecs: ReadonlyMap<string, FuzzedCodec> = new Map(
  [stratumV1, stratumMonero, stratumEthereum, stratumKawpow].map((codec) => [codec.name, codec] as const),
);
