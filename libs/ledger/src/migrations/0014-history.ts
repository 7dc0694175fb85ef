/** What charts show of longer ago: the hours of every worker, and how a pool and its chain were now and then. */
export const history = `
-- What went with worker_minute, an hour to a row (work/hours.ts).
CREATE TABLE worker_hour (
  worker_id bigint        NOT NULL,
  hour_ms   bigint        NOT NULL,
  first_ms  bigint        NOT NULL,
  accepted  bigint        NOT NULL,
  rejected  bigint        NOT NULL,
  work      numeric(78,0) NOT NULL,
  PRIMARY KEY (worker_id, hour_ms)
) PARTITION BY RANGE (hour_ms);

CREATE TABLE pool_sample (
  pool_id      integer       NOT NULL REFERENCES pool,
  at_ms        bigint        NOT NULL,
  miners       integer       NOT NULL,            -- seen within the ten minutes before
  workers      integer       NOT NULL,
  network_work numeric(78,0),                     -- hashes that a block was expected to take; null: not known
  PRIMARY KEY (pool_id, at_ms)
);

-- Blocks of a pool in the order in which they were found.
CREATE INDEX block_by_time ON block (pool_id, coin, found_at_ms DESC);
`;
