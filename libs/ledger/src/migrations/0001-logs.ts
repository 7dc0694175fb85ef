/** The durable logs SHARES and BLOCKS. */
export const logs = `
-- One row an entry, until 0016. Only one connection at a time appended to a log, so that sequences became visible in
-- their own order; gaps are possible and mean nothing.
CREATE TABLE share_log (
  sequence    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dedupe_id   bytea       NOT NULL UNIQUE,
  payload     bytea       NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE block_log (
  sequence    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dedupe_id   bytea       NOT NULL UNIQUE,
  payload     bytea       NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT now()
);

-- Share batches are mostly hashes: trying to compress them costs more than it saves.
ALTER TABLE share_log ALTER COLUMN payload SET STORAGE EXTERNAL;

-- How far each consumer has come in its log; moved in the transaction that books what it read.
CREATE TABLE consumer (
  name     text   PRIMARY KEY,
  position bigint NOT NULL
);
INSERT INTO consumer (name, position) VALUES ('SHARES', 0), ('BLOCKS', 0);
`;
