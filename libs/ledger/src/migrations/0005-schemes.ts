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

-- What shares were worth when they were accepted, as the batches of the log say it; a row counts until the next.
CREATE TABLE share_rate (
  id               integer       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id          integer       NOT NULL REFERENCES pool,
  from_sequence    bigint        NOT NULL,      -- of the first batch that has it
  scheme           text          NOT NULL CHECK (scheme IN ('pps', 'fpps')),
  height           integer       NOT NULL,
  network_work     numeric(78,0) NOT NULL,
  subsidy          numeric(39,0) NOT NULL,
  fees             numeric(39,0) NOT NULL,      -- the estimate under fpps, nothing under pps
  fee_basis_points integer       NOT NULL
);
CREATE INDEX share_rate_by_pool ON share_rate (pool_id, id DESC);
CREATE TRIGGER share_rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON share_rate
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the estimate of fees is made of: the last template of each height.
CREATE TABLE fee_sample (
  pool_id  integer       NOT NULL REFERENCES pool,
  height   integer       NOT NULL,
  subsidy  numeric(39,0) NOT NULL,
  fees     numeric(39,0) NOT NULL,
  sequence bigint        NOT NULL,              -- of the last batch that says so
  PRIMARY KEY (pool_id, height)
);

ALTER TABLE work_entry ADD COLUMN rate_id integer;      -- null: to be paid by blocks alone
CREATE INDEX work_entry_rated ON work_entry (pool_id, sequence) WHERE rate_id IS NOT NULL;

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

-- Work by worker over stretches of a pool's entries, which follow one another (work/chunks.ts).
CREATE TABLE work_chunk (
  pool_id       integer NOT NULL REFERENCES pool,
  from_sequence bigint  NOT NULL,
  to_sequence   bigint  NOT NULL,
  pool_accepted bigint  NOT NULL,               -- shares of the pool when it was made
  slices        bytea   NOT NULL,
  PRIMARY KEY (pool_id, to_sequence)
);
ALTER TABLE work_chunk ALTER COLUMN slices SET STORAGE EXTERNAL;

-- Earnings below one atomic unit, in 2^-128 of it, carried to the next credit.
CREATE TABLE share_remainder (
  pool_id   integer       NOT NULL REFERENCES pool,
  coin      text          NOT NULL,
  address   text          NOT NULL,
  remainder numeric(39,0) NOT NULL,
  PRIMARY KEY (pool_id, coin, address)
) WITH (fillfactor = 70);

-- How far it is decided which work is paid by share, and whether the breaker lets it.
CREATE TABLE bankroll (
  pool_id    integer PRIMARY KEY REFERENCES pool,
  decided_to bigint  NOT NULL,                  -- in the log of shares
  pays       boolean NOT NULL
);

-- Each turn of the breaker: from where in the log on, and why.
CREATE TABLE bankroll_switch (
  id            bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id       integer       NOT NULL REFERENCES pool,
  from_sequence bigint        NOT NULL,
  pays          boolean       NOT NULL,
  balance       numeric(39,0) NOT NULL,
  due           numeric(39,0) NOT NULL,         -- for the shares that were next
  floor         numeric(39,0) NOT NULL,
  reserve       numeric(39,0),                  -- null: none would be enough
  at_ms         bigint        NOT NULL
);
CREATE INDEX bankroll_switch_by_pool ON bankroll_switch (pool_id, id DESC);
CREATE TRIGGER bankroll_switch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bankroll_switch
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
