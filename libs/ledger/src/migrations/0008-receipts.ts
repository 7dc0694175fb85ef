/** Receipts: what fixes the accepted shares of an interval, so that nobody can change them afterwards unseen. */
export const receipts = `
-- One row a pool and interval; each carries the digest of the one before (libs/receipts says what is hashed).
CREATE TABLE share_receipt (
  pool_id        integer NOT NULL REFERENCES pool,
  number         bigint  NOT NULL CHECK (number > 0),   -- without gaps within a pool
  after_sequence bigint  NOT NULL,                      -- of the log of shares: the interval begins behind it
  to_sequence    bigint  NOT NULL CHECK (to_sequence > after_sequence),
  closed_at_ms   bigint  NOT NULL,
  batches        integer NOT NULL CHECK (batches > 0),
  shares         bigint  NOT NULL CHECK (shares > 0),
  root           bytea   NOT NULL CHECK (length(root) = 32),
  previous       bytea   NOT NULL CHECK (length(previous) = 32),
  digest         bytea   NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (pool_id, number)
);
CREATE UNIQUE INDEX share_receipt_by_sequence ON share_receipt (pool_id, to_sequence);
CREATE TRIGGER share_receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON share_receipt
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The leaves of its tree, for as long as the log has the batches: u64 sequence, 32 bytes hash, little-endian, each.
CREATE TABLE share_receipt_leaves (
  pool_id     integer NOT NULL,
  number      bigint  NOT NULL,
  to_sequence bigint  NOT NULL,
  leaves      bytea   NOT NULL,
  PRIMARY KEY (pool_id, number),
  FOREIGN KEY (pool_id, number) REFERENCES share_receipt
);
CREATE INDEX share_receipt_leaves_by_sequence ON share_receipt_leaves (to_sequence);
-- Hashes: trying to compress them costs and saves nothing.
ALTER TABLE share_receipt_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Where the interval under way begins; what is in it stands in the log. Receipts begin where the books are now.
CREATE TABLE share_interval (
  only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  after_sequence bigint  NOT NULL,
  opened_at_ms   bigint  NOT NULL DEFAULT 0
);
INSERT INTO share_interval (after_sequence) SELECT position FROM consumer WHERE name = 'SHARES';
`;
