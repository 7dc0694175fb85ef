/** Schemes that pay by share, operators' splits, and what an orphan after its payout costs. */
export const schemes = `
ALTER TABLE account
  DROP CONSTRAINT account_kind_check,
  ADD CONSTRAINT account_kind_check CHECK (kind IN (
    'coinbase_immature', 'wallet', 'miner_immature', 'miner_matured', 'operator_fee_immature', 'operator_fee_matured',
    'operator_bankroll_immature', -- equity: what the operator has of blocks whose shares are paid already, likewise
    'operator_bankroll',          -- equity: shares are paid out of it, blocks and the operator's own coins go into it
    'operator_loss'               -- equity, positive: what orphans have cost after their credits were paid out
  ));

ALTER TABLE journal_entry
  DROP CONSTRAINT journal_entry_kind_check,
  ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured', 'block_revalued',
    'shares_credited', 'bankroll_funded', 'loss_taken', 'loss_returned'
  ));
`;
