/** What the API reads, found without reading all there is. */
export const reads = `
CREATE INDEX block_by_finder ON block (finder_address, id DESC);
CREATE INDEX block_by_round ON block (pool_id, coin, window_to DESC, id DESC) WHERE window_to IS NOT NULL;
CREATE INDEX block_paying ON block (found_at_ms DESC, id DESC) WHERE paid_in_coinbase > 0;
CREATE INDEX coinbase_payment_by_address ON coinbase_payment (address, block_id DESC);
CREATE INDEX payout_batch_by_time ON payout_batch (planned_at_ms DESC, id DESC);
CREATE INDEX payout_payee_by_address ON payout_payee (address, batch_id DESC);
`;
