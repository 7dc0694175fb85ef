/** Blocks whose coinbase pays miners itself. */
export const coinbasePayout = `
-- What the coinbase paid to others than the pool: never in our wallet, so no asset of ours.
ALTER TABLE block ADD COLUMN paid_in_coinbase numeric(39,0) NOT NULL DEFAULT 0
  CHECK (paid_in_coinbase >= 0 AND paid_in_coinbase <= reward);

-- The outputs, as the block has them.
CREATE TABLE coinbase_payment (
  block_id bigint        NOT NULL REFERENCES block,
  ordinal  integer       NOT NULL,
  address  text          NOT NULL,
  amount   numeric(39,0) NOT NULL CHECK (amount > 0),
  carried  numeric(39,0) NOT NULL CHECK (carried >= 0 AND carried <= amount),   -- of it, what earlier blocks left owing
  PRIMARY KEY (block_id, ordinal),
  UNIQUE (block_id, address)
);
CREATE TRIGGER coinbase_payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON coinbase_payment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE journal_entry
  DROP CONSTRAINT journal_entry_kind_check,
  ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured', 'block_revalued',
    'shares_credited', 'bankroll_funded', 'loss_taken', 'loss_returned',
    'payout_planned', 'payout_cancelled', 'payout_confirmed', 'payout_unconfirmed', 'payout_fee_lost',
    'coinbase_paid', 'coinbase_unpaid'
  ));
`;
