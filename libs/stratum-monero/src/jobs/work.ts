/**
 * A template as this dialect shows it. Every session hashes a blob of its own, so all that can be made once for
 * a pool is the end of a job's text.
 */
import { targetToDifficulty, targetToLe } from '@otedama/chain-params';
import {
  EXTRA_NONCE_LAYOUT,
  type ProxyTemplate,
  type TemplateParts,
  encodeExtraNonce,
  proxyTemplate,
} from '@otedama/cryptonote';
import { encodeHex } from '@otedama/stratum';

/** The parts of a pool's template that this protocol needs; field by field as in the contracts. */
export interface WorkTemplate {
  readonly jobKey: number;
  readonly height: number;
  readonly networkTarget: bigint;
  readonly cleanJobs: boolean;
  readonly majorVersion: number;
  readonly prevId: Uint8Array;
  readonly seedHash: Uint8Array;
  readonly nextSeedHash: Uint8Array | undefined;
  readonly header: Uint8Array;
  readonly nonceOffset: number;
  readonly minerTxVersion: 1 | 2;
  readonly minerTxPrefix: Uint8Array;
  readonly minerTxSuffix: Uint8Array;
  readonly extraNonceBytes: number;
  readonly merkleBranch: Uint8Array;
  readonly txCount: number;
  readonly txHashes: Uint8Array;
}

/** The two numbers that a proxy adds of its own; zero for a miner. */
export interface ProxyNonces {
  readonly pool: number;
  readonly worker: number;
}

export const NO_PROXY: ProxyNonces = { pool: 0, worker: 0 };

/**
 * The reserved bytes of a job. `session` is unique in the fleet; the variant takes the second number, so that a
 * template given again is another blob: a miner that starts over with its nonces finds no share twice.
 */
export const extraNonceOf = (session: number, variant: number, proxy: ProxyNonces): Uint8Array =>
  encodeExtraNonce({ session, instance: variant, proxyPool: proxy.pool, proxyWorker: proxy.worker });

/** What a miner in self-select puts into its own template: of the reserved bytes those that are ours. */
export const selfSelectNonceOf = (session: number, variant: number): Uint8Array =>
  extraNonceOf(session, variant, NO_PROXY).subarray(0, EXTRA_NONCE_LAYOUT.proxyPool);

export class Work {
  readonly template: WorkTemplate;
  readonly networkDifficulty: number;
  readonly networkTargetLe: Uint8Array;
  /** As it is named on the wire: `rx/0`. */
  readonly algorithm: string;
  /** Members of a job that are the same for every session, as JSON text. */
  readonly common: string;

  constructor(template: WorkTemplate, algorithm: string) {
    this.template = template;
    this.algorithm = algorithm;
    this.networkDifficulty = targetToDifficulty('randomx', template.networkTarget);
    this.networkTargetLe = targetToLe(template.networkTarget);
    const { height, seedHash, nextSeedHash } = template;
    const next = nextSeedHash === undefined ? '' : `,"next_seed_hash":"${encodeHex(nextSeedHash)}"`;
    this.common = `"height":${height},"seed_hash":"${encodeHex(seedHash)}","algo":${JSON.stringify(algorithm)}${next}`;
  }

  /** The whole block for an xmr-node-proxy, which writes its own nonces into it. */
  forProxy(session: number, variant: number): ProxyTemplate {
    // Time and reward are in the header and the miner transaction; the blob is made of these.
    const parts: TemplateParts = { ...this.template, timestamp: 0, rewardAtomic: 0n };
    return proxyTemplate(parts, { session, instance: variant });
  }
}
