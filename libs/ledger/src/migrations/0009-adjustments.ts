/** Corrections of the books by hand. */
export const adjustments = `
ALTER TABLE account
  DROP CONSTRAINT account_kind_check,
  ADD CONSTRAINT account_kind_check CHECK (kind IN (
    'coinbase_immature', 'wallet', 'miner_immature', 'miner_matured', 'operator_fee_immature', 'operator_fee_matured',
    'operator_bankroll_immature', 'operator_bankroll', 'operator_loss', 'miner_paying', 'operator_network_fee',
    'operator_adjustment'       -- equity: the other side of what an operator corrected
  ));

ALTER TABLE journal_entry
  DROP CONSTRAINT journal_entry_kind_check,
  ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured', 'block_revalued',
    'shares_credited', 'bankroll_funded', 'loss_taken', 'loss_returned',
    'payout_planned', 'payout_cancelled', 'payout_confirmed', 'payout_unconfirmed', 'payout_fee_lost',
    'coinbase_paid', 'coinbase_unpaid', 'adjusted'
  ));
`;
