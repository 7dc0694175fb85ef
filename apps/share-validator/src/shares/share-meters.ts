/** What the judging of one pool's shares counts, found once and not for each batch. */
import { isAccepted, type ShareBatchView, Verdict } from '@otedama/contracts';
import type { BoundCount, BoundSeries } from '@otedama/observability';
import { type ValidatorMetrics, verdictName } from '../metrics.ts';

const LIMB = 2 ** 32;

/** A double: what is lost of it is less than a share. */
const workOf = (view: ShareBatchView, index: number): number =>
  ((view.workLimb(index, 3) * LIMB + view.workLimb(index, 2)) * LIMB + view.workLimb(index, 1)) * LIMB +
  view.workLimb(index, 0);

export class ShareMeters {
  readonly judged: BoundSeries;
  readonly durable: BoundSeries;
  readonly answered: BoundCount;
  readonly failed: BoundCount;
  readonly refused: BoundCount;
  /** By the number of the verdict. */
  readonly #verdicts: readonly BoundCount[];
  readonly #work: BoundCount;

  constructor({ shareStages, batches, shares, acceptedWork }: ValidatorMetrics, pool: string) {
    this.judged = shareStages.bind({ pool, stage: 'judged' });
    this.durable = shareStages.bind({ pool, stage: 'durable' });
    this.answered = batches.bind({ pool, outcome: 'answered' });
    this.failed = batches.bind({ pool, outcome: 'failed' });
    this.refused = batches.bind({ pool, outcome: 'refused' });
    const all = Object.values(Verdict).toSorted((one: number, other: number) => one - other);
    this.#verdicts = all.map((verdict) => shares.bind({ pool, verdict: verdictName(verdict) }));
    this.#work = acceptedWork.bind({ pool });
  }

  count(judged: ShareBatchView): void {
    let work = 0;
    for (let index = 0; index < judged.count; index++) {
      const verdict = judged.verdict(index);
      this.#verdicts[verdict]?.add();
      // A block below the target of the share is credited with no work.
      if (isAccepted(verdict) && verdict !== Verdict.candidateOnly) work += workOf(judged, index);
    }
    this.#work.add(work);
  }
}
