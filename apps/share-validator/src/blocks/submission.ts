/**
 * One block to every daemon of its pool at once. It is accepted as soon as one of them has it; it is rejected
 * only when every one of them has said so. Anything else is not known yet, and is asked again.
 */
import type { Logger } from '@otedama/contracts';
import type { BitcoinDaemon, SubmitResult } from '@otedama/daemon-rpc';
import type { BlockCandidate } from './candidate.ts';

export interface Accepted {
  readonly kind: 'accepted';
  readonly by: BitcoinDaemon;
  /** As far as this daemon says, the block is the new tip of its chain. */
  readonly asTip: boolean;
}

export type Outcome =
  | Accepted
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unknown' };

export interface SubmissionDeps {
  readonly daemons: readonly BitcoinDaemon[];
  readonly logger: Logger;
  readonly onResult: (result: SubmitResult['kind']) => void;
}

const isAccepted = (result: SubmitResult): boolean =>
  result.kind === 'accepted' || result.kind === 'duplicate';

const isTip = (result: SubmitResult): boolean => result.kind === 'accepted' && result.note === undefined;

/**
 * A daemon without the block's parent may only be behind. Once its own chain reaches the block's height, it
 * has decided for other blocks, and waiting longer changes nothing.
 */
const settleParent = async (
  daemon: BitcoinDaemon,
  candidate: BlockCandidate,
  result: SubmitResult,
): Promise<SubmitResult> => {
  if (result.kind !== 'unknown' || result.code !== 'PARENT_UNKNOWN') return result;
  const info = await daemon.getBlockchainInfo().catch(() => undefined);
  const decided = info !== undefined && !info.initialBlockDownload && info.blocks >= candidate.facts.height;
  return decided ? { kind: 'rejected', reason: `${result.reason}: its parent is not on the chain` } : result;
};

export class Submission {
  readonly #deps: SubmissionDeps;
  readonly #candidate: BlockCandidate;
  readonly #rejections = new Map<BitcoinDaemon, string>();

  constructor(deps: SubmissionDeps, candidate: BlockCandidate) {
    this.#deps = deps;
    this.#candidate = candidate;
  }

  /** Asks every daemon that has not rejected the block; resolves with the first acceptance. */
  async round(): Promise<Outcome> {
    const asked = this.#deps.daemons.filter((daemon) => !this.#rejections.has(daemon));
    const accepted = Promise.withResolvers<Outcome>();
    const answers = asked.map(async (daemon) => {
      const result = await this.#submitTo(daemon);
      if (isAccepted(result)) accepted.resolve({ kind: 'accepted', by: daemon, asTip: isTip(result) });
      if (result.kind === 'rejected') this.#rejections.set(daemon, result.reason);
    });
    return Promise.race([accepted.promise, Promise.all(answers).then(() => this.#afterAll())]);
  }

  async #submitTo(daemon: BitcoinDaemon): Promise<SubmitResult> {
    const { facts, blockHex } = this.#candidate;
    const result = await this.#ask(daemon, blockHex);
    this.#deps.onResult(result.kind);
    const fields = {
      poolId: facts.poolId,
      daemon: daemon.name,
      hash: facts.hash,
      height: facts.height,
      result,
    };
    this.#deps.logger[isAccepted(result) ? 'info' : 'warn'](fields, 'block submitted');
    return result;
  }

  /** A defect in the client of one daemon must not cost the answers of the others. */
  async #ask(daemon: BitcoinDaemon, blockHex: string): Promise<SubmitResult> {
    try {
      return await settleParent(daemon, this.#candidate, await daemon.submitBlock(blockHex));
    } catch (error) {
      this.#deps.logger.error({ daemon: daemon.name, error: String(error) }, 'block submission broke off');
      return { kind: 'unknown', code: 'DAEMON_UNREACHABLE', reason: String(error) };
    }
  }

  #afterAll(): Outcome {
    // Without a daemon nobody has judged anything.
    const { size } = this.#rejections;
    if (size === 0 || size < this.#deps.daemons.length) return { kind: 'unknown' };
    return { kind: 'rejected', reason: [...new Set(this.#rejections.values())].join('; ') };
  }
}

/** Asks those that know the block to prefer it over another one of its height. Nice to have, never waited for. */
export const makePrecious = async (
  daemons: readonly BitcoinDaemon[],
  hash: string,
  logger: Logger,
): Promise<void> => {
  const ask = async (daemon: BitcoinDaemon): Promise<void> => {
    try {
      await daemon.preciousBlock(hash);
    } catch (error) {
      logger.debug({ daemon: daemon.name, hash, reason: String(error) }, 'preciousblock was not possible');
    }
  };
  await Promise.all(daemons.map(ask));
};
