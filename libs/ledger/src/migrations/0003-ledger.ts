/** Blocks and money. */
export const ledger = `
-- A block of ours. Its state follows the chain; each change of state that moves money has its journal entry.
CREATE TABLE block (
  id              bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id         integer       NOT NULL REFERENCES pool,
  coin            text          NOT NULL,
  height          integer       NOT NULL,
  hash            text          NOT NULL,
  prev_hash       text          NOT NULL,
  coinbase_txid   text          NOT NULL,
  reward          numeric(39,0) NOT NULL CHECK (reward >= 0),
  network_work    numeric(78,0) NOT NULL,
  finder_address  text          NOT NULL,
  finder_worker   text          NOT NULL,
  batch_id        bytea         NOT NULL,
  found_at_ms     bigint        NOT NULL,
  state           text          NOT NULL CHECK (state IN ('immature', 'matured', 'orphaned', 'rejected')),
  reason          text,                         -- the daemon's word for a rejected one
  confirmations   integer       NOT NULL DEFAULT 0,
  terms           jsonb,                        -- scheme, window and fee it was credited under
  window_from     bigint,                       -- sequences of share_log that share the reward
  window_to       bigint,                       -- where the round of this block ends
  window_work     numeric(78,0),
  window_capacity numeric(78,0),                -- null where a window has no size in work
  round_work      numeric(78,0),                -- since the block before it
  UNIQUE (coin, hash)
);
CREATE INDEX block_by_pool ON block (pool_id, height DESC);

-- Assets are positive, what we owe and what is the operator's own is negative: every entry adds up to zero.
-- numeric(39,0) holds any 128-bit amount: wei and piconero do not fit into a bigint.
CREATE TABLE account (
  id      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id integer NOT NULL REFERENCES pool,
  coin    text    NOT NULL,
  kind    text    NOT NULL CHECK (kind IN (
    'coinbase_immature',        -- asset: block rewards that the chain does not let us spend yet
    'wallet',                   -- asset: coins that the pool can spend
    'miner_immature',           -- liability, by address: credits of blocks that may still be orphaned
    'miner_matured',            -- liability, by address: what a miner can be paid
    'operator_fee_immature',    -- equity: the operator's fee, likewise
    'operator_fee_matured'      -- equity
  )),
  address text    NOT NULL DEFAULT '',          -- whose; empty for the pool's own accounts
  UNIQUE (pool_id, coin, kind, address),
  CHECK ((address <> '') = (kind IN ('miner_immature', 'miner_matured')))
);

-- Kept by a trigger; prove() compares it with the postings.
CREATE TABLE account_balance (
  account_id bigint        PRIMARY KEY REFERENCES account,
  balance    numeric(39,0) NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE journal_entry (
  id             bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id        integer NOT NULL REFERENCES pool,
  kind           text    NOT NULL CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured'
  )),
  block_id       bigint  REFERENCES block,
  reverses       bigint  UNIQUE REFERENCES journal_entry,    -- an entry is taken back once at most
  at_ms          bigint  NOT NULL,
  transaction_id xid8    NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX journal_entry_by_block ON journal_entry (block_id);

CREATE TABLE posting (
  entry_id   bigint        NOT NULL REFERENCES journal_entry,
  account_id bigint        NOT NULL REFERENCES account,
  amount     numeric(39,0) NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry_id, account_id)
);
CREATE INDEX posting_by_account ON posting (account_id);

-- The postings of an entry come in one statement, in the transaction of the entry, and balance in each coin.
CREATE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong bigint;
BEGIN
  SELECT entry.id INTO wrong
    FROM journal_entry entry
   WHERE entry.id IN (SELECT entry_id FROM added)
     AND entry.transaction_id <> pg_current_xact_id()
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % is closed', wrong USING ERRCODE = 'integrity_constraint_violation';
  END IF;

  SELECT posting.entry_id INTO wrong
    FROM posting JOIN account ON account.id = posting.account_id
   WHERE posting.entry_id IN (SELECT entry_id FROM added)
   GROUP BY posting.entry_id, account.coin
  HAVING sum(posting.amount) <> 0
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % does not balance', wrong USING ERRCODE = 'integrity_constraint_violation';
  END IF;

  INSERT INTO account_balance AS kept (account_id, balance)
  SELECT account_id, sum(amount) FROM added GROUP BY account_id
  ON CONFLICT (account_id) DO UPDATE SET balance = kept.balance + EXCLUDED.balance;
  RETURN NULL;
END $$;

CREATE TRIGGER posting_check AFTER INSERT ON posting
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_postings();

-- An entry without postings says nothing; known only when its transaction ends.
CREATE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM posting WHERE entry_id = NEW.id) THEN
    RAISE EXCEPTION 'journal entry % is empty', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER journal_entry_check AFTER INSERT ON journal_entry
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_entry();

-- History is corrected by reversing entries, never by changing it.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER block_kept BEFORE DELETE OR TRUNCATE ON block
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
