/** What statements need: entries by address, and what a coin was worth when. */
export const statements = `
CREATE INDEX account_by_address ON account (address) WHERE address <> '';
CREATE INDEX share_credit_by_entry ON share_credit (entry_id);

-- By which source: whatever was converted can be converted again.
CREATE TABLE price_quote (
  coin       text   NOT NULL,
  currency   text   NOT NULL,
  at_ms      bigint NOT NULL,                     -- the source's time
  price      text   NOT NULL CHECK (price ~ '^[0-9]{1,20}([.][0-9]{1,18})?$'),   -- of one whole coin
  source     text   NOT NULL,
  seen_at_ms bigint NOT NULL,
  PRIMARY KEY (coin, currency, at_ms)             -- the first that is seen for a moment stays
);
CREATE TRIGGER price_quote_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_quote
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
