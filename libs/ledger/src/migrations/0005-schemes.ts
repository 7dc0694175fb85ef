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

-- The round that a block was credited to, where that is not all from window_from to window_to.
ALTER TABLE block ADD COLUMN window_ranges int8multirange;

-- Work that was paid by share, an interval of the log at a time; from_sequence and to_sequence are in it.
CREATE TABLE share_credit (
  id            bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id       integer       NOT NULL REFERENCES pool,
  coin          text          NOT NULL,
  from_sequence bigint        NOT NULL,
  to_sequence   bigint        NOT NULL,
  work          numeric(78,0) NOT NULL,
  amount        numeric(39,0) NOT NULL,         -- sum of the credits
  entry_id      bigint        REFERENCES journal_entry,   -- null: nobody had a whole unit together
  at_ms         bigint        NOT NULL,
  CHECK (from_sequence <= to_sequence)
);
CREATE INDEX share_credit_range ON share_credit (pool_id, coin, to_sequence);
`;
