/** Who worked how much: for reward windows, for explanations, for charts. */
export const work = `
CREATE TABLE pool (
  id       integer       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name     text          NOT NULL UNIQUE,
  coin     text,                                -- null: only ever seen in shares
  terms    jsonb,                               -- scheme, window and fee as last configured
  accepted bigint        NOT NULL DEFAULT 0,    -- shares
  rejected bigint        NOT NULL DEFAULT 0,
  work     numeric(78,0) NOT NULL DEFAULT 0     -- expected hashes; 78 digits hold 2^256
);

CREATE TABLE miner (
  id      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id integer NOT NULL REFERENCES pool,
  address text    NOT NULL,
  UNIQUE (pool_id, address)
);

CREATE TABLE worker (
  id            bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_id       integer       NOT NULL REFERENCES pool,
  miner_id      bigint        NOT NULL REFERENCES miner,
  name          text          NOT NULL,
  accepted      bigint        NOT NULL DEFAULT 0,
  rejected      bigint        NOT NULL DEFAULT 0,
  work          numeric(78,0) NOT NULL DEFAULT 0,
  last_share_ms bigint,                         -- null: nothing accepted yet
  UNIQUE (miner_id, name)
) WITH (fillfactor = 70);                       -- totals change all the time: leave room to do it in place

-- Every booked share batch: where a block's window ends, and what is not to be booked again.
CREATE TABLE booked_batch (
  batch_id bytea  PRIMARY KEY,
  sequence bigint NOT NULL
);

-- One row a share batch with credited shares. total_work is the work of the pool up to and including the
-- batch, so that the far edge of a window by work is one step in an index.
CREATE TABLE work_entry (
  pool_id      integer       NOT NULL,
  sequence     bigint        NOT NULL,          -- of share_log
  closed_at_ms bigint        NOT NULL,
  shares       integer       NOT NULL,
  work         numeric(78,0) NOT NULL CHECK (work > 0),
  total_work   numeric(78,0) NOT NULL,
  PRIMARY KEY (pool_id, sequence)
);
CREATE UNIQUE INDEX work_entry_total ON work_entry (pool_id, total_work);
CREATE INDEX work_entry_time ON work_entry (pool_id, closed_at_ms);

-- The same by worker. No foreign keys in these two: they grow fastest, and one statement fills both.
CREATE TABLE work_slice (
  pool_id   integer       NOT NULL,
  sequence  bigint        NOT NULL,
  worker_id bigint        NOT NULL,
  shares    integer       NOT NULL,
  work      numeric(78,0) NOT NULL,
  PRIMARY KEY (pool_id, sequence, worker_id)
);

-- For charts and hash rates. first_ms is the first batch of the minute: a young series divides by its real age.
CREATE TABLE pool_minute (
  pool_id   integer       NOT NULL,
  minute_ms bigint        NOT NULL,
  first_ms  bigint        NOT NULL,
  accepted  bigint        NOT NULL,
  rejected  bigint        NOT NULL,
  work      numeric(78,0) NOT NULL,
  PRIMARY KEY (pool_id, minute_ms)
);

CREATE TABLE worker_minute (
  pool_id   integer       NOT NULL,
  minute_ms bigint        NOT NULL,
  worker_id bigint        NOT NULL,
  first_ms  bigint        NOT NULL,
  accepted  bigint        NOT NULL,
  rejected  bigint        NOT NULL,
  work      numeric(78,0) NOT NULL,
  PRIMARY KEY (pool_id, minute_ms, worker_id)
);
`;
