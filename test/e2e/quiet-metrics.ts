/** Metrics that a healthy fleet of a minute does not have, and why. Promtool shows each of them all the same. */
export const QUIET: ReadonlyMap<string, string> = new Map([
  ['otedama_accounting_bankroll_coins', 'no pool of it pays by the share'],
  ['otedama_accounting_bankroll_pays', 'no pool of it pays by the share'],
  ['otedama_accounting_bankroll_reserve_coins', 'no pool of it pays by the share'],
  ['otedama_api_live_dropped_total', 'nobody is silent, nobody is too slow'],
  ['otedama_gateway_bans_total', 'nobody sends made-up shares'],
  ['otedama_gateway_refused_total', 'everybody is let in'],
  ['otedama_payout_failures_total', 'its wallet pays'],
]);
