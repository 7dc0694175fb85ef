/** Payouts: an outbox between the books and the wallets, what miners wish, and what operators did by hand. */
export const payouts = `
-- Of one pool and chain, which have one wallet. Its row is the lock under which batches are made.
CREATE TABLE payout_wallet (
  pool_id       integer NOT NULL REFERENCES pool,
  coin          text    NOT NULL,
  planned_at_ms bigint,                           -- when last all that was due was planned
  PRIMARY KEY (pool_id, coin)
);

-- Its state moves only in the transaction of the journal entry that belongs to the move (libs/ledger/src/payouts).
CREATE TABLE payout_batch (
  id             bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id        integer       NOT NULL REFERENCES pool,
  coin           text          NOT NULL,
  state          text          NOT NULL CHECK (state IN (
    'planned', 'awaiting_approval', 'approved', 'signed', 'broadcast', 'confirmed', 'cancelled', 'conflicted'
  )),
  fee_rule       text          NOT NULL CHECK (fee_rule IN ('pool', 'miners')),
  gross          numeric(39,0) NOT NULL CHECK (gross > 0),     -- what the miners' accounts are debited
  net            numeric(39,0) NOT NULL CHECK (net > 0),       -- what the outputs come to
  planned_at_ms  bigint        NOT NULL,
  moved_at_ms    bigint        NOT NULL,
  settled_at_ms  bigint,                          -- too deep in the chain to be followed on, or cancelled
  note           text,                            -- why it stands where it stands, for people
  CHECK (net <= gross)
);
CREATE INDEX payout_batch_open ON payout_batch (pool_id, coin) WHERE settled_at_ms IS NULL;
-- Of one wallet one batch at a time is signed and not yet out.
CREATE UNIQUE INDEX payout_batch_signed ON payout_batch (pool_id, coin) WHERE state = 'signed';

-- One output each.
CREATE TABLE payout_payee (
  batch_id bigint        NOT NULL REFERENCES payout_batch,
  ordinal  integer       NOT NULL,
  address  text          NOT NULL,                -- canonical: one spelling for one payee of the chain
  gross    numeric(39,0) NOT NULL CHECK (gross > 0),
  amount   numeric(39,0) NOT NULL CHECK (amount > 0 AND amount <= gross),
  PRIMARY KEY (batch_id, ordinal),
  UNIQUE (batch_id, address)
);

-- The accounts that an output pays: one, unless a payee is booked under several spellings.
CREATE TABLE payout_debit (
  batch_id   bigint        NOT NULL,
  ordinal    integer       NOT NULL,
  account_id bigint        NOT NULL REFERENCES account,
  gross      numeric(39,0) NOT NULL CHECK (gross > 0),
  PRIMARY KEY (batch_id, account_id),
  FOREIGN KEY (batch_id, ordinal) REFERENCES payout_payee
);
CREATE INDEX payout_debit_by_account ON payout_debit (account_id, batch_id DESC);

-- What was signed, stored before anybody else could have seen it. A row is never removed, its bytes never change.
CREATE TABLE payout_transaction (
  id                bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id          bigint        NOT NULL REFERENCES payout_batch,
  txid              text          NOT NULL,
  raw               text          NOT NULL,
  fee               numeric(39,0) NOT NULL CHECK (fee >= 0),
  spends            text[]        NOT NULL CHECK (cardinality(spends) > 0),
  signed_at_ms      bigint        NOT NULL,
  handed_over_at_ms bigint,                       -- from here on it may be anywhere
  released_at_ms    bigint,                       -- given back to the wallet: it was never handed over
  standing          text          NOT NULL DEFAULT 'unknown'
                    CHECK (standing IN ('unknown', 'pending', 'confirmed', 'conflicted', 'failed')),
  confirmations     integer       NOT NULL DEFAULT 0,          -- of it, or of what took its place
  chain_fee         numeric(39,0),                -- what the chain took, where it is in the chain
  looked_at_ms      bigint,
  UNIQUE (batch_id, txid),
  CHECK (handed_over_at_ms IS NULL OR released_at_ms IS NULL)
);
CREATE INDEX payout_transaction_spends ON payout_transaction USING gin (spends);

CREATE FUNCTION keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.batch_id, NEW.txid, NEW.raw, NEW.fee, NEW.spends, NEW.signed_at_ms)
     IS DISTINCT FROM (OLD.batch_id, OLD.txid, OLD.raw, OLD.fee, OLD.spends, OLD.signed_at_ms) THEN
    RAISE EXCEPTION 'what was signed does not change' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payout_transaction_kept BEFORE DELETE OR TRUNCATE ON payout_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_transaction_signed BEFORE UPDATE ON payout_transaction
  FOR EACH ROW EXECUTE FUNCTION keep_signed();
CREATE TRIGGER payout_payee_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_payee
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_debit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_debit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_batch_kept BEFORE DELETE OR TRUNCATE ON payout_batch
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- From what balance on a miner wants to be paid. signed_at_ms is of the newest message that was taken: none older counts.
CREATE TABLE payout_setting (
  pool_id      integer       NOT NULL REFERENCES pool,
  coin         text          NOT NULL,
  address      text          NOT NULL,
  minimum      numeric(39,0) NOT NULL CHECK (minimum > 0),
  source       text          NOT NULL CHECK (source IN ('login', 'signature')),
  set_at_ms    bigint        NOT NULL,
  signed_at_ms bigint,
  PRIMARY KEY (pool_id, coin, address)
);

-- Accounts that the last planning could not pay, and why; emptied by the next.
CREATE TABLE payout_refusal (
  pool_id integer NOT NULL REFERENCES pool,
  coin    text    NOT NULL,
  address text    NOT NULL,
  code    text    NOT NULL,
  reason  text    NOT NULL,
  owed    numeric(39,0) NOT NULL,
  at_ms   bigint  NOT NULL,
  PRIMARY KEY (pool_id, coin, address)
);

-- What people did by hand: who, what, to what, why.
CREATE TABLE operator_action (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms   bigint NOT NULL,
  who     text   NOT NULL,
  action  text   NOT NULL,
  subject text   NOT NULL,
  reason  text   NOT NULL,
  details jsonb  NOT NULL DEFAULT '{}'
);
CREATE TRIGGER operator_action_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_action
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE journal_entry
  ADD COLUMN payout_batch_id bigint REFERENCES payout_batch,
  DROP CONSTRAINT journal_entry_kind_check,
  ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured', 'block_revalued',
    'shares_credited', 'bankroll_funded', 'loss_taken', 'loss_returned',
    'payout_planned', 'payout_cancelled', 'payout_confirmed', 'payout_unconfirmed', 'payout_fee_lost'
  ));
CREATE INDEX journal_entry_by_payout ON journal_entry (payout_batch_id) WHERE payout_batch_id IS NOT NULL;

ALTER TABLE account
  DROP CONSTRAINT account_kind_check,
  ADD CONSTRAINT account_kind_check CHECK (kind IN (
    'coinbase_immature', 'wallet', 'miner_immature', 'miner_matured', 'operator_fee_immature', 'operator_fee_matured',
    'operator_bankroll_immature', 'operator_bankroll', 'operator_loss',
    'miner_paying',             -- liability, by address: planned for a payout, not yet confirmed by the chain
    'operator_network_fee'      -- equity: fees of the network that the pool bore
  )),
  DROP CONSTRAINT account_check,
  ADD CONSTRAINT account_check CHECK ((address <> '') = (kind IN ('miner_immature', 'miner_matured', 'miner_paying')));

-- Since when an account is owed is the first posting after its last payout.
DROP INDEX posting_by_account;
CREATE INDEX posting_by_account ON posting (account_id, entry_id);
`;
