/** Who worked how much: for reward windows, for explanations, for charts. */
export const work = `
CREATE TABLE pool (
  id       integer       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name     text          NOT NULL UNIQUE,
  coin     text,                                -- null: only ever seen in shares
  terms    jsonb,                               -- scheme, window and fee as last configured
  accepted bigint        NOT NULL DEFAULT 0,    -- shares
  rejected bigint        NOT NULL DEFAULT 0,
  -- accepted shares that stand in the log a second time: counted here and nowhere else
  duplicates bigint      NOT NULL DEFAULT 0,
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

-- The tables that grow with the log come in partitions, made ahead and dropped whole (work/partitions.ts).
CREATE TABLE partition_range (
  parent     text   NOT NULL,
  from_value bigint NOT NULL,
  to_value   bigint NOT NULL,                   -- not included
  made_at_ms bigint NOT NULL,
  PRIMARY KEY (parent, from_value)
);

-- Every booked share batch: where a block's window ends, and what is not to be booked again. That an id is in
-- once is the booking's doing: no index spans partitions.
CREATE TABLE booked_batch (
  booked_at_ms bigint NOT NULL,
  batch_id     bytea  NOT NULL,
  sequence     bigint NOT NULL
) PARTITION BY RANGE (booked_at_ms);
CREATE INDEX booked_batch_id ON booked_batch (batch_id);

-- The part of the log in which a share is known when it comes again (work/recent-shares.ts).
CREATE TABLE share_horizon (
  only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  older_from     bigint  NOT NULL DEFAULT 0,
  newer_from     bigint  NOT NULL DEFAULT 0,
  newer_since_ms bigint  NOT NULL DEFAULT 0,
  newer_records  bigint  NOT NULL DEFAULT 0
);
INSERT INTO share_horizon DEFAULT VALUES;

-- One row a share batch with credited shares. total_work is the work of the pool up to and including the
-- batch, so that the far edge of a window by work is one step in an index.
CREATE TABLE work_entry (
  pool_id      integer       NOT NULL,
  sequence     bigint        NOT NULL,          -- of the log of shares
  closed_at_ms bigint        NOT NULL,
  shares       integer       NOT NULL,
  work         numeric(78,0) NOT NULL CHECK (work > 0),
  total_work   numeric(78,0) NOT NULL,
  slices       bytea         NOT NULL,          -- the same by worker (work/slices.ts)
  PRIMARY KEY (pool_id, sequence)
) PARTITION BY RANGE (sequence);
CREATE INDEX work_entry_total ON work_entry (pool_id, total_work);
CREATE INDEX work_entry_time ON work_entry (pool_id, closed_at_ms) INCLUDE (sequence);
-- Slices are small numbers of many kinds: trying to compress them costs more than it saves.
ALTER TABLE work_entry ALTER COLUMN slices SET STORAGE EXTERNAL;

-- The slices as rows, for whoever explains a window.
CREATE VIEW work_slice AS
SELECT entry.pool_id, entry.sequence,
       ('x' || encode(substring(slice FROM 1 FOR 8), 'hex'))::bit(64)::bigint AS worker_id,
       ('x' || encode(substring(slice FROM 9 FOR 4), 'hex'))::bit(32)::bigint AS shares,
       ('x' || encode(substring(slice FROM 13 FOR 4), 'hex'))::bit(32)::bigint * 79228162514264337593543950336::numeric
         + ('x' || encode(substring(slice FROM 17 FOR 4), 'hex'))::bit(32)::bigint * 18446744073709551616::numeric
         + ('x' || encode(substring(slice FROM 21 FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
         + ('x' || encode(substring(slice FROM 25 FOR 4), 'hex'))::bit(32)::bigint AS work
  FROM work_entry entry
 CROSS JOIN generate_series(0, length(entry.slices) / 28 - 1) AS number
 CROSS JOIN LATERAL substring(entry.slices FROM number * 28 + 1 FOR 28) AS slice;

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
) PARTITION BY RANGE (minute_ms);
`;
