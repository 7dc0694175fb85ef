/** What accounting is at, as it is shown: to the health checks in words, to the metrics by a label. */
import type { PartState } from '@otedama/observability';
import type { AccountingMetrics } from './metrics.ts';

const STATES = ['starting', 'active', 'standby', 'held_up'] as const;
export type AccountingState = (typeof STATES)[number];

export class Standing {
  readonly #gauge: AccountingMetrics['standing'];
  #state: AccountingState = 'starting';
  #reason = 'nothing was booked yet';

  constructor(gauge: AccountingMetrics['standing']) {
    this.#gauge = gauge;
    this.set('starting');
  }

  set(state: AccountingState, reason = ''): void {
    this.#state = state;
    this.#reason = reason === '' ? this.#reason : reason;
    for (const each of STATES) this.#gauge.set({ state: each }, each === state ? 1 : 0);
  }

  /** The logs keep what waits: accounting that stands still degrades the pool and stops nothing. */
  partState(): PartState {
    if (this.#state === 'active' || this.#state === 'standby') return { state: 'up' };
    return { state: 'degraded', reason: this.#reason };
  }
}
