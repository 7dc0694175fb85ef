/** Receipts say where the audit log had come to: miners who keep a digest keep that, too. */
export const auditAnchors = `
-- Missing in receipts from before; 0 and zeros where the log had no entry.
ALTER TABLE share_receipt
  ADD COLUMN audit_seq  bigint CHECK (audit_seq >= 0),
  ADD COLUMN audit_hash bytea  CHECK (length(audit_hash) = 32),
  ADD CHECK ((audit_seq IS NULL) = (audit_hash IS NULL));
`;
