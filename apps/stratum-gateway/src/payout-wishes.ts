/**
 * Carries to accounting from what balance on miners want to be paid. At most once and without an answer for the miner:
 * whoever logs in again says it again.
 */
import type { ClientProxy } from '@nestjs/microservices';
import { type Logger, type PayoutWishRequest, Subject } from '@otedama/contracts';
import { lastValueFrom, timeout } from 'rxjs';

const ANSWER_MS = 10_000;
/** Most miners wish nothing; a crowd that comes back says nothing new. */
const MAX_KNOWN = 10_000;

export class PayoutWishes {
  readonly #accounting: Pick<ClientProxy, 'send'> | undefined;
  readonly #poolId: string;
  readonly #logger: Logger;
  /** What was told of an address last. */
  readonly #known = new Map<string, string>();

  constructor(accounting: Pick<ClientProxy, 'send'> | undefined, poolId: string, logger: Logger) {
    this.#accounting = accounting;
    this.#poolId = poolId;
    this.#logger = logger;
  }

  tell(address: string, minimum: string): void {
    if (this.#accounting === undefined || this.#known.get(address) === minimum) return;
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MAX_KNOWN && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(address, minimum);
    const wish: PayoutWishRequest = { kind: 'login', poolId: this.#poolId, address, minimum };
    const answer = this.#accounting
      .send<unknown>(Subject.accountingPayoutWish, wish)
      .pipe(timeout(ANSWER_MS));
    lastValueFrom(answer).catch((error: unknown) => {
      this.#known.delete(address);
      this.#logger.debug({ poolId: this.#poolId, error }, 'a wish about payouts was not heard');
    });
  }
}
