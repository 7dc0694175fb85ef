/**
 * A template as Stratum V1 shows it: immutable, made once per pool, its notify line serialised once for all
 * sessions. The line names neither extranonce1 nor difficulty, so it is the same for everybody; what a
 * session's copy was given under is told by the last two digits of the job id, its variant.
 */
import { type Algorithm, targetToDifficulty } from '@otedama/chain-params';
import { encodeHex, formatHex32, formatJobId } from '@otedama/stratum';
import { EXTRANONCE1_BYTES, MAX_CACHED_NOTIFY_LINES } from '../limits.ts';

/** The parts of a pool's template that this protocol needs; field by field as in the contracts. */
export interface WorkTemplate {
  readonly jobKey: number;
  readonly height: number;
  /** 32 bytes, internal order. */
  readonly prevHash: Uint8Array;
  /** Bits inside `versionMask` are zero. */
  readonly version: number;
  readonly versionMask: number;
  readonly bits: number;
  readonly networkTarget: bigint;
  readonly time: number;
  readonly minTime: number;
  readonly maxTime: number;
  readonly coinbasePrefix: Uint8Array;
  readonly coinbaseSuffix: Uint8Array;
  readonly extranonceSize: number;
  readonly merkleBranch: readonly Uint8Array[];
  readonly cleanJobs: boolean;
}

/** Internal order with each 4-byte word reversed: the form that mining.notify wants. */
export const stratumPrevHash = (internal: Uint8Array): string => {
  const swapped = Buffer.from(internal);
  swapped.swap32();
  return swapped.toString('hex');
};

export class Work {
  readonly template: WorkTemplate;
  readonly networkDifficulty: number;
  readonly extranonce2Size: number;
  /** As a miner puts it together. */
  readonly coinbaseBytes: number;
  readonly #middle: string;
  readonly #lines = new Map<number, Buffer>();

  constructor(algorithm: Algorithm, template: WorkTemplate) {
    this.template = template;
    this.networkDifficulty = targetToDifficulty(algorithm, template.networkTarget);
    const { coinbasePrefix, coinbaseSuffix, extranonceSize } = template;
    this.extranonce2Size = extranonceSize - EXTRANONCE1_BYTES;
    this.coinbaseBytes = coinbasePrefix.length + extranonceSize + coinbaseSuffix.length;
    const branch = template.merkleBranch.map((hash) => `"${encodeHex(hash)}"`).join(',');
    this.#middle =
      `"${stratumPrevHash(template.prevHash)}","${encodeHex(coinbasePrefix)}",` +
      `"${encodeHex(coinbaseSuffix)}",[${branch}],"${formatHex32(template.version)}",` +
      `"${formatHex32(template.bits)}","${formatHex32(template.time)}"`;
  }

  /** The mining.notify line; the same bytes for every session that gets this variant. */
  notify(variant: number, clean: boolean): Buffer {
    const key = 2 * variant + Number(clean);
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const id = formatJobId(this.template.jobKey, variant);
    const line = Buffer.from(
      `{"id":null,"method":"mining.notify","params":["${id}",${this.#middle},${String(clean)}]}\n`,
      'latin1',
    );
    if (this.#lines.size < MAX_CACHED_NOTIFY_LINES) this.#lines.set(key, line);
    return line;
  }
}
