/**
 * One block to every daemon of its pool at once. It is accepted as soon as one of them has it; it is rejected
 * only when every one of them has said so. Anything else is not known yet, and is asked again.
 */
import { type Logger, traceFields, type Tracer } from '@otedama/contracts';
import { type Daemon, isDaemonError, type SubmitResult } from '@otedama/daemon-rpc';
import type { TracedCandidate } from './block-trace.ts';
import type { BlockCandidate } from './candidate.ts';

/** What the path of a block asks of a daemon. */
export type BlockTaker = Pick<
  Daemon,
  'name' | 'submitBlock' | 'preciousBlock' | 'getBlockHeader' | 'getBlockchainInfo'
>;

export interface Accepted {
  readonly kind: 'accepted';
  readonly by: BlockTaker;
  /** As far as this daemon says, the block is the new tip of its chain. */
  readonly asTip: boolean;
}

export type Outcome =
  | Accepted
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unknown' };

export interface SubmissionDeps {
  readonly daemons: readonly BlockTaker[];
  readonly logger: Logger;
  readonly onResult: (result: SubmitResult['kind']) => void;
  readonly tracer: Tracer;
}

const isAccepted = (result: SubmitResult): boolean =>
  result.kind === 'accepted' || result.kind === 'duplicate';

const isTip = (result: SubmitResult): boolean => result.kind === 'accepted' && result.note === undefined;

/**
 * A daemon without the block's parent may only be behind. Once its own chain reaches the block's height, it
 * has decided for other blocks, and waiting longer changes nothing.
 */
const settleParent = async (
  daemon: BlockTaker,
  candidate: BlockCandidate,
  result: Extract<SubmitResult, { readonly kind: 'unknown' }>,
): Promise<SubmitResult> => {
  const info = await daemon.getBlockchainInfo().catch(() => undefined);
  const decided = info !== undefined && !info.initialBlockDownload && info.blocks >= candidate.facts.height;
  return decided ? { kind: 'rejected', reason: `${result.reason}: its parent is not on the chain` } : result;
};

/**
 * A daemon that has the block on its chain has not refused it, whatever it says now: it may have taken the
 * block before we were restarted, and keep nothing of an auxiliary block but that.
 */
const settleRefusal = async (
  daemon: BlockTaker,
  { facts }: BlockCandidate,
  result: SubmitResult,
): Promise<SubmitResult> => {
  try {
    const header = await daemon.getBlockHeader(facts.hash);
    return header !== undefined && header.confirmations > 0 ? { kind: 'duplicate' } : result;
  } catch (error) {
    if (!isDaemonError(error)) throw error;
    return { kind: 'unknown', code: error.code, reason: error.detail };
  }
};

const settle = async (
  daemon: BlockTaker,
  candidate: BlockCandidate,
  result: SubmitResult,
): Promise<SubmitResult> => {
  if (result.kind === 'rejected') return settleRefusal(daemon, candidate, result);
  if (result.kind === 'unknown' && result.code === 'PARENT_UNKNOWN') {
    return settleParent(daemon, candidate, result);
  }
  return result;
};

export class Submission {
  readonly #deps: SubmissionDeps;
  readonly #candidate: TracedCandidate;
  readonly #rejections = new Map<BlockTaker, string>();

  constructor(deps: SubmissionDeps, candidate: TracedCandidate) {
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

  async #submitTo(daemon: BlockTaker): Promise<SubmitResult> {
    const { facts, submission, span: block } = this.#candidate;
    const span = this.#deps.tracer.start('submitblock', {
      parent: block.context,
      kind: 'client',
      fields: { daemon: daemon.name },
    });
    const result = await this.#ask(daemon, submission);
    span.set({ result: result.kind });
    span.end('reason' in result ? result.reason : undefined);
    this.#deps.onResult(result.kind);
    const fields = {
      poolId: facts.poolId,
      coin: facts.coin,
      daemon: daemon.name,
      hash: facts.hash,
      height: facts.height,
      result,
      ...traceFields(block.context),
    };
    this.#deps.logger[isAccepted(result) ? 'info' : 'warn'](fields, 'block submitted');
    return result;
  }

  /** A defect in the client of one daemon must not cost the answers of the others. */
  async #ask(daemon: BlockTaker, submission: string): Promise<SubmitResult> {
    try {
      return await settle(daemon, this.#candidate, await daemon.submitBlock(submission));
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
  daemons: readonly BlockTaker[],
  hash: string,
  logger: Logger,
): Promise<void> => {
  const ask = async (daemon: BlockTaker): Promise<void> => {
    try {
      await daemon.preciousBlock(hash);
    } catch (error) {
      logger.debug({ daemon: daemon.name, hash, reason: String(error) }, 'preciousblock was not possible');
    }
  };
  await Promise.all(daemons.map(ask));
};
