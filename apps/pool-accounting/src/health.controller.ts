/** How the books and the payouts are, for whoever tells operators. Every instance answers: most of them stand by. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { GATHERED } from '@otedama/bus';
import { type AccountingHealth, Subject } from '@otedama/contracts';
import type { Accounting } from './accounting.ts';
import type { Payouts } from './payouts/index.ts';
import { ACCOUNTING, PAYOUTS } from './tokens.ts';

@Controller()
export class HealthController {
  readonly #books: Pick<Accounting, 'partState'>;
  readonly #payouts: Pick<Payouts, 'partState'>;

  constructor(
    @Inject(ACCOUNTING) books: Pick<Accounting, 'partState'>,
    @Inject(PAYOUTS) payouts: Pick<Payouts, 'partState'>,
  ) {
    this.#books = books;
    this.#payouts = payouts;
  }

  @MessagePattern(Subject.accountingHealth, GATHERED)
  health(): AccountingHealth {
    return { books: this.#books.partState(), payouts: this.#payouts.partState() };
  }
}
