/** The works of a pool, also by their header, which is all that eth-proxy names a job by. */
import type { Algorithm } from '@otedama/chain-params';
import { WorkBook } from '@otedama/stratum';
import { PoolShares } from './pool-shares.ts';
import { Work, type WorkTemplate } from './work.ts';

export class EthashBook extends WorkBook<WorkTemplate, Work> {
  readonly shares: PoolShares;
  /** The newest job of each header; as many as the book has live and retired works. */
  readonly #jobKeys = new Map<string, number>();

  constructor(algorithm: Algorithm, shares = new PoolShares()) {
    super((template) => new Work(algorithm, template));
    this.shares = shares;
  }

  override add(template: WorkTemplate): Work {
    const work = super.add(template);
    this.#jobKeys.set(work.headerHex, template.jobKey);
    for (const [header, jobKey] of this.#jobKeys) {
      if (!this.isLive(jobKey) && !this.isRetired(jobKey)) this.#jobKeys.delete(header);
    }
    this.shares.learn(template.jobKey, work.headerHex);
    this.shares.forget((jobKey) => !this.isLive(jobKey));
    return work;
  }

  jobKeyOf(headerHex: string): number | undefined {
    return this.#jobKeys.get(headerHex);
  }
}
